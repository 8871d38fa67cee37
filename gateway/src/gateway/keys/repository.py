"""All the SQL of the access keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from socle.donnees.db import ReadSession, WriteSession
from sqlalchemy import select, update
from sqlmodel import col

from gateway.keys.tables import Cle


async def lire(session: ReadSession, ident: str) -> Cle | None:
    """Return the key of this id."""
    return (await session.scalars(select(Cle).where(col(Cle.id) == ident))).one_or_none()


async def lister(session: ReadSession, *, apres: str, limite: int) -> Sequence[Cle]:
    """Return a page of keys, by id, whatever their state."""
    return (await session.scalars(select(Cle).where(col(Cle.id) > apres).order_by(col(Cle.id)).limit(limite))).all()


def ajouter(session: WriteSession, cle: Cle) -> None:
    """Add a key."""
    session.add(cle)


async def revoquer(session: WriteSession, ident: str, maintenant: datetime) -> bool:
    """Mark a key revoked; tell whether it was not yet."""
    resultat = await session.execute(
        update(Cle).where(col(Cle.id) == ident, col(Cle.revoquee_le).is_(None)).values(revoquee_le=maintenant)
    )
    return bool(resultat.rowcount)  # type: ignore[attr-defined]


async def noter_usages(session: WriteSession, usages: Mapping[str, datetime]) -> None:
    """Write when each key was last used."""
    for ident, instant in sorted(usages.items()):
        await session.execute(update(Cle).where(col(Cle.id) == ident).values(utilisee_le=instant))
