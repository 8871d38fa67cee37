"""`create_service`: what every service is made of, in the same order, so that a service only brings its routes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute

from socle.acces.cles import dossier_des_jetons
from socle.acces.identification import Identification
from socle.acces.jeton import Verificateur
from socle.acces.politique import Ouvert, verifier_politiques
from socle.donnees.db import Database, repond
from socle.settings import SocleSettings
from socle.web.compression import Compression
from socle.web.contrat import poser_contrat
from socle.web.entetes import EntetesDeSecurite, HeadParGet
from socle.web.errors import MethodeRefusee
from socle.web.json_recu import GardeJson
from socle.web.lecture_rapide import LecturesRapides, Raccourci, Service, verifier_lectures
from socle.web.limits import GardeLimites, Limites, nom_hote
from socle.web.observabilite import LignesDeRequete, Mesures, Observation
from socle.web.problemes import poser_gestionnaires, reponse_probleme, traduire
from socle.web.routes import controle_de_la_requete, methodes_admises
from socle.web.sante import Sante, Verification, routeur_sante

OUVERTS = frozenset({"/sante/vivant", "/sante/pret", "/metrics", "/openapi.json"})
DELAI = 120.0

Tache = Callable[[FastAPI], AbstractAsyncContextManager[object]]
"""A background task or a resource: entered at start, left at shutdown, in reverse order."""


def create_service(
    *,
    nom: str,
    titre: str,
    description: str,
    version: str,
    settings: SocleSettings,
    routeurs: Sequence[APIRouter] = (),
    routes: Sequence[BaseRoute] = (),
    lectures: Sequence[LecturesRapides[Any]] = (),
    base: Database | None = None,
    taches: Sequence[Tache] = (),
    essentielles: Mapping[str, Verification] | None = None,
    secondaires: Mapping[str, Verification] | None = None,
    envois: Mapping[tuple[str, str], int] | None = None,
    delai: float = DELAI,
    verificateur: Verificateur | None = None,
    completer_contrat: Callable[[dict[str, Any]], None] | None = None,
) -> FastAPI:
    """Compose a service.

    `nom` is its name in tokens (`aud`). `routeurs` are included as they are (their prefixes hold the whole public
    path), `routes` are bare ASGI routes put before them, with a `politique` attribute, `lectures` the hot reads of
    these routers. `base` is found by routes in
    `app.state.base`, joins readiness and is closed at the end. `taches` run while the service does. `essentielles`
    and `secondaires` join readiness. `envois` is the table of larger bodies of `Limites`. `delai` (seconds) caps the
    time to the first byte of an answer. `verificateur` defaults to the keys of the secrets folder.

    Raises `RuntimeError` when a route has no access policy.
    """
    etat_base = {} if base is None else {"base": _verification_de(base)}
    sante = Sante(essentielles={**etat_base, **(essentielles or {})}, secondaires=secondaires or {}, delai=1.0)
    mesures = Mesures()

    @asynccontextmanager
    async def vie(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as pile:
            if base is not None:
                pile.push_async_callback(base.fermer)
            for tache in taches:
                await pile.enter_async_context(tache(app))
            try:
                yield
            finally:
                sante.arret = True

    app = Service(
        title=titre,
        description=description,
        version=version,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=vie,
        dependencies=[Depends(controle_de_la_requete())],
    )
    app.state.base, app.state.settings, app.state.sante, app.state.mesures = base, settings, sante, mesures
    app.router.routes.extend(routes)
    for routeur in routeurs:
        app.include_router(routeur)
    app.include_router(routeur_sante(sante))
    app.include_router(_routeur_technique(app, mesures))
    poser_gestionnaires(app)
    poser_methodes(app)
    poser_contrat(app, completer=completer_contrat)
    verifier_politiques(app)
    verifier_lectures(app, lectures)

    limites = Limites(envois=dict(envois or {}), hotes=frozenset(nom_hote(h) for h in settings.hotes))
    # The last one added is the first that a request meets.
    app.add_middleware(GardeJson, limites=limites)
    app.add_middleware(Compression)
    app.add_middleware(HeadParGet)
    verificateur = verificateur or Verificateur.depuis(nom, dossier_des_jetons(settings.secrets))
    lignes = LignesDeRequete(nom)
    app.add_middleware(Identification, verificateur=verificateur, ouverts=OUVERTS)
    app.add_middleware(GardeLimites, limites=limites)
    app.add_middleware(
        Observation,
        service=nom,
        mesures=mesures,
        delai=delai,
        silencieuses=OUVERTS - {"/openapi.json"},
        lignes=lignes,
    )
    app.add_middleware(EntetesDeSecurite)
    if lectures:
        app.raccourci = Raccourci(
            app, lectures, limites=limites, verificateur=verificateur, mesures=mesures, lignes=lignes
        )
    return app


def _verification_de(base: Database) -> Verification:
    async def verifier() -> str:
        async with base.read() as session:
            await repond(session)
        return base.mode

    return verifier


def _routeur_technique(app: FastAPI, mesures: Mesures) -> APIRouter:
    routeur = APIRouter(include_in_schema=False)

    @routeur.get("/openapi.json")
    async def openapi(_: Ouvert) -> Response:
        """Contrat OpenAPI 3.1 de ce service."""
        return JSONResponse(app.openapi(), headers={"cache-control": "public, max-age=60"})

    @routeur.get("/metrics")
    async def metrics(_: Ouvert) -> Response:
        """Mesures au format Prometheus, pour le réseau interne seulement."""
        return Response(
            mesures.exposer(), headers={"cache-control": "no-store"}, media_type="text/plain; version=0.0.4"
        )

    return routeur


def poser_methodes(app: FastAPI) -> None:
    """Answer an unknown method with every method of the address, and OPTIONS with the same list.

    The framework lists those of the first route that matches only.
    """

    async def refuser(requete: Request, exc: Exception) -> Response:
        admises = ", ".join(methodes_admises(app, requete.scope["path"]))
        if requete.method == "OPTIONS":
            return Response(status_code=204, headers={"allow": admises})
        erreur = traduire(exc, methode=requete.method)
        if isinstance(erreur, MethodeRefusee):
            erreur.entetes = {"Allow": admises}
        return reponse_probleme(erreur)

    app.add_exception_handler(405, refuser)


__all__ = ["DELAI", "OUVERTS", "Tache", "create_service", "poser_methodes"]
