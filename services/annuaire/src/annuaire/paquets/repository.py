"""The SQL of packs: what tells that a département has not changed, without reading its places."""

from __future__ import annotations

from socle.donnees.db import ReadSession
from socle.donnees.tables import Publication
from sqlalchemy import func, select
from sqlmodel import col

from annuaire.lieux.repository import KIND
from annuaire.lieux.tables import Lieu

Signature = tuple[int, int]


async def signature(session: ReadSession, departement: str) -> Signature:
    """Return how many places a département has and the latest of their change numbers.

    One that comes or changes brings a number above all others, and with no such number only departures are left, which
    lower the count: no change leaves both alone.
    """
    ligne = (
        await session.execute(
            select(func.count(), func.max(col(Publication.numero)))
            .select_from(Lieu)
            .join(Publication, (col(Publication.kind) == KIND) & (col(Publication.id) == col(Lieu.id)))
            .where(~col(Lieu.supprime), col(Lieu.departement) == departement)
        )
    ).one()
    return ligne[0], ligne[1] or 0
