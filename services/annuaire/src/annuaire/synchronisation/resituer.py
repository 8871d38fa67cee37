"""A new layer of quarters, or a source told otherwise: places are made again, those that differ are published."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from socle.donnees.db import Database, WriteSession
from socle.horloge import Horloge

from annuaire.lieux import repository
from annuaire.lieux.consolidation import repository as consolidation
from annuaire.lieux.service import LOT, Outils, Suivi, montrer_de_nouveau, suivre_les_structures
from annuaire.lieux.situer import Situeur
from annuaire.structures import service as structures


async def resituer(
    base: Database, charge: dict[str, Any], *, situeur: Situeur, outils: Outils, horloge: Horloge
) -> None:
    """Situate every place in force again, a batch a transaction, so that lists go on coming in meanwhile.

    `charge` may name the only `source` to go through. A place already right is not published again: starting again
    after a stop costs a reading.
    """
    seule: str | None = charge.get("source")
    async with base.read() as session:
        await situeur.suivre(session)
    apres: UUID | None = None
    while True:
        async with base.write() as session:
            apres = await _un_lot(session, apres, seule, outils, horloge)
        if apres is None:
            return


async def _un_lot(
    session: WriteSession, apres: UUID | None, seule: str | None, outils: Outils, horloge: Horloge
) -> UUID | None:
    await structures.reserver(session)
    ids = await repository.lieux_en_vigueur(session, apres=apres, limite=LOT, source_id=seule)
    suivi = Suivi(outils, horloge())
    suivi.pivots |= await consolidation.pivots(session, ids)
    await montrer_de_nouveau(session, ids, suivi=suivi)
    # a record whose source has another rank may give its place another pivot
    await suivre_les_structures(session, suivi)
    return ids[-1] if len(ids) == LOT else None
