"""A database with the shared tables only, for the tests of what every service stands on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from socle.donnees.db import Database
from socle.donnees.migrations import socle_v1, socle_v2, socle_v4
from sqlalchemy import Connection, text

MIDI = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class HorlogeReglable:
    """A clock that moves when told to."""

    def __init__(self, instant: datetime = MIDI) -> None:
        self.instant = instant

    def __call__(self) -> datetime:
        return self.instant

    def avancer(self, **duree: float) -> None:
        self.instant += timedelta(**duree)


def creer_tables(connexion: Connection) -> None:
    """Create the shared tables, by their migration."""
    with Operations.context(MigrationContext.configure(connexion)):
        socle_v1.creer()
        socle_v2.creer()
        socle_v4.ajouter()


@asynccontextmanager
async def base_du_socle(url: str, **options: Any) -> AsyncIterator[Database]:
    """Open a new database, with the shared tables in it, and close it."""
    base = Database(url, **options)
    try:
        async with base.moteur.begin() as connexion:
            await connexion.run_sync(creer_tables)
        yield base
    finally:
        await base.fermer()


async def compter(base: Database, table: str, ou: str = "1 = 1") -> int:
    """Count the rows of a table."""
    async with base.read() as session:
        return int((await session.execute(text(f"SELECT count(*) FROM {table} WHERE {ou}"))).scalar_one())
