"""The history of annuaire's tables."""

from __future__ import annotations

from pathlib import Path

DOSSIER = Path(__file__).parent
