"""Route of the history of places."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from socle.acces.politique import Public
from socle.donnees import feed
from socle.identifiants import empreinte
from socle.web import documents
from socle.web.etags import inchange
from socle.web.pagination import Feuille, Page, ParametresPage
from socle.web.problemes import reponses
from socle.web.sessions import Lecture

from annuaire.dependances import LeContexte
from annuaire.lieux.errors import LieuInconnu, LieuSupprime
from annuaire.lieux.historique import service
from annuaire.lieux.historique.schemas import ChampChange, TraceLue

routeur = APIRouter(prefix="/annuaire/v1/lieux/{id}/historique", tags=["lieux"])


class ParametresHistorique(ParametresPage):
    """Page demandée."""

    model_config = {"extra": "forbid"}


@routeur.get(
    "",
    response_model=Page[TraceLue],
    summary="Ce qui a changé dans un lieu",
    responses={304: {"description": "Inchangé depuis l'ETag cité"}, **reponses(LieuInconnu, LieuSupprime)},
)
async def lister_historique(
    id: UUID,
    request: Request,
    session: Lecture,
    _: Public,
    contexte: LeContexte,
    parametres: Annotated[ParametresHistorique, Query()],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Donne les changements d'un lieu depuis vingt-quatre mois, le dernier d'abord : champ, avant, après, source.

    Les contacts retirés ne sont pas rappelés : leurs changements sont dits sans leurs valeurs.
    """
    feuille = Feuille(contexte.curseurs, request, parametres)
    numero = await feed.dernier_numero(session)
    depart = feuille.depart()
    lignes = await service.lister(
        session, lieu_id=id, avant=UUID(str(depart)) if depart else None, limite=feuille.limite, le=contexte.horloge()
    )
    etag = documents.etag_de_liste(numero, empreinte([feuille.requete, parametres.limite, parametres.curseur])[:16])
    entetes = {"ETag": etag, "Cache-Control": "no-cache"}
    if inchange(if_none_match, etag):
        return Response(status_code=304, headers=entetes)
    page = Page[TraceLue](
        elements=[
            TraceLue(
                le=ligne.le,
                evenement=ligne.evenement,
                champs={nom: ChampChange(**champ) for nom, champ in ligne.champs.items()},
            )
            for ligne in lignes
        ],
        suivant=feuille.suivant(lignes, lambda ligne: str(ligne.id)),
    )
    return Response(page.model_dump_json(), headers=entetes, media_type=documents.JSON)
