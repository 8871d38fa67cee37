"""Communes and EPCI are structures from the start: a directory of the politique de la ville is nothing without them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from socle.donnees.db import Database
from socle.identifiants import uuid7

from annuaire.structures import repository, service
from annuaire.structures.rules import FicheStructure
from annuaire.territoires.referentiel import Referentiel

TYPE = "collectivite"
LOT = 1000


async def semer(base: Database, referentiel: Referentiel, *, plier: Callable[[str], str], le: datetime) -> int:
    """Write the communes and EPCI that have a SIREN and are not structures yet; return how many were written."""
    voulues = _fiches(referentiel)
    ecrites = 0
    for debut in range(0, len(voulues), LOT):
        lot = voulues[debut : debut + LOT]
        async with base.read() as lecture:
            connues = await repository.par_pivot(lecture, [f.pivot for f in lot if f.pivot])
        nouvelles = [f for f in lot if f.pivot not in connues]
        if nouvelles:
            async with base.write() as session:
                ecrites += len(await service.enregistrer(session, nouvelles, plier=plier, le=le))
    return ecrites


def _fiches(referentiel: Referentiel) -> list[FicheStructure]:
    communes = [
        FicheStructure(
            id=uuid7(), origine="reference", pivot=c.siren, nom=f"Commune de {c.nom}", types=(TYPE,),
            code_insee=c.code, departement=c.departement, region=c.region, epci=c.epci,
        )
        for c in referentiel.communes()
        if c.siren
    ]  # fmt: skip
    groupements = [
        FicheStructure(id=uuid7(), origine="reference", pivot=g.code, nom=g.nom, types=(TYPE,), epci=g.code)
        for g in referentiel.groupements()
    ]
    return communes + groupements
