"""Routes of the change feed."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request
from socle.acces.politique import Public
from socle.donnees import feed
from socle.web.etags import etag_fort, inchange
from socle.web.problemes import reponses
from starlette.responses import Response

from annuaire.changements import rules
from annuaire.changements.parameters import ParametresFlux
from annuaire.changements.schemas import PageFlux
from annuaire.dependances import LeContexte
from annuaire.referentiels.licences import LICENCE_OUVERTE

routeur = APIRouter(prefix="/annuaire/v1/changements", tags=["changements"])

KINDS = {"lieux": "lieu", "structures": "structure"}
PAUSE = 0.25


@routeur.get(
    "/{objets}",
    response_model=PageFlux,
    response_model_exclude_none=True,
    summary="Suivre les changements",
    responses={304: {"description": "Inchangé depuis l'ETag cité"}, **reponses(feed.CurseurPerdu)},
)
async def suivre(
    objets: Literal["lieux", "structures"],
    request: Request,
    _: Public,
    contexte: LeContexte,
    parametres: Annotated[ParametresFlux, Query()],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Donne les changements dans l'ordre où ils sont devenus visibles, chaque fiche une fois, à son dernier état.

    On suit `next` jusqu'à une page vide, qui est sa propre suite, et l'on y revient plus tard. Les disparitions restent
    pour toujours. Une base restaurée répond 410 aux curseurs qu'elle ne connaît plus : on reprend alors depuis 0.
    """
    kind, apres = KINDS[objets], parametres.afterChangeNumber
    adresse = f"{contexte.socle.url_publique.rstrip('/')}{request.url.path}"
    limite = asyncio.get_running_loop().time() + parametres.wait
    while True:
        async with contexte.base.read() as session:
            await feed.verifier_curseur(session, apres, reprise=adresse)
            changes = await feed.lire_page(session, kind, apres=apres, limite=parametres.limit)
        if changes or asyncio.get_running_loop().time() >= limite:
            break
        await asyncio.sleep(PAUSE)
    suite = rules.suite(adresse, request.url.query, changes, limite=parametres.limit, attente=parametres.wait)
    octets = rules.page(kind, changes, suite=suite, licence=LICENCE_OUVERTE)
    etag = etag_fort(hashlib.sha256(octets).hexdigest()[:32])
    cache = rules.PAGE if changes else rules.DERNIERE_PAGE
    entetes = {"ETag": etag, "Cache-Control": "no-store" if parametres.wait else cache}
    if inchange(if_none_match, etag):
        return Response(status_code=304, headers=entetes)
    return Response(octets, headers=entetes, media_type="application/json")
