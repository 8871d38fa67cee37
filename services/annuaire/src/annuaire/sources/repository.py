"""All the SQL of sources."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from socle.donnees.db import ReadSession, WriteSession
from sqlalchemy import select, update
from sqlmodel import col

from annuaire.sources.tables import Source


async def lire(session: ReadSession, id: str, *, verrou: bool = False) -> Source | None:
    """Return one source; `verrou` keeps other writers away from it until the commit."""
    requete = select(Source).where(col(Source.id) == id).execution_options(populate_existing=True)
    if verrou:
        requete = requete.with_for_update()
    return (await session.execute(requete)).scalar_one_or_none()


async def inscrire(session: WriteSession, source: Source) -> None:
    """Write a new source. Raises IntegrityError when the id is taken."""
    session.add(source)
    await session.flush()


async def page(
    session: ReadSession, *, apres: str | None, limite: int, parmi: Collection[str] | None = None
) -> Sequence[Source]:
    """Return sources in the order of their ids, only `parmi` these when given."""
    requete = select(Source)
    if apres is not None:
        requete = requete.where(col(Source.id) > apres)
    if parmi is not None:
        requete = requete.where(col(Source.id).in_(list(parmi)))
    return (await session.scalars(requete.order_by(col(Source.id)).limit(limite))).all()


async def noter_run(session: WriteSession, id: str, **valeurs: Any) -> None:
    """Note on a source where its last applied run stands."""
    await session.execute(
        update(Source).where(col(Source.id) == id).values(**valeurs).execution_options(synchronize_session=False)
    )
