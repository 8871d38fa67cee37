"""All the SQL of the versions of correspondences."""

from __future__ import annotations

from collections.abc import Sequence

from socle.donnees.db import ReadSession, WriteSession
from sqlalchemy import func, select
from sqlmodel import col

from annuaire.sources.correspondance.tables import VersionDeCorrespondance as Version


async def lire(session: ReadSession, source_id: str, version: int) -> Version | None:
    """Return one version."""
    return (
        await session.scalars(
            select(Version).where(col(Version.source_id) == source_id, col(Version.version) == version)
        )
    ).one_or_none()


async def retrouver(session: ReadSession, source_id: str, empreinte: str) -> Version | None:
    """Return the version of a source that says the same thing."""
    requete = select(Version).where(col(Version.source_id) == source_id, col(Version.empreinte) == empreinte)
    return (await session.scalars(requete.order_by(col(Version.version).desc()).limit(1))).first()


async def derniere(session: ReadSession, source_id: str) -> int:
    """Return the highest version of a source, 0 without any."""
    requete = select(func.max(col(Version.version))).where(col(Version.source_id) == source_id)
    return await session.scalar(requete) or 0


async def page(session: ReadSession, source_id: str, *, avant: int | None, limite: int) -> Sequence[Version]:
    """Return the versions of a source, latest first."""
    requete = select(Version).where(col(Version.source_id) == source_id)
    if avant is not None:
        requete = requete.where(col(Version.version) < avant)
    return (await session.scalars(requete.order_by(col(Version.version).desc()).limit(limite))).all()


async def inscrire(session: WriteSession, version: Version) -> None:
    """Write a version."""
    session.add(version)
    await session.flush()
