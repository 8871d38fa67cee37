"""What a service that only answers questions does not carry in memory."""

from __future__ import annotations

import subprocess
import sys

RARES = ("alembic", "meilisearch", "phonenumbers", "requests")


def test_le_service_n_importe_pas_ce_qui_lui_sert_rarement() -> None:
    programme = f"import sys, annuaire.app; print([nom for nom in {RARES} if nom in sys.modules])"
    dits = subprocess.run([sys.executable, "-c", programme], capture_output=True, text=True, check=True)
    assert dits.stdout.strip() == "[]"
