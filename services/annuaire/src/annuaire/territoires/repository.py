"""All the SQL of the layer of priority quarters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from socle.donnees.db import ReadSession, WriteSession
from sqlalchemy import delete, insert, select
from sqlmodel import col

from annuaire.territoires.couche import QpvResume
from annuaire.territoires.tables import Couche, QuartierPrioritaire

NOM = "qpv"


async def couche(session: ReadSession) -> Couche | None:
    """Return what is known of the layer in force, `None` when none was ever loaded."""
    return await session.get(Couche, NOM)


async def quartiers(session: ReadSession) -> Sequence[QuartierPrioritaire]:
    """Return every quarter of the layer in force, by code."""
    return (await session.scalars(select(QuartierPrioritaire).order_by(col(QuartierPrioritaire.code)))).all()


async def resumes(session: ReadSession) -> list[QpvResume]:
    """Return code, name and communes of every quarter of the layer in force, by code."""
    lignes = await session.execute(
        select(col(QuartierPrioritaire.code), col(QuartierPrioritaire.nom), col(QuartierPrioritaire.communes)).order_by(
            col(QuartierPrioritaire.code)
        )
    )
    return [QpvResume(ligne.code, ligne.nom, tuple(ligne.communes)) for ligne in lignes]


async def contenus(session: ReadSession) -> dict[str, tuple[str, tuple[str, ...], bytes]]:
    """Return name, communes and outline of each quarter, by code."""
    return {q.code: (q.nom, tuple(q.communes), q.contour) for q in await quartiers(session)}


async def remplacer(session: WriteSession, nouvelle: Couche, lignes: Sequence[dict[str, Any]]) -> None:
    """Replace the whole layer."""
    await session.execute(delete(QuartierPrioritaire))
    for debut in range(0, len(lignes), 500):
        await session.execute(insert(QuartierPrioritaire), list(lignes[debut : debut + 500]))
    await session.merge(nouvelle)
