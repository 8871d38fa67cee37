"""Use cases of the history of places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from socle.donnees import feed
from socle.donnees.db import ReadSession

from annuaire.lieux.errors import LieuInconnu, LieuSupprime
from annuaire.lieux.historique import repository
from annuaire.lieux.historique.rules import DUREE
from annuaire.lieux.historique.tables import LigneHistorique
from annuaire.lieux.repository import KIND


async def lister(
    session: ReadSession, *, lieu_id: UUID, avant: UUID | None, limite: int, le: datetime
) -> Sequence[LigneHistorique]:
    """Return what changed in a place over twenty-four months, latest first.

    Raises `LieuInconnu` (404), `LieuSupprime` (410) for a place withdrawn or merged.
    """
    publiee = (await feed.lire(session, KIND, [lieu_id])).get(lieu_id)
    if publiee is None:
        raise LieuInconnu("Aucun lieu ne porte cet identifiant.")
    if publiee.supprime:
        raise LieuSupprime("Ce lieu n'est plus dans la liste de sa source.", supprime_le=publiee.modifie_le.isoformat())
    return await repository.page(session, lieu_id, depuis=le - DUREE, avant=avant, limite=limite)
