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
    reçoivent pas de public sont laissés de côté. `ouverture` dit si chacun est ouvert en ce moment, à l'heure de
    l'endroit ; la réponse ne se garde pas au-delà de `valable_jusqu_a`, le prochain changement de l'un d'eux.
    """
    paires = request.query_params.multi_items()
    requete = empreinte_requete(request.url.path, paires)
    instant, ouvertures = contexte.horloge(), contexte.ouvertures
    fermetures = await ouvertures.suivre(session, instant)
    condense = empreinte([requete, parametres.limite, parametres.curseur])[:16]
    reponse = f"{await feed.dernier_numero(session)}.{fermetures}.{condense}"
    tient, jusqu_a = ouvertures.validite(reponse, instant)
    if tient and inchange(if_none_match, documents.etag_d_un_moment(reponse, jusqu_a)):
        return Response(status_code=304, headers=documents.entetes_d_un_moment(reponse, instant, jusqu_a))
    situeur = contexte.situeur
    if parametres.qpv:
        await situeur.suivre(session)
    filtres = lister.preciser(parametres.filtres(), situeur.referentiel, couche=situeur.couche is not None)
    position = contexte.curseurs.decoder(parametres.curseur, requete) if parametres.curseur else None
    tranche = await lister.page(session, contexte.modele, parametres, filtres, position)
    completes, jusqu_a = ouvertures.completer(tranche.publiees, instant)
    ouvertures.retenir(reponse, instant, jusqu_a)
    entetes = documents.entetes_d_un_moment(reponse, instant, jusqu_a)
    if inchange(if_none_match, entetes["ETag"]):
        return Response(status_code=304, headers=entetes)
    suivant = contexte.curseurs.encoder(tranche.suite, requete) if tranche.suite else None
    entetes["Link"] = liens(contexte.socle.url_publique, request.url.path, paires, suivant=suivant)
    return documents.page(
        lister.avec_distances(completes, tranche.distances),
        suivant=suivant,
        total=tranche.total,
        entetes=entetes,
        valable_jusqu_a=jusqu_a,
    )


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
    id: UUID, session: Lecture, _: Public, contexte: LeContexte, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Donne la fiche publique d'un lieu, et s'il est ouvert en ce moment, à l'heure de l'endroit."""
    publiee = await lister.un(session, id)
    if publiee.redirection is not None:
        return Response(status_code=301, headers={"Location": f"{routeur.prefix}/{publiee.redirection}"})
    instant = contexte.horloge()
    await contexte.ouvertures.suivre(session, instant)
    (octets,), jusqu_a = contexte.ouvertures.completer([publiee], instant)
    return documents.detail_d_un_moment(
        octets,
        id=id,
        version=publiee.version,
        modifie_le=publiee.modifie_le,
        si_different=if_none_match,
        instant=instant,
        jusqu_a=jusqu_a,
    )
