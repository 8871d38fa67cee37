"""Routes of the pages and of the public contract."""

from __future__ import annotations

import html
from functools import cache
from importlib import resources
from string import Template
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from socle.acces.politique import Ouvert, Public
from socle.errors import Introuvable
from socle.web.problemes import reponses
from starlette.responses import HTMLResponse, JSONResponse

from gateway.openapi import ContratPublic, problemes_dits
from gateway.pages.problemes import communs, conseil

_COMMUN = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; img-src 'self' data:"
_CSP_PAGE = f"{_COMMUN}; style-src 'self'"
# Swagger UI sets styles of its own from its script; its script itself is a file of ours.
_CSP_DOCS = f"{_COMMUN}; script-src 'self'; connect-src 'self'; font-src 'self' data:; style-src 'self' 'unsafe-inline'"
_FICHIERS = {
    "swagger-ui.css": ("fastapi_swagger.resources", "swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": ("fastapi_swagger.resources", "swagger-ui-bundle.js", "text/javascript"),
    "icone.png": ("fastapi_swagger.resources", "favicon-32x32.png", "image/png"),
    "docs.css": ("gateway.pages", "docs.css", "text/css"),
    "docs.js": ("gateway.pages", "docs.js", "text/javascript"),
}

routeur = APIRouter(include_in_schema=False)
publiques = APIRouter(tags=["contrat"])


@cache
def _lire(paquet: str, nom: str) -> bytes:
    return resources.files(paquet).joinpath(nom).read_bytes()


def _page(nom: str, csp: str) -> HTMLResponse:
    return HTMLResponse(_lire("gateway.pages", nom), headers=_entetes(csp))


def _entetes(csp: str) -> dict[str, str]:
    return {"content-security-policy": csp, "cache-control": "public, max-age=300"}


@routeur.get("/")
async def accueil(_: Public) -> Response:
    """Page d'accueil."""
    return _page("accueil.html", _CSP_PAGE)


@routeur.get("/docs")
async def docs(_: Public) -> Response:
    """Documentation à essayer, servie sans aucun tiers."""
    return _page("docs.html", _CSP_DOCS)


@routeur.get("/docs/{nom}")
async def fichier(_: Public, nom: str) -> Response:
    """Fichier de la page de documentation."""
    if nom not in _FICHIERS:
        raise Introuvable("Aucun fichier n'a ce nom.")
    paquet, source, media = _FICHIERS[nom]
    return Response(_lire(paquet, source), media_type=media, headers={"cache-control": "public, max-age=86400"})


@routeur.get("/pages/style.css")
async def style(_: Public) -> Response:
    """Feuille de style des pages."""
    return Response(
        _lire("gateway.pages", "style.css"),
        media_type="text/css",
        headers={"cache-control": "public, max-age=86400"},
    )


@publiques.get("/openapi.json", operation_id="lire_contrat", summary="Lire le contrat de l'API")
async def openapi(_: Ouvert, request: Request) -> JSONResponse:
    """Contrat OpenAPI 3.1 de tous les services."""
    contrat: ContratPublic = request.app.state.contrat
    return JSONResponse(await contrat.lire(), headers={"cache-control": "public, max-age=60"})


@publiques.get(
    "/problemes/{code}",
    operation_id="lire_probleme",
    summary="Comprendre un problème",
    response_class=HTMLResponse,
    responses=reponses(Introuvable),
)
async def probleme(
    _: Public, request: Request, code: Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")]
) -> HTMLResponse:
    """Explique un type de problème : ce qu'il veut dire, ce que l'on peut y faire."""
    contrat: ContratPublic = request.app.state.contrat
    connus = communs()
    trouve = connus.get(code) or problemes_dits(await contrat.lire()).get(code)
    if trouve is None:
        raise Introuvable("Aucun problème n'a ce nom.")
    statut, titre = trouve
    page = Template(_lire("gateway.pages", "probleme.html").decode()).substitute(
        code=html.escape(code), titre=html.escape(titre), statut=statut, conseil=html.escape(conseil(statut))
    )
    return HTMLResponse(page, headers=_entetes(_CSP_PAGE))
