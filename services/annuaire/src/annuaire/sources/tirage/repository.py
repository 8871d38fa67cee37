"""All the SQL of the lists that are fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from socle.donnees.db import ReadSession, WriteSession
from sqlalchemy import Select, delete, or_, select, update
from sqlmodel import col

from annuaire.sources.tirage.tables import Tirage


async def lire(session: ReadSession, source_id: str) -> Tirage | None:
    """Return how a source is fetched."""
    requete = select(Tirage).where(col(Tirage.source_id) == source_id).execution_options(populate_existing=True)
    return (await session.execute(requete)).scalar_one_or_none()


async def inscrire(session: WriteSession, source_id: str, valeurs: Mapping[str, Any]) -> None:
    """Write how a source will be fetched; its transaction holds the source."""
    session.add(Tirage(source_id=source_id, **valeurs))
    await session.flush()


async def remplacer(session: WriteSession, source_id: str, valeurs: Mapping[str, Any]) -> None:
    """Write anew how a source is fetched; its transaction holds the source."""
    await session.execute(
        update(Tirage)
        .where(col(Tirage.source_id) == source_id)
        .values(**valeurs)
        .execution_options(synchronize_session=False)
    )


async def noter(session: WriteSession, source_id: str, *, version: int, **valeurs: Any) -> bool:
    """Write on a row as it was read; return whether it still is of this version."""
    notee = await session.execute(
        update(Tirage)
        .where(col(Tirage.source_id) == source_id, col(Tirage.version) == version)
        .values(**valeurs)
        .returning(col(Tirage.source_id))
        .execution_options(synchronize_session=False)
    )
    return notee.first() is not None


async def effacer(session: WriteSession, source_id: str) -> bool:
    """Stop fetching a source; tell whether it was."""
    efface = await session.execute(
        delete(Tirage)
        .where(col(Tirage.source_id) == source_id)
        .returning(col(Tirage.source_id))
        .execution_options(synchronize_session=False)
    )
    return efface.first() is not None


def _dus(le: datetime, *, promis_avant: datetime, limite: int) -> Select[str, int]:
    return (
        select(col(Tirage.source_id), col(Tirage.version))
        .where(
            col(Tirage.prochain_le) <= le,
            or_(col(Tirage.promis_le).is_(None), col(Tirage.promis_le) < promis_avant),
        )
        .order_by(col(Tirage.prochain_le), col(Tirage.source_id))
        .limit(limite)
    )


async def dus(session: ReadSession, le: datetime, *, promis_avant: datetime, limite: int) -> Sequence[tuple[str, int]]:
    """Return the sources to fetch now, with the version of each, leaving out those promised since `promis_avant`."""
    lignes = await session.execute(_dus(le, promis_avant=promis_avant, limite=limite))
    return [(ligne.source_id, ligne.version) for ligne in lignes]
