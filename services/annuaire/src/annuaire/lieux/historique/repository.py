"""All the SQL of the history of places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from socle.donnees.db import ReadSession, WriteSession
from socle.donnees.lots import Insertion
from socle.identifiants import uuid7
from sqlalchemy import delete, select
from sqlmodel import col

from annuaire.lieux.historique.rules import Trace
from annuaire.lieux.historique.tables import LigneHistorique

_ECRIRE = Insertion(
    LigneHistorique.__table__,  # type: ignore[attr-defined]
    ("id", "lieu_id", "le", "evenement", "champs"),
)


async def ecrire(session: WriteSession, traces: Sequence[Trace], *, le: datetime) -> None:
    """Write what happened to places."""
    await _ECRIRE.executer(session, [(uuid7(), t.lieu_id, le, t.evenement, t.champs) for t in traces])


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
