"""The committed reference, shared by the tests of territories."""

from __future__ import annotations

import pytest
from annuaire.territoires.referentiel import Referentiel


@pytest.fixture(scope="session")
def referentiel() -> Referentiel:
    return Referentiel.charger()
