"""Route of the offline packs."""

from __future__ import annotations

import asyncio
import gzip
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Request
from socle.acces.politique import Public
from socle.web.compression import accepte_gzip
from socle.web.documents import JSON
from socle.web.etags import inchange
from socle.web.problemes import reponses
from starlette.responses import Response

from annuaire.dependances import LeContexte
from annuaire.paquets.schemas import PaquetLu
from annuaire.paquets.service import Paquets
from annuaire.paquets.suggestion import suggerer
from annuaire.territoires.errors import TerritoireInconnu

routeur = APIRouter(prefix="/annuaire/v1/paquets", tags=["paquets"])

DUREE = 300
"""Seconds that a cache keeps a pack without asking again: a place may close tomorrow, and say so today."""

FLUX = "/annuaire/v1/changements/lieux"


def _paquets(request: Request) -> Paquets:
    paquets: Paquets = request.app.state.paquets
    return paquets


LesPaquets = Annotated[Paquets, Depends(_paquets)]


@routeur.get(
    "/{departement}",
    response_model=PaquetLu,
    summary="Le paquet hors ligne d'un département",
    responses={
        200: {
            "headers": {
                "Change-Number": {"schema": {"type": "integer"}, "description": "Où reprendre le flux."},
                "ETag": {"schema": {"type": "string"}, "description": "Ne change que si le contenu change."},
            }
        },
        304: {"description": "Inchangé depuis l'ETag cité"},
        **reponses(TerritoireInconnu),
    },
)
async def donner_paquet(
    departement: Annotated[str, Path(max_length=100, description="Code du département.", examples=["38"])],
    _: Public,
    contexte: LeContexte,
    paquets: LesPaquets,
    if_none_match: Annotated[str | None, Header()] = None,
    accept_encoding: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Donne de quoi se passer de réseau : les lieux d'un département et leurs ouvertures pendant quatorze jours.

    Les plages sont à l'heure de l'endroit, jours fériés et fermetures exceptionnelles compris ; le guide
    `docs/guides/hors-ligne.md` dit comment en tirer l'état d'un lieu à tout instant. Le paquet ne change que si le
    département change, et chaque jour : on le redemande avec son `ETag`, qui répond 304, ou l'on suit le flux.
    """
    referentiel = contexte.situeur.referentiel
    if referentiel.departement(departement) is None:
        proches = suggerer(departement, referentiel.departements())
        conseil = " ou ".join(f"{d.code} ({d.nom})" for d in proches)
        raise TerritoireInconnu(
            f"Aucun département ne porte le code « {departement} »."
            + (f" Vouliez-vous {conseil} ?" if conseil else " La liste est à /annuaire/v1/territoires/departements."),
            suggestions=[d.code for d in proches],
        )
    instant = contexte.horloge()
    adresse = f"{contexte.socle.url_publique.rstrip('/')}{FLUX}"
    paquet = await paquets.donner(contexte.base, departement, instant=instant, adresse=adresse)
    duree = max(0, min(DUREE, int((paquet.perime_le - instant).total_seconds())))
    entetes: dict[str, Any] = {
        "ETag": paquet.etag,
        "Cache-Control": f"public, max-age={duree}, must-revalidate",
        "Vary": "Accept, Accept-Encoding",
        "Change-Number": str(paquet.numero),
    }
    if inchange(if_none_match, paquet.etag):
        return Response(status_code=304, headers=entetes)
    if accepte_gzip(accept_encoding.encode("latin-1")):
        return Response(paquet.corps, headers={**entetes, "Content-Encoding": "gzip"}, media_type=JSON)
    return Response(await asyncio.to_thread(gzip.decompress, paquet.corps), headers=entetes, media_type=JSON)
