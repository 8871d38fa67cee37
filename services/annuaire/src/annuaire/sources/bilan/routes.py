"""Route of the report of a source."""

from __future__ import annotations

from fastapi import APIRouter, Response
from socle.errors import Interdit
from socle.web.cloisons import CloisonPleine
from socle.web.problemes import reponses

from annuaire.dependances import LeContexte
from annuaire.sources.access import Lecteur
from annuaire.sources.bilan import service
from annuaire.sources.bilan.schemas import BilanLu
from annuaire.sources.errors import SourceInconnue
from annuaire.sources.schemas import IdSource

routeur = APIRouter(prefix="/annuaire/v1/sources/{source_id}/bilan", tags=["sources"])


@routeur.get("", summary="Le bilan d'une source", responses=reponses(SourceInconnue, Interdit, CloisonPleine))
async def dresser_bilan(source_id: IdSource, response: Response, principal: Lecteur, contexte: LeContexte) -> BilanLu:
    """Dit où en est une source : fraîcheur, défauts de sa dernière liste appliquée, manques, couverture.

    Dit aussi les champs que l'annuaire montre tels qu'une autre source les dit, et les doublons qui attendent une
    décision. Tout est compté à l'instant, sur un même état de l'annuaire.
    """
    response.headers["Cache-Control"] = "private, no-store"
    # every record of the list is read: it has its places apart, as an export does
    async with contexte.exports.place():
        return await service.etablir(
            contexte.base,
            source_id=source_id,
            principal=principal,
            outils=contexte.outils,
            referentiel=contexte.situeur.referentiel,
            le=contexte.horloge(),
        )
