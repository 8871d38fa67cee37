"""A directory of 1,700 fictional places for all the tests of reading of a worker: nobody writes in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.fabriques.repertoire import MAINTENANT, Repertoire, ouvrir_repertoire

if TYPE_CHECKING:
    from tests.conftest import ServeurPostgresql


@pytest.fixture(scope="session")
async def repertoire_sqlite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Repertoire]:
    """Directory on SQLite."""
    dossier = tmp_path_factory.mktemp("repertoire-sqlite")
    async with ouvrir_repertoire(dossier, f"sqlite:{dossier / 'annuaire.db'}") as repertoire:
        yield repertoire


@pytest.fixture(scope="session")
async def repertoire_postgresql(
    tmp_path_factory: pytest.TempPathFactory, serveur_postgresql: ServeurPostgresql
) -> AsyncIterator[Repertoire]:
    """Directory on PostgreSQL."""
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
