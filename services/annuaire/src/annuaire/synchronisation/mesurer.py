"""What a plan does to the records that it matches, measured once it is whole, for the guards."""

from __future__ import annotations

import asyncio
import json
from uuid import UUID

from socle.donnees.db import Database

from annuaire.synchronisation import repository
from annuaire.synchronisation.gardes import Ecarts

LOT = 100


async def mesurer(base: Database, run_id: UUID, source_id: str) -> Ecarts:
    """Compare each modified record with the one in force; a record unchanged costs nothing."""
    ecarts, apres = Ecarts(), 0
    while True:
        async with base.read() as session:
            lot = await repository.modifies_du_plan(session, run_id, source_id, apres=apres, limite=LOT)
        for _, avant, ensuite in lot:
            ecarts.compter(json.loads(avant), json.loads(ensuite))
        if len(lot) < LOT:
            return ecarts
        apres = lot[-1][0]
        await asyncio.sleep(0)
