"""Routes of the places: hot reads, answered from memory."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from socle.web.errors import FormatRefuse
from socle.web.lecture_rapide import Demande, LecturesRapides, Reponse
from socle.web.problemes import reponses

from annuaire.dependances import Contexte
from annuaire.lieux.errors import LieuInconnu, LieuSupprime
from annuaire.lieux.lecture import fiches, pages
from annuaire.lieux.parameters import ParametresLieu, ParametresLieux
from annuaire.lieux.schemas import (
    CollectionLieux,
    EntiteLieu,
    LieuCompact,
    LieuLu,
    PageCompacte,
    PageLieux,
    en_geojson,
)
from annuaire.territoires.errors import CoucheAbsente

routeur = APIRouter(prefix="/annuaire/v1/lieux", tags=["lieux"])


async def _rattraper(contexte: Contexte) -> None:
    await contexte.modele.rattraper(le=contexte.horloge())
    if contexte.situeur.couche is None:
        async with contexte.base.read() as session:
            await contexte.situeur.suivre(session)


lectures: LecturesRapides[Contexte] = LecturesRapides(
    contexte=lambda app: app.state.contexte, frais=lambda contexte: contexte.modele.frais(), rattraper=_rattraper
)


INCHANGE: dict[int | str, dict[str, Any]] = {304: {"description": "Inchangé depuis l'ETag cité"}}


@lectures.get(
    routeur,
    "",
    ParametresLieux,
    response_model=PageLieux | PageCompacte,
    summary="Chercher des lieux",
    responses={200: {"content": en_geojson(CollectionLieux)}, **INCHANGE, **reponses(CoucheAbsente, FormatRefuse)},
)
def lister_lieux(contexte: Contexte, demande: Demande[ParametresLieux]) -> Reponse:
    """Liste des lieux par territoire, par offre, ou les plus proches d'un point.

    Avec `proche`, les lieux viennent du plus proche au plus lointain (distance réelle, en mètres) et ceux qui ne
    reçoivent pas de public sont laissés de côté. `ouverture` dit si chacun est ouvert en ce moment, à l'heure de
    l'endroit ; la réponse ne se garde pas au-delà de `valable_jusqu_a`, le prochain changement de l'un d'eux. Avec
    `ouvert_a`, ce qui est ouvert vient d'abord, puis ce dont les horaires sont inconnus, puis ce qui est fermé, et
    chacun est compté.
    """
    return pages.repondre(contexte, demande)


@lectures.get(
    routeur,
    "/{id}",
    ParametresLieu,
    repli=fiches.chercher,
    type_id=UUID,
    response_model=LieuLu | LieuCompact,
    summary="Un lieu",
    responses={
        200: {"content": en_geojson(EntiteLieu)},
        **INCHANGE,
        301: {"description": "Fusionné : l'adresse du lieu qui reste est dans `Location`"},
        **reponses(LieuInconnu, LieuSupprime, FormatRefuse),
    },
)
def montrer_lieu(contexte: Contexte, demande: Demande[ParametresLieu]) -> Reponse | None:
    """Donne la fiche publique d'un lieu, et s'il est ouvert en ce moment, à l'heure de l'endroit."""
    return fiches.repondre(contexte, demande)
