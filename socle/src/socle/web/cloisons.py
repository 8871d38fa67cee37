"""Bulkheads: long answers have a few places of their own, so that they never take those of short ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from socle.errors import Indisponible

ATTENTE = 0.2
"""Seconds for which a request waits for a place before it is sent back."""


class CloisonPleine(Indisponible):
    code, titre = "cloison-pleine", "Trop de demandes longues sont en cours"


class Cloison:
    """`places` requests at once in one process; the next ones wait a moment, then are told to come back."""

    def __init__(self, places: int, *, attente: float = ATTENTE) -> None:
        self._places = asyncio.Semaphore(places)
        self._attente = attente

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place for the time of the block. Raises `CloisonPleine` (503) when none comes free in time."""
        try:
            async with asyncio.timeout(self._attente):
                await self._places.acquire()
        except TimeoutError:
            raise CloisonPleine("Réessayez dans quelques secondes.", entetes={"Retry-After": "5"}) from None
        try:
            yield
        finally:
            self._places.release()
