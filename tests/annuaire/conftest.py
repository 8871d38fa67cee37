"""One annuaire of each kind for all the tests of a worker: each test works in sources of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.fabriques.annuaire import Annuaire, ouvrir
from tests.fabriques.horloge import Horloge
from tests.fabriques.repertoire import MAINTENANT, Repertoire, ouvrir_repertoire

if TYPE_CHECKING:
    from tests.conftest import ServeurPostgresql


@pytest.fixture(scope="session")
async def annuaire_sqlite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Annuaire]:
    """Annuaire on SQLite."""
    dossier: Path = tmp_path_factory.mktemp("annuaire-sqlite")
    async with ouvrir(dossier, f"sqlite:{dossier / 'annuaire.db'}") as annuaire:
        yield annuaire


@pytest.fixture(scope="session")
async def annuaire_postgresql(
    tmp_path_factory: pytest.TempPathFactory, serveur_postgresql: ServeurPostgresql
) -> AsyncIterator[Annuaire]:
    """Annuaire on PostgreSQL."""
    base = f"s{uuid4().hex}"
    serveur_postgresql.executer(f"CREATE DATABASE {base} TEMPLATE template0 STRATEGY file_copy")
    async with ouvrir(tmp_path_factory.mktemp("annuaire-pg"), serveur_postgresql.url(base)) as annuaire:
        yield annuaire
    serveur_postgresql.executer(f"DROP DATABASE {base} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def annuaire(request: pytest.FixtureRequest) -> Annuaire:
    """A running annuaire, of both kinds in turn; it is shared: read and write in your own sources."""
    partage: Annuaire = request.getfixturevalue(f"annuaire_{request.param}")
    return partage


@pytest.fixture(scope="session")
async def repertoire_sqlite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Repertoire]:
    """Directory of 1,800 fictional places on SQLite, where nobody writes."""
    dossier = tmp_path_factory.mktemp("repertoire-sqlite")
    async with ouvrir_repertoire(dossier, f"sqlite:{dossier / 'annuaire.db'}") as repertoire:
        yield repertoire


@pytest.fixture(scope="session")
async def repertoire_postgresql(
    tmp_path_factory: pytest.TempPathFactory, serveur_postgresql: ServeurPostgresql
) -> AsyncIterator[Repertoire]:
    """The same on PostgreSQL."""
    base = f"r{uuid4().hex}"
    serveur_postgresql.executer(f"CREATE DATABASE {base} TEMPLATE template0 STRATEGY file_copy")
    async with ouvrir_repertoire(tmp_path_factory.mktemp("repertoire-pg"), serveur_postgresql.url(base)) as repertoire:
        yield repertoire
    serveur_postgresql.executer(f"DROP DATABASE {base} WITH (FORCE)")


@pytest.fixture
def repertoire(repertoire_sqlite: Repertoire) -> Repertoire:
    """The directory, its clock put back."""
    repertoire_sqlite.horloge.instant = MAINTENANT
    return repertoire_sqlite


@pytest.fixture
def horloge(annuaire: Annuaire) -> Iterator[Horloge]:
    """The clock of this annuaire, stopped for the time of the test."""
    assert annuaire.app is not None
    vrai, fausse = annuaire.contexte, Horloge()
    annuaire.app.state.contexte = dataclasses.replace(vrai, horloge=fausse)
    yield fausse
    annuaire.app.state.contexte = vrai
