"""A clock that stands still, and packs built by a service that has none yet."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from annuaire.paquets.service import Paquets

from tests.fabriques.annuaire import Annuaire


class Horloge:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 3, 10, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def a(self, iso: str) -> None:
        """Move to an instant."""
        self.instant = datetime.fromisoformat(iso)


@pytest.fixture
def horloge(annuaire: Annuaire) -> Iterator[Horloge]:
    """The clock of this annuaire, stopped for the time of the test."""
    assert annuaire.app is not None
    vrai, fausse = annuaire.contexte, Horloge()
    annuaire.app.state.contexte = dataclasses.replace(vrai, horloge=fausse)
    yield fausse
    annuaire.app.state.contexte = vrai


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
