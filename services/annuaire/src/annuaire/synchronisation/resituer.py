"""A new layer of quarters, or a source told otherwise: places are made again, those that differ are published."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

from socle.donnees.db import Database, WriteSession
from socle.horloge import Horloge

from annuaire.lieux import repository
from annuaire.lieux.normalise import LieuNormalise
from annuaire.lieux.projection import SourceCitee
from annuaire.lieux.service import LOT, Enregistrement, Outils, montrer
from annuaire.lieux.situer import Situeur
from annuaire.lieux.tables import Fiche
from annuaire.sources import repository as sources
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
    depart: repository.Depart | None = (seule or "", "")
    while depart is not None:
        async with base.write() as session:
            depart = await _un_lot(session, depart, seule, outils, horloge)


async def _un_lot(
    session: WriteSession, depart: repository.Depart, seule: str | None, outils: Outils, horloge: Horloge
) -> repository.Depart | None:
    await structures.reserver(session)
    fiches = await repository.fiches_vivantes(session, apres=depart, limite=LOT, source_id=seule)
    for source_id, groupe in groupby(fiches, key=lambda fiche: fiche.source_id):
        source = await sources.lire(session, source_id)
        if source is None:
            raise LookupError(f"Des fiches citent une source qui n'existe pas : {source_id}.")
        citee = SourceCitee(source.id, source.licence, source.base_contacts)
        lot = [_enregistrement(fiche) for fiche in groupe]
        ids = await structures.ids_des_pivots(session, {e.fiche.pivot for e in lot if e.fiche.pivot})
        await montrer(session, lot, source=citee, ids_structures=ids, outils=outils, le=horloge())
    return (fiches[-1].source_id, fiches[-1].cle) if len(fiches) == LOT else None


def _enregistrement(fiche: Fiche) -> Enregistrement:
    return Enregistrement(
        cle=fiche.cle,
        lieu_id=fiche.lieu_id,
        ligne=fiche.ligne,
        brut=fiche.brut,
        normalise=fiche.normalise,
        empreinte=fiche.empreinte,
        origines=fiche.origines,
        fiche=LieuNormalise.de_dict(json.loads(fiche.normalise)),
    )
