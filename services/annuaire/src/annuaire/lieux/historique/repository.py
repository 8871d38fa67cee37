"""All the SQL of the history of places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from socle.donnees.db import ReadSession, WriteSession
from socle.donnees.tables import Publication
from socle.identifiants import uuid7
from sqlalchemy import delete, insert, select
from sqlmodel import col

from annuaire.lieux.historique.rules import Trace
from annuaire.lieux.historique.tables import LigneHistorique
from annuaire.lieux.repository import KIND

LOT = 500


async def documents(session: ReadSession, ids: Sequence[UUID]) -> dict[UUID, bytes | None]:
    """Return the stored documents of the places that were ever published, `None` for those withdrawn."""
    trouves: dict[UUID, bytes | None] = {}
    for debut in range(0, len(ids), LOT):
        lignes = await session.execute(
            select(col(Publication.id), col(Publication.document)).where(
                col(Publication.kind) == KIND, col(Publication.id).in_(ids[debut : debut + LOT])
            )
        )
        trouves |= {ligne.id: ligne.document for ligne in lignes}
    return trouves


async def ecrire(session: WriteSession, traces: Sequence[Trace], *, le: datetime) -> None:
    """Write what happened to places."""
    if traces:
        await session.execute(
            insert(LigneHistorique.__table__),  # type: ignore[attr-defined]
            [
                {"id": uuid7(), "lieu_id": t.lieu_id, "le": le, "evenement": t.evenement, "champs": t.champs}
                for t in traces
            ],
        )


async def page(
    session: ReadSession, lieu_id: UUID, *, depuis: datetime, avant: UUID | None, limite: int
) -> Sequence[LigneHistorique]:
    """Return what happened to a place since an instant, latest first."""
    requete = select(LigneHistorique).where(col(LigneHistorique.lieu_id) == lieu_id, col(LigneHistorique.le) >= depuis)
    if avant is not None:
        requete = requete.where(col(LigneHistorique.id) < avant)
    return (await session.scalars(requete.order_by(col(LigneHistorique.id).desc()).limit(limite))).all()


async def purger(session: WriteSession, *, avant: datetime) -> None:
    """Forget what is older than an instant."""
    await session.execute(
        delete(LigneHistorique).where(col(LigneHistorique.le) < avant).execution_options(synchronize_session=False)
    )
