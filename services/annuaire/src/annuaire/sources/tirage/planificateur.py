"""The clock of the fetches: promises each one when its time has come.

Every process has one; the database lets one at a time decide, and a fetch that is promised is taken under a lease, so
that it is made once whatever their number. The times are rows: a process that dies forgets nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from socle.donnees.db import Database
from socle.horloge import Horloge

from annuaire.sources.tirage import repository, service

PAUSE = 20.0
"""Seconds between two looks: little beside the quarter of an hour of the shortest cadence."""

journal = structlog.get_logger(__name__)


class Planificateur:
    """Looks at the times of the fetches for as long as the service lives."""

    def __init__(self, base: Database, *, horloge: Horloge, reveiller: Callable[[], None]) -> None:
        self._base, self._horloge, self._reveiller = base, horloge, reveiller

    async def tourner(self) -> None:
        """Look for ever; a fault of the database is waited out, never fatal."""
        while True:
            try:
                await self.regarder()
            except Exception:
                journal.exception("planificateur.interrompu")
            await asyncio.sleep(PAUSE)

    async def regarder(self) -> int:
        """Promise what is due; return how many fetches were promised."""
        le = self._horloge()
        # nothing is due nearly always: look without taking the writer's turn
        async with self._base.read() as lecture:
            if not await repository.dus(lecture, le, promis_avant=le - service.PROMESSE, limite=1):
                return 0
        async with self._base.write() as session:
            promis = await service.promettre_les_dus(session, le=le)
            session.apres_commit(self._reveiller)
        return promis
