"""Routes of the places."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from socle.acces.politique import Public
from socle.donnees import feed
from socle.identifiants import empreinte
from socle.web import documents
from socle.web.etags import inchange
from socle.web.pagination import empreinte_requete, liens
from socle.web.problemes import reponses
from socle.web.sessions import Lecture
from starlette.responses import Response

from annuaire.dependances import LeContexte
from annuaire.lieux import lister
from annuaire.lieux.errors import LieuInconnu, LieuSupprime
from annuaire.lieux.parameters import ParametresLieux
from annuaire.lieux.schemas import LieuLu, PageLieux
from annuaire.territoires.errors import CoucheAbsente

routeur = APIRouter(prefix="/annuaire/v1/lieux", tags=["lieux"])

INCHANGE: dict[int | str, dict[str, Any]] = {304: {"description": "Inchangé depuis l'ETag cité"}}


@routeur.get(
    "",
    response_model=PageLieux,
    summary="Chercher des lieux",
    responses={**INCHANGE, **reponses(CoucheAbsente)},
)
async def lister_lieux(
    request: Request,
    session: Lecture,
    _: Public,
    contexte: LeContexte,
    parametres: Annotated[ParametresLieux, Query()],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Liste des lieux par territoire, ou les plus proches d'un point.

    Avec `proche`, les lieux viennent du plus proche au plus lointain (distance réelle, en mètres) et ceux qui ne
    reçoivent pas de public sont laissés de côté.
    """
    paires = request.query_params.multi_items()
    requete = empreinte_requete(request.url.path, paires)
    numero = await feed.dernier_numero(session)
    etag = documents.etag_de_liste(numero, empreinte([requete, parametres.limite, parametres.curseur])[:16])
    entetes = {"ETag": etag, "Cache-Control": documents.LISTE}
    if inchange(if_none_match, etag):
        return Response(status_code=304, headers=entetes)
    situeur = contexte.situeur
    if parametres.qpv:
        await situeur.suivre(session)
    filtres = lister.preciser(parametres.filtres(), situeur.referentiel, couche=situeur.couche is not None)
    position = contexte.curseurs.decoder(parametres.curseur, requete) if parametres.curseur else None
    tranche = await lister.page(session, contexte.modele, parametres, filtres, position)
    suivant = contexte.curseurs.encoder(tranche.suite, requete) if tranche.suite else None
    entetes["Link"] = liens(contexte.socle.url_publique, request.url.path, paires, suivant=suivant)
    return documents.page(tranche.documents, suivant=suivant, total=tranche.total, entetes=entetes)


@routeur.get(
    "/{id}",
    response_model=LieuLu,
    summary="Un lieu",
    responses={
        **INCHANGE,
        301: {"description": "Fusionné : l'adresse du lieu qui reste est dans `Location`"},
        **reponses(LieuInconnu, LieuSupprime),
    },
)
async def montrer_lieu(
    id: UUID, session: Lecture, _: Public, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Donne la fiche publique d'un lieu."""
    publiee = await lister.un(session, id)
    if publiee.redirection is not None:
        return Response(status_code=301, headers={"Location": f"{routeur.prefix}/{publiee.redirection}"})
    return documents.detail(
        publiee.octets or b"",
        id=id,
        version=publiee.version,
        modifie_le=publiee.modifie_le,
        si_different=if_none_match,
    )
