"""What a plan does to the records that it matches, measured once it is whole, for the guards."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from uuid import UUID

from socle.donnees.db import Database

from annuaire.synchronisation import repository
from annuaire.synchronisation.gardes import Ecarts

LOT = 500


async def mesurer(base: Database, run_id: UUID, source_id: str) -> Ecarts:
    """Compare each modified record with the one in force; a record unchanged costs nothing."""
    ecarts, apres = Ecarts(), 0
    async with base.read() as session:
        while True:
            lot = await repository.modifies_du_plan(session, run_id, source_id, apres=apres, limite=LOT)
            # pure, and long for a whole list: off the event loop, readers go on
            await asyncio.to_thread(_compter, ecarts, lot)
            if len(lot) < LOT:
                return ecarts
            apres = lot[-1][0]


def _compter(ecarts: Ecarts, lot: Sequence[tuple[int, bytes, bytes]]) -> None:
    for _, avant, ensuite in lot:
        ecarts.compter(json.loads(avant), json.loads(ensuite))
