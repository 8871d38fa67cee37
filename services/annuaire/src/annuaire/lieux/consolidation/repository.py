"""The SQL of consolidation: which place a record bears on, and all the records that bear on a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from socle.donnees.db import ReadSession
from sqlalchemy import bindparam, func, select, true
from sqlmodel import col

from annuaire.lieux.tables import Fiche, Lieu

LOT = 500


@dataclass(frozen=True, slots=True)
class Place:
    """The place that a record bears on now; `seule`: no other record in force does."""

    lieu_id: UUID
    seule: bool


@dataclass(frozen=True, slots=True)
class FicheEnVigueur:
    """A record in force: `normalise` is its canonical JSON."""

    source_id: str
    cle: str
    lieu_id: UUID
    normalise: bytes
    lue_le: datetime
    origines: dict[str, str] | None


async def places_des_cles(session: ReadSession, source_id: str, cles: Sequence[str]) -> dict[str, Place]:
    """Return where the known records of a source are now: a plan may be older than a merge or a separation."""
    trouvees: dict[str, Place] = {}
    for debut in range(0, len(cles), LOT):
        lignes = await session.execute(_PLACES, {"la_source": source_id, "les_cles": cles[debut : debut + LOT]})
        # of a place in force that one record alone bears on, this one is in force: it is that record
        trouvees |= {cle: Place(id, not (retiree or retire or partage)) for cle, id, retiree, retire, partage in lignes}
    return trouvees


async def pivots(session: ReadSession, ids: Sequence[UUID]) -> set[str]:
    """Return the pivots that these places show."""
    trouves: set[str] = set()
    for debut in range(0, len(ids), LOT):
        lignes = await session.scalars(select(col(Lieu.pivot)).where(col(Lieu.id).in_(ids[debut : debut + LOT])))
        trouves |= {pivot for pivot in lignes if pivot}
    return trouves


async def fiches_des_lieux(
    session: ReadSession, ids: Sequence[UUID], *, sauf: tuple[str, Sequence[str]] | None = None
) -> list[FicheEnVigueur]:
    """Return the records in force that bear on these places, but for those of a source and keys."""
    trouvees: list[FicheEnVigueur] = []
    for debut in range(0, len(ids), LOT):
        demande: dict[str, Any] = {"les_ids": ids[debut : debut + LOT]}
        requete = _FICHES
        if sauf is not None:
            requete = _AUTRES_FICHES
            demande |= {"la_source": sauf[0], "les_cles": list(sauf[1])}
        trouvees += [FicheEnVigueur(*ligne) for ligne in await session.execute(requete, demande)]
    return trouvees


_PLACES = (
    select(
        col(Fiche.cle), col(Fiche.lieu_id), col(Fiche.retiree), func.coalesce(col(Lieu.supprime), true()),
        func.coalesce(col(Lieu.partage), true()),
    )
    .outerjoin(Lieu, col(Lieu.id) == col(Fiche.lieu_id))
    .where(col(Fiche.source_id) == bindparam("la_source"), col(Fiche.cle).in_(bindparam("les_cles", expanding=True)))
)  # fmt: skip
_FICHES = select(
    col(Fiche.source_id), col(Fiche.cle), col(Fiche.lieu_id), col(Fiche.normalise), col(Fiche.lue_le),
    col(Fiche.origines),
).where(col(Fiche.lieu_id).in_(bindparam("les_ids", expanding=True)), ~col(Fiche.retiree))  # fmt: skip
_AUTRES_FICHES = _FICHES.where(
    (col(Fiche.source_id) != bindparam("la_source")) | col(Fiche.cle).not_in(bindparam("les_cles", expanding=True))
)
