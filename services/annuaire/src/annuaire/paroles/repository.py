"""All the SQL of what places say of themselves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from socle.donnees import feed
from socle.donnees.db import ReadSession
from socle.donnees.feed import Publiee
from sqlalchemy import select
from sqlmodel import col

from annuaire.lieux.errors import LieuInconnu, LieuSupprime
from annuaire.lieux.projection import PAROLE
from annuaire.lieux.repository import KIND
from annuaire.lieux.tables import Fiche


async def lieu(session: ReadSession, id: UUID) -> tuple[Publiee, dict[str, Any]]:
    """Return the publication and the public document of a place. Raises `LieuInconnu` (404), `LieuSupprime` (410)."""
    publiee = (await feed.lire(session, KIND, [id])).get(id)
    if publiee is None:
        raise LieuInconnu("Aucun lieu ne porte cet identifiant.")
    if publiee.octets is None:
        raise LieuSupprime("Ce lieu n'est plus dans la liste de sa source.")
    return publiee, json.loads(publiee.octets)


async def parole(session: ReadSession, lieu_id: UUID) -> Fiche | None:
    """Return what a place has said of itself."""
    requete = select(Fiche).where(col(Fiche.source_id) == PAROLE, col(Fiche.lieu_id) == lieu_id, ~col(Fiche.retiree))
    return (await session.scalars(requete.order_by(col(Fiche.cle)).limit(1))).first()


async def lieux_de(session: ReadSession, source_id: str, *, limite: int) -> Sequence[UUID]:
    """Return places in force of a source."""
    requete = select(col(Fiche.lieu_id)).where(col(Fiche.source_id) == source_id, ~col(Fiche.retiree))
    return (await session.scalars(requete.distinct().order_by(col(Fiche.lieu_id)).limit(limite))).all()
