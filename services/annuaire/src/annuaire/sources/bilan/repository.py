"""All the SQL of the report of a source."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from socle.donnees.db import ReadSession
from sqlalchemy import func, select
from sqlmodel import col

from annuaire.lieux.repository import Filtres
from annuaire.lieux.tables import Fiche, Lieu
from annuaire.synchronisation.tables import LigneRapport

LOT = 500


@dataclass(frozen=True, slots=True)
class FicheDuBilan:
    """A record in force: `normalise` is its canonical JSON, `partage` whether others bear on its place."""

    cle: str
    lieu_id: UUID
    normalise: bytes
    lue_le: datetime
    partage: bool | None


@dataclass(frozen=True, slots=True)
class GroupeDuRapport:
    """The entries of a row report that share a code and a field, the rows they bear on, and the first of them."""

    code: str
    champ: str | None
    entrees: int
    lignes: int
    premier: int


@dataclass(frozen=True, slots=True)
class Etendue:
    """Places of a département, and communes in which they lie."""

    lieux: int
    communes: int


async def lots_de_fiches(session: ReadSession, source_id: str, *, lot: int) -> AsyncIterator[list[FicheDuBilan]]:
    """Walk through the records in force of a source by batches, in the order of keys."""
    apres = ""
    while True:
        lignes = await session.execute(
            select(col(Fiche.cle), col(Fiche.lieu_id), col(Fiche.normalise), col(Fiche.lue_le), col(Lieu.partage))
            .outerjoin(Lieu, col(Lieu.id) == col(Fiche.lieu_id))
            .where(col(Fiche.source_id) == source_id, col(Fiche.cle) > apres, ~col(Fiche.retiree))
            .order_by(col(Fiche.cle))
            .limit(lot)
        )
        fiches = [FicheDuBilan(*ligne) for ligne in lignes]
        if fiches:
            yield fiches
        if len(fiches) < lot:
            return
        apres = fiches[-1].cle


async def groupes_du_rapport(session: ReadSession, run_id: UUID) -> list[GroupeDuRapport]:
    """Count the entries of a row report, and the rows that they bear on, by code and field."""
    lignes = await session.execute(
        select(
            col(LigneRapport.code),
            col(LigneRapport.champ),
            func.count(),
            func.count(col(LigneRapport.ligne).distinct()),
            func.min(col(LigneRapport.rang)),
        )
        .where(col(LigneRapport.run_id) == run_id)
        .group_by(col(LigneRapport.code), col(LigneRapport.champ))
    )
    return [GroupeDuRapport(*ligne) for ligne in lignes]


async def lignes_du_rapport(session: ReadSession, run_id: UUID, rangs: Sequence[int]) -> dict[int, LigneRapport]:
    """Return these entries of a row report, by rank."""
    trouvees: dict[int, LigneRapport] = {}
    for debut in range(0, len(rangs), LOT):
        lignes = await session.scalars(
            select(LigneRapport).where(
                col(LigneRapport.run_id) == run_id, col(LigneRapport.rang).in_(rangs[debut : debut + LOT])
            )
        )
        trouvees |= {ligne.rang: ligne for ligne in lignes}
    return trouvees


async def etendues(
    session: ReadSession, *, source_id: str | None = None, departements: Collection[str | None] = ()
) -> dict[str | None, Etendue]:
    """Measure by département the places in force: those of a source, or all those of these départements."""
    if source_id is not None:
        parmi = Filtres(source_id=(source_id,)).conditions()
    else:
        la = col(Lieu.departement).in_([code for code in departements if code is not None])
        parmi = [la | col(Lieu.departement).is_(None) if None in departements else la]
    lignes = await session.execute(
        select(col(Lieu.departement), func.count(), func.count(col(Lieu.code_insee).distinct()))
        .where(~col(Lieu.supprime), *parmi)
        .group_by(col(Lieu.departement))
    )
    return {ligne[0]: Etendue(ligne[1], ligne[2]) for ligne in lignes}
