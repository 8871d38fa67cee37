"""A new layer of quarters: every place is situated again, and those whose quarter changed are published."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from socle.donnees.db import Database, WriteSession
from socle.horloge import Horloge

from annuaire.lieux import repository
from annuaire.lieux.service import LOT, Outils, Suivi, montrer_de_nouveau
from annuaire.lieux.situer import Situeur
from annuaire.structures import service as structures


async def resituer(
    base: Database, _charge: dict[str, Any], *, situeur: Situeur, outils: Outils, horloge: Horloge
) -> None:
    """Situate every place in force again, a batch a transaction, so that lists go on coming in meanwhile.

    A place already right is not written: starting again after a stop costs a reading.
    """
    async with base.read() as session:
        await situeur.suivre(session)
    apres: UUID | None = None
    while True:
        async with base.write() as session:
            apres = await _un_lot(session, apres, outils, horloge)
        if apres is None:
            return


async def _un_lot(session: WriteSession, apres: UUID | None, outils: Outils, horloge: Horloge) -> UUID | None:
    await structures.reserver(session)
    ids = await repository.lieux_en_vigueur(session, apres=apres, limite=LOT)
    await montrer_de_nouveau(session, ids, suivi=Suivi(outils, horloge()))
    return ids[-1] if len(ids) == LOT else None
