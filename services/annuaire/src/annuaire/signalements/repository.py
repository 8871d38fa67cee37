"""All the SQL of reports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from socle.donnees.db import ReadSession, WriteSession
from sqlalchemy import exists, func, or_, select, update
from sqlmodel import col

from annuaire.lieux.tables import Fiche, Lieu
from annuaire.signalements.rules import OUVERTS
from annuaire.signalements.tables import Signalement


async def inscrire(session: WriteSession, signalement: Signalement) -> None:
    """Write a report."""
    session.add(signalement)
    await session.flush()


async def compter_ouverts(session: ReadSession, lieu_id: UUID) -> int:
    """Count the reports of a place that wait for its source."""
    requete = select(func.count()).select_from(Signalement)
    return await session.scalar(requete.where(col(Signalement.lieu_id) == lieu_id, _ouvert())) or 0


async def du_lieu(session: ReadSession, lieu_id: UUID, *, apres: UUID | None, limite: int) -> Sequence[Signalement]:
    """Return the reports of a place, the latest first."""
    return await _page(session, [col(Signalement.lieu_id) == lieu_id], apres, limite)


async def de_la_source(
    session: ReadSession, source_id: str, *, etats: Collection[str], apres: UUID | None, limite: int
) -> Sequence[Signalement]:
    """Return the reports of the places that a source has, or had, in its list, the latest first."""
    conditions = [_de(source_id)]
    if etats:
        conditions.append(col(Signalement.etat).in_(list(etats)))
    return await _page(session, conditions, apres, limite)


async def un(session: ReadSession, source_id: str, id: UUID, *, verrou: bool = False) -> Signalement | None:
    """Return one report of a source; `verrou` keeps other writers away until the commit."""
    requete = select(Signalement).where(col(Signalement.id) == id, _de(source_id))
    if verrou:
        requete = requete.with_for_update(of=Signalement)
    return (await session.execute(requete.execution_options(populate_existing=True))).scalar_one_or_none()


async def suivi(session: ReadSession, condense: str) -> Signalement | None:
    """Return the report followed with a secret, by its digest."""
    return (await session.execute(select(Signalement).where(col(Signalement.suivi) == condense))).scalar_one_or_none()


async def changer(session: WriteSession, id: UUID, **valeurs: Any) -> None:
    """Write what a source does of a report."""
    await session.execute(
        update(Signalement)
        .where(col(Signalement.id) == id)
        .values(**valeurs, version=col(Signalement.version) + 1)
        .execution_options(synchronize_session=False)
    )


async def effacer(session: WriteSession, *, le: datetime) -> None:
    """Erase what persons wrote, where its time is over."""
    await session.execute(
        update(Signalement)
        .where(
            col(Signalement.efface_apres) <= le,
            or_(col(Signalement.texte).is_not(None), col(Signalement.courriel).is_not(None)),
        )
        .values(texte=None, courriel=None)
        .execution_options(synchronize_session=False)
    )


async def est_supprime(session: ReadSession, lieu_id: UUID) -> bool | None:
    """Tell whether a place is withdrawn; `None` when there never was one."""
    return (await session.execute(select(col(Lieu.supprime)).where(col(Lieu.id) == lieu_id))).scalar_one_or_none()


async def sources_du_lieu(session: ReadSession, lieu_id: UUID) -> list[str]:
    """Return the sources that have, or had, a place in their list."""
    requete = select(col(Fiche.source_id)).where(col(Fiche.lieu_id) == lieu_id).distinct()
    return sorted(await session.scalars(requete))


async def _page(session: ReadSession, conditions: list[Any], apres: UUID | None, limite: int) -> Sequence[Signalement]:
    # ids are in the order of creation
    if apres is not None:
        conditions = [*conditions, col(Signalement.id) < apres]
    requete = select(Signalement).where(*conditions).order_by(col(Signalement.id).desc()).limit(limite)
    return (await session.scalars(requete)).all()


def _ouvert() -> Any:
    return col(Signalement.etat).in_(sorted(OUVERTS))


def _de(source_id: str) -> Any:
    return exists().where(col(Fiche.lieu_id) == col(Signalement.lieu_id), col(Fiche.source_id) == source_id)
