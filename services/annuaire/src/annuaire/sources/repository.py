"""All the SQL of sources."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from socle.donnees.db import ReadSession, WriteSession
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from annuaire.sources.tables import Source


async def lire(session: ReadSession, id: str, *, verrou: bool = False) -> Source | None:
    """Return one source; `verrou` keeps other writers away from it until the commit."""
    requete = select(Source).where(col(Source.id) == id).execution_options(populate_existing=True)
    if verrou:
        requete = requete.with_for_update()
    return (await session.execute(requete)).scalar_one_or_none()


async def inscrire(session: WriteSession, valeurs: Mapping[str, Any]) -> Source | None:
    """Write a new source; return `None` when the id is taken, even by a transaction that this one had to wait for."""
    construire: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    ordre = construire(Source.__table__).values(**valeurs).on_conflict_do_nothing()  # type: ignore[attr-defined]
    ecrite = (await session.execute(ordre.returning(col(Source.id)))).first()
    return None if ecrite is None else await lire(session, ecrite.id)


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


async def toutes(session: ReadSession) -> Sequence[Source]:
    """Return every source: there are a few hundred."""
    return (await session.scalars(select(Source).execution_options(populate_existing=True))).all()


async def modifier(session: WriteSession, id: str, valeurs: Mapping[str, Any]) -> None:
    """Replace columns of a source."""
    await session.execute(
        update(Source).where(col(Source.id) == id).values(**valeurs).execution_options(synchronize_session=False)
    )


async def noter_run(session: WriteSession, id: str, **valeurs: Any) -> None:
    """Note on a source where its last applied run stands."""
    await modifier(session, id, valeurs)
