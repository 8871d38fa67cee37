"""Use cases of the exports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

from socle.donnees import feed
from socle.donnees.db import Database, ReadSession

from annuaire.lieux import repository

MORCEAU = 64 * 1024


@dataclass(frozen=True, slots=True)
class Copie:
    """A copy under way: the change number of its snapshot, and its bytes. The snapshot is held while they are read."""

    numero: int
    morceaux: AsyncIterator[bytes]


async def copier(base: Database) -> Copie:
    """Open one snapshot of every place in force, as NDJSON; the last line counts them."""
    async with AsyncExitStack() as pile:
        session = await pile.enter_async_context(base.read(instantane=True))
        numero = await feed.dernier_numero(session)
        return Copie(numero, _lignes(pile.pop_all(), session, numero))


async def _lignes(pile: AsyncExitStack, session: ReadSession, numero: int) -> AsyncIterator[bytes]:
    async with pile:
        morceau, lignes = bytearray(), 0
        async for octets in repository.parcourir(session):
            morceau += octets + b"\n"
            lignes += 1
            if len(morceau) >= MORCEAU:
                yield bytes(morceau)
                morceau.clear()
        yield bytes(morceau) + b'{"fin":true,"lignes":%d,"changement_numero":%d}\n' % (lignes, numero)
