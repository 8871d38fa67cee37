"""An annuaire of its own, where records of several sources are compared."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fabriques.annuaire import Annuaire, ouvrir


@pytest.fixture
async def rapproche(tmp_path: Path) -> AsyncIterator[Annuaire]:
    """A new annuaire on SQLite."""
    async with ouvrir(tmp_path, f"sqlite:{tmp_path / 'annuaire.db'}", rapprochement=True, runs_par_heure=10_000) as a:
        yield a
