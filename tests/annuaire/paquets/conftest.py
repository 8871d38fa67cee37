"""A clock that stands still, and packs built by a service that has none yet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from annuaire.paquets.service import Paquets

from tests.fabriques.annuaire import Annuaire


@pytest.fixture(autouse=True)
def paquets(request: pytest.FixtureRequest) -> Iterator[Paquets | None]:
    """A new reserve for each test that has an annuaire."""
    if "annuaire" not in request.fixturenames:
        yield None
        return
    annuaire: Annuaire = request.getfixturevalue("annuaire")
    assert annuaire.app is not None
    avant, annuaire.app.state.paquets = annuaire.app.state.paquets, Paquets()
    yield annuaire.app.state.paquets
    annuaire.app.state.paquets = avant
