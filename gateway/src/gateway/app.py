"""Composition of the gateway."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from socle.acces.cles import dossier_des_jetons
from socle.acces.jeton import Signataire
from socle.acces.politique import Ouvert, verifier_politiques
from socle.acces.secrets import lire_ou_creer
from socle.donnees.db import Database, repond
from socle.donnees.migrations import migrer
from socle.errors import Introuvable
from socle.settings import SocleSettings
from socle.web.app import poser_methodes
from socle.web.cache import creer_cache
from socle.web.compression import Compression
from socle.web.contrat import poser_contrat
from socle.web.entetes import HeadParGet
from socle.web.json_recu import GardeJson
from socle.web.observabilite import Imprevus, Mesures, configurer_journaux
from socle.web.pagination import Curseurs
from socle.web.problemes import poser_gestionnaires
from socle.web.quotas import creer_quotas
from socle.web.routes import controle_de_la_requete
from socle.web.sante import Sante, Verification, routeur_sante
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.amont import Amont, AmontAsgi
from gateway.cache_public import CachePublic
from gateway.comptes import Comptes
from gateway.keys import service as cles
from gateway.keys.identifier import Identificateur
from gateway.keys.routes import routeur as routeur_cles
from gateway.migrations import DOSSIER
from gateway.openapi import ContratPublic
from gateway.pages import routes as pages
from gateway.passerelle import Outils, Passerelle, adresse_de, limites_de
from gateway.proxy import AmontHttp
from gateway.routes_table import ROUTES, Route, Table
from gateway.settings import GatewaySettings

PERIODE_USAGES, PERIODE_CLES = 60.0, 3600.0
DESCRIPTION = """Maillage relie l'annuaire de la médiation numérique, les espaces locaux de coordination et le dossier
unique de financement.

Les lectures publiques sont ouvertes sans clé. Les autres demandent une clé d'accès `mnk_…`, envoyée dans l'en-tête
`Authorization: Bearer`. Une application peut se nommer par une clé publiable `mpub_…`, dans l'en-tête
`X-Maillage-Application` : elle n'ouvre rien, mais a ses propres quotas. Une réponse 304 n'est pas comptée.

Toute erreur est un document `application/problem+json` (RFC 9457)."""


class Application:
    """The gateway as an ASGI application; `locale` is its small FastAPI part."""

    def __init__(self, passerelle: Passerelle, locale: FastAPI) -> None:
        self._passerelle, self.locale = passerelle, locale

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the lifespan in the FastAPI part, the requests through the gateway."""
        if scope["type"] != "lifespan":
            await self._passerelle(scope, receive, send)
            return
        try:
            await self.locale(scope, receive, send)
        finally:
            self._passerelle.vider()


def create_app(
    *,
    amonts: Mapping[str, ASGIApp | str],
    socle: SocleSettings,
    settings: GatewaySettings,
    routes: Sequence[Route] = ROUTES,
) -> Application:
    """Compose the gateway in front of `amonts`: for each service named in the routes table, its address or its app.

    Its database is brought to head at start. Raises `ValueError` when the table names a service that is not given.
    """
    table = Table(routes)
    absents = sorted({route.amont for route in routes} - set(amonts))
    if absents:
        raise ValueError(f"Services de la table sans amont : {', '.join(absents)}")
    services: dict[str, Amont] = {
        nom: AmontHttp(nom, cible) if isinstance(cible, str) else AmontAsgi(nom, cible) for nom, cible in amonts.items()
    }
    base = Database(settings.url(socle))
    poivre = lire_ou_creer(socle.secrets, "poivre")
    dossier = dossier_des_jetons(socle.secrets)
    quotas = creer_quotas(settings.quotas_url)
    outils = Outils(
        identificateur=Identificateur(base, poivre),
        signataire=Signataire.depuis(dossier),
        comptes=Comptes(quotas, settings.facteur),
        cache=CachePublic(creer_cache(settings.cache_url), secondes=settings.cache_secondes),
    )
    sante = Sante(
        essentielles={"base": _verification_de(base)},
        secondaires={nom: partial(_demander_pret, amont) for nom, amont in services.items()},
        delai=1.0,
    )
    mesures = Mesures()

    @asynccontextmanager
    async def vie(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as pile:
            pile.push_async_callback(base.fermer)
            base.prendre_propriete()
            await migrer(base, DOSSIER)
            if settings.demonstration:
                await cles.preparer_demonstration(
                    base, donnees=socle.donnees, poivre=poivre, environnement=settings.environnement
                )
            pile.push_async_callback(quotas.fermer)
            pile.push_async_callback(outils.cache.fermer)
            for amont in services.values():
                pile.push_async_callback(amont.fermer)
                await amont.ouvrir()
            pile.push_async_callback(outils.identificateur.ecrire_usages)
            await pile.enter_async_context(_periodique(PERIODE_USAGES, outils.identificateur.ecrire_usages))
            await pile.enter_async_context(_periodique(PERIODE_CLES, partial(_renouveler, outils, dossier)))
            try:
                yield
            finally:
                sante.arret = True

    locale = FastAPI(
        title="Maillage",
        description=DESCRIPTION,
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=vie,
        dependencies=[Depends(controle_de_la_requete())],
    )
    etat = locale.state
    etat.base, etat.settings, etat.sante, etat.mesures = base, socle, sante, mesures
    etat.poivre, etat.environnement = poivre, settings.environnement
    etat.identificateur = outils.identificateur
    etat.curseurs = Curseurs(lire_ou_creer(socle.secrets, "curseurs-gateway"))
    for routeur in (pages.publiques, routeur_cles, pages.routeur, routeur_sante(sante), _routeur_mesures(mesures)):
        locale.include_router(routeur)
    poser_gestionnaires(locale)
    poser_methodes(locale)
    poser_contrat(locale)
    etat.contrat = ContratPublic(services, locale.openapi, url_publique=socle.url_publique)
    verifier_politiques(locale)
    locale.add_middleware(Imprevus, service="gateway")
    locale.add_middleware(Compression)
    locale.add_middleware(HeadParGet)

    limites = limites_de(socle, table)
    locale.add_middleware(GardeJson, limites=limites)
    passerelle = Passerelle(
        table=table,
        amonts=services,
        locale=locale,
        outils=outils,
        limites=limites,
        mesures=mesures,
    )
    return Application(passerelle, locale)


def create_app_depuis_environnement() -> Application:
    """Compose the gateway of this process from its environment, for uvicorn."""
    configurer_journaux("gateway")
    settings = GatewaySettings()
    app = create_app(amonts=settings.amonts, socle=SocleSettings(), settings=settings)
    # What is composed lives as long as the process: without this, each full collection would walk it again.
    gc.collect()
    gc.freeze()
    return app


def _verification_de(base: Database) -> Verification:
    async def verifier() -> str:
        async with base.read() as session:
            await repond(session)
        return base.mode

    return verifier


async def _demander_pret(amont: Amont) -> str:
    statut, corps = await amont.demander("/sante/pret", delai=0.8)
    dit = str(json.loads(corps).get("statut", statut))
    if statut != 200:
        raise Introuvable(dit)
    return dit


async def _renouveler(outils: Outils, dossier: Path) -> None:
    outils.signataire.renouveler(dossier)


@asynccontextmanager
async def _periodique(secondes: float, geste: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    async def tourner() -> None:
        while True:
            await asyncio.sleep(secondes)
            await geste()

    tache = asyncio.create_task(tourner())
    try:
        yield
    finally:
        tache.cancel()
        with suppress(asyncio.CancelledError):
            await tache


def _routeur_mesures(mesures: Mesures) -> APIRouter:
    routeur = APIRouter(include_in_schema=False)

    @routeur.get("/metrics")
    async def metrics(_: Ouvert, request: Request) -> Response:
        """Mesures au format Prometheus, pour cette machine seulement."""
        try:
            proche = ipaddress.ip_address(adresse_de(request.scope)).is_loopback
        except ValueError:
            proche = False
        if not proche:
            raise Introuvable("Aucune page ne correspond à cette adresse.")
        return Response(
            mesures.exposer(), headers={"cache-control": "no-store"}, media_type="text/plain; version=0.0.4"
        )

    return routeur
