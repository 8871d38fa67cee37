"""Route of orientation."""

from __future__ import annotations

from fastapi import APIRouter
from socle.web.documents import JSON
from socle.web.problemes import reponses
from starlette.responses import Response

from annuaire.dependances import LeContexte
from annuaire.recherche.dependances import LaRecherche
from annuaire.recherche.errors import RechercheIndisponible
from annuaire.recherche.orientation import service
from annuaire.recherche.orientation.access import Demandeur
from annuaire.recherche.orientation.schemas import OrientationDemandee, OrientationRendue
from annuaire.territoires.errors import TerritoireInconnu

routeur = APIRouter(prefix="/annuaire/v1/orientation", tags=["recherche"])


@routeur.post(
    "",
    response_model=OrientationRendue,
    summary="Où aller pour ce besoin",
    responses=reponses(TerritoireInconnu, RechercheIndisponible),
)
async def orienter(
    _: Demandeur, contexte: LeContexte, recherche: LaRecherche, demande: OrientationDemandee
) -> Response:
    """Propose quelques lieux pour un besoin, dit pourquoi chacun, et ce qu'il a fallu assouplir si rien ne tenait tout.

    Ce qui est ouvert au moment demandé vient d'abord, puis ce dont les horaires sont inconnus. Ce qu'aucune source ne
    dit (tarif, accessibilité, langue) n'écarte pas un lieu : c'est écrit dans ses réserves. Rien de la demande n'est
    gardé, ni écrit dans un journal.
    """
    corps = await service.proposer(contexte, recherche, demande, maintenant=contexte.horloge())
    return Response(corps, media_type=JSON, headers={"Cache-Control": "no-store"})
