"""The way of a request through the gateway: limits, caller, quota, token, service."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlsplit

from socle.acces.jeton import Signataire
from socle.acces.politique import CLE_SCOPE, autoriser
from socle.acces.principal import ANONYME, Principal
from socle.errors import Erreur, NonAuthentifie
from socle.settings import SocleSettings
from socle.web.entetes import EntetesDeSecurite, completer
from socle.web.limits import GardeLimites, Limites, controler_tete, nom_hote
from socle.web.observabilite import (
    Mesures,
    Observation,
    dire,
    journal,
    methode_connue,
    suite_de_trace,
)
from socle.web.problemes import envoyer_probleme, traduire
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.amont import Amont, Appel
from gateway.cache_public import CachePublic
from gateway.comptes import Comptes, Prises
from gateway.entetes import PREVOL, PUBLICS, avec_licence, vers_amont, vers_client
from gateway.keys.identifier import Identificateur
from gateway.routes_table import ECRITURES, LECTURES, Classe, Route, Table

SERVICE = "gateway"
DELAI_ICI = 30.0
"""Seconds that an answer of the gateway's own may take."""

SILENCIEUSES = frozenset({"/sante/vivant", "/sante/pret", "/metrics"})
SANS_QUOTA = ("/sante/", "/metrics")
OUVERTES = ("/openapi.json", "/problemes/", "/sante/")


@dataclass(frozen=True, slots=True)
class Outils:
    """What the gateway decides with."""

    identificateur: Identificateur
    signataire: Signataire
    comptes: Comptes
    cache: CachePublic


def limites_de(settings: SocleSettings, table: Table) -> Limites:
    """Limits of the gateway: the larger bodies come from the routes table."""
    hotes = {nom_hote(hote) for hote in settings.hotes}
    publique = urlsplit(settings.url_publique).netloc
    return Limites(
        envois={(route.prefixe, route.fin): route.corps for route in table.routes if route.corps > Limites().corps},
        hotes=frozenset(hotes | {nom_hote(publique)}) if hotes else frozenset(),
    )


class _Reponse:
    """The `send` of a proxied request: the headers of a service become those of the gateway, the status is noted."""

    __slots__ = ("_comptes", "_licence", "_public", "_send", "prises", "propre", "statut")

    def __init__(self, send: Send, comptes: Comptes, *, public: bool, licence: str = "") -> None:
        self._send, self._comptes, self._public, self._licence = send, comptes, public, licence
        self.prises: Prises | None = None
        """What the request has taken from its quota."""
        self.propre = False
        """Whether the answer is the gateway's own: its headers of one hop are meant."""
        self.statut = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.statut = message["status"]
            if self.propre:
                entetes = completer([*message["headers"], *(PUBLICS if self._public else ())])
            else:
                entetes = vers_client(message["headers"], public=self._public)
                if self._licence and self.statut in (200, 304):
                    entetes = avec_licence(entetes, self._licence)
            if self.prises is not None:
                entetes += await self._comptes.rendre(self.prises) if self.statut == 304 else self.prises.entetes
            message = {"type": "http.response.start", "status": self.statut, "headers": entetes}
        await self._send(message)


class Passerelle:
    """The ASGI application: addresses of the table are proxied, the others fall to `locale`, observed as a service is.

    The proxied way has its own observation, since at this rate each layer shows.
    """

    def __init__(
        self,
        *,
        table: Table,
        amonts: Mapping[str, Amont],
        locale: ASGIApp,
        outils: Outils,
        limites: Limites,
        mesures: Mesures,
    ) -> None:
        self._table, self._amonts, self._outils, self._limites = table, amonts, outils, limites
        self._limites_de_ligne = {route.corps: replace(limites, corps=route.corps, envois={}) for route in table.routes}
        self._gardee = GardeLimites(locale, limites=limites)
        self._ici = Observation(
            self._repondre_ici, service=SERVICE, mesures=mesures, delai=DELAI_ICI, silencieuses=SILENCIEUSES
        )
        self._observee = EntetesDeSecurite(self._ici)
        self._mesures, self._lignes, self._journal = mesures, self._ici.lignes, journal(SERVICE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, every refusal being a problem."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        route = self._table.trouver(scope["path"], scope["method"])
        if route is None:
            # A deadline is given from one of our processes to another, never by a caller.
            scope["headers"] = [paire for paire in scope["headers"] if paire[0] != b"x-deadline-ms"]
            await self._observee(scope, receive, send)
        else:
            await self._passer(scope, receive, send, route)

    def vider(self) -> None:
        """Write the log lines that wait."""
        self._lignes.vider()

    async def _passer(self, scope: Scope, receive: Receive, send: Send, route: Route) -> None:
        debut = time.monotonic()
        recu = next((valeur for nom, valeur in scope["headers"] if nom == b"traceparent"), b"")
        identifiant, parent = suite_de_trace(recu.decode("latin-1"))
        reponse = _Reponse(send, self._outils.comptes, public=route.politique.anonymes, licence=route.licence)
        scope["route"] = route
        scope.setdefault("state", {})["trace"] = identifiant
        self._mesures.en_cours.inc()
        try:
            await self._relayer(scope, receive, reponse, route, parent)
        except Exception as exc:
            if reponse.statut:
                self._journal.error("réponse rompue", trace=identifiant, route=route.path_format, exc_info=exc)
                raise
            reponse.propre = True
            await dire(self._journal, exc, traduire(exc, methode=scope["method"]), scope, reponse)
        finally:
            self._mesures.en_cours.dec()
            # 499: the caller left before the answer.
            methode, statut = methode_connue(scope["method"]), reponse.statut or 499
            duree = time.monotonic() - debut
            self._mesures.noter(methode, route.path_format, statut, duree)
            self._lignes.ecrire(methode, route.path_format, statut, duree, identifiant)

    async def _repondre_ici(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of the gateway's own."""
        reponse = _Reponse(send, self._outils.comptes, public=scope["path"].startswith(OUVERTES))
        try:
            controler_tete(scope, self._limites)
            scope[CLE_SCOPE] = principal = await self._identifier(scope)
            if not scope["path"].startswith(SANS_QUOTA):
                classe = Classe.ECRITURES if scope["method"] in ECRITURES else Classe.LECTURES
                reponse.prises = await self._compter(scope, classe, principal)
        except Erreur as erreur:
            reponse.propre = True
            await envoyer_probleme(reponse, erreur, methode=scope["method"])
            return
        await self._gardee(scope, receive, reponse)

    async def _identifier(self, scope: Scope) -> Principal:
        adresse = adresse_de(scope)
        try:
            return await self._outils.identificateur.identifier(
                scope["headers"], scope["query_string"], adresse=adresse
            )
        except NonAuthentifie:
            await self._outils.comptes.refuser(bloc(adresse))
            raise

    async def _compter(self, scope: Scope, classe: Classe, principal: Principal) -> Prises:
        return await self._outils.comptes.prendre(classe, principal, bloc(adresse_de(scope)))

    async def _relayer(self, scope: Scope, receive: Receive, reponse: _Reponse, route: Route, parent: str) -> None:
        methode: str = scope["method"]
        # Those of the line: a body that the service would refuse at once is not sent to it.
        controler_tete(scope, self._limites_de_ligne[route.corps])
        if methode == "OPTIONS" and _est_prevol(scope):
            reponse.propre = True
            await reponse({"type": "http.response.start", "status": 204, "headers": PREVOL})
            await reponse({"type": "http.response.body", "body": b""})
            return
        principal = await self._identifier(scope)
        reponse.prises = await self._compter(scope, route.quota, principal)
        autoriser(principal, route.politique)
        send: Send = reponse
        cache = self._outils.cache
        if route.cache and cache.actif and methode in ("GET", "HEAD"):
            cle = cache.cle(scope)
            gardee = await cache.lire(cle)
            if gardee is not None:
                await gardee.repondre(scope, send)
                return
            if methode == "GET":
                send = cache.capturer(cle, send)
        # An application opens nothing: to the services its users are anybody.
        dit = ANONYME if principal.anonyme else principal
        jeton = self._outils.signataire.signer(dit, route.amont, ecriture=methode not in LECTURES)
        entetes = vers_amont(scope["headers"])
        entetes += (
            (b"authorization", b"Bearer " + jeton.encode()),
            (b"x-deadline-ms", b"%d" % (route.delai * 1000)),
            (b"traceparent", parent.encode()),
        )
        await self._amonts[route.amont].relayer(Appel(scope, entetes, route.delai, route.corps), receive, send)


def _est_prevol(scope: Scope) -> bool:
    """Tell a CORS preflight for a public read; any other is left without CORS headers, so refused by the browser."""
    dits = dict(scope["headers"])
    return b"origin" in dits and dits.get(b"access-control-request-method") in (b"GET", b"HEAD")


def adresse_de(scope: Scope) -> str:
    """IP address of the caller, as the server sees it (which trusts the front server's header, or not)."""
    client = scope.get("client")
    return client[0] if client else "inconnue"


@lru_cache(maxsize=4096)
def bloc(adresse: str) -> str:
    """What counts as one caller: an IPv4 address, the /64 of an IPv6 one, which is what a single line is given."""
    try:
        ip = ipaddress.ip_address(adresse)
    except ValueError:
        return adresse
    if isinstance(ip, ipaddress.IPv4Address):
        return adresse
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, 64), strict=False))
