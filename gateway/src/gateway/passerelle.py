"""The way of a request through the gateway: limits, caller, quota, token, service."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from socle.acces.jeton import Signataire
from socle.acces.politique import CLE_SCOPE, autoriser
from socle.acces.principal import Principal
from socle.errors import Erreur, NonAuthentifie, QuotaDepasse
from socle.settings import SocleSettings
from socle.web.client import trace
from socle.web.limits import GardeLimites, Limites, controler_tete, nom_hote
from socle.web.problemes import envoyer_probleme
from socle.web.quotas import Decompte, Quota, Quotas
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.amont import Amont, Appel
from gateway.cache_public import CachePublic
from gateway.entetes import PREVOL, PUBLICS, Entetes, publier, vers_amont, vers_client
from gateway.keys.identifier import Identificateur
from gateway.routes_table import ECRITURES, LECTURES, QUOTAS, REFUS, Classe, Route, Table

SANS_QUOTA = ("/sante/", "/metrics")
OUVERTES = ("/openapi.json", "/problemes/", "/sante/")


@dataclass(frozen=True, slots=True)
class Outils:
    """What the gateway decides with."""

    identificateur: Identificateur
    signataire: Signataire
    quotas: Quotas
    facteur: float
    cache: CachePublic


def limites_de(settings: SocleSettings, table: Table) -> Limites:
    """Limits of the gateway: the larger bodies come from the routes table."""
    hotes = {nom_hote(hote) for hote in settings.hotes}
    publique = urlsplit(settings.url_publique).netloc
    return Limites(
        envois={(route.prefixe, route.fin): route.corps for route in table.routes if route.corps > Limites().corps},
        hotes=frozenset(hotes | {nom_hote(publique)}) if hotes else frozenset(),
    )


class Passerelle:
    """The ASGI application: addresses of the table are proxied, the others fall to `locale`."""

    def __init__(
        self,
        *,
        table: Table,
        amonts: Mapping[str, Amont],
        locale: ASGIApp,
        outils: Outils,
        limites: Limites,
    ) -> None:
        self._table, self._amonts, self._outils, self._limites = table, amonts, outils, limites
        self._locale = GardeLimites(locale, limites=limites)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, every refusal being a problem."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        methode: str = scope["method"]
        route = self._table.trouver(scope["path"], methode)
        if route is not None:
            scope["route"] = route
        ajouts: Entetes = []
        try:
            controler_tete(scope, self._limites)
            if methode == "OPTIONS" and _est_prevol(scope):
                await send({"type": "http.response.start", "status": 204, "headers": list(PREVOL)})
                await send({"type": "http.response.body", "body": b""})
                return
            principal = await self._identifier(scope)
            ajouts = await self._compter(scope, route, principal)
            if route is None:
                scope[CLE_SCOPE] = principal
                await self._locale(
                    scope, receive, _completer(send, ajouts, public=scope["path"].startswith(OUVERTES))
                )
                return
            autoriser(principal, route.politique)
            await self._relayer(scope, receive, _completer(send, ajouts, public=_publique(route)), route, principal)
        except Erreur as erreur:
            entetes = {nom.decode(): valeur.decode() for nom, valeur in ajouts}
            if route is None or _publique(route):
                entetes.update((nom.decode(), valeur.decode()) for nom, valeur in PUBLICS)
            await envoyer_probleme(send, erreur, methode=methode, entetes=entetes)

    async def _identifier(self, scope: Scope) -> Principal:
        adresse = adresse_de(scope)
        try:
            return await self._outils.identificateur.identifier(
                scope["headers"], scope["query_string"], adresse=adresse
            )
        except NonAuthentifie:
            await self._prendre(REFUS, f"ip:{bloc(adresse)}")
            raise

    async def _compter(self, scope: Scope, route: Route | None, principal: Principal) -> Entetes:
        """Take the request from its quota; returns the headers that say what is left. Raises `QuotaDepasse`."""
        if route is None and scope["path"].startswith(SANS_QUOTA):
            return []
        classe = route.quota if route else Classe.ECRITURES if scope["method"] in ECRITURES else Classe.LECTURES
        anonyme, avec_cle = QUOTAS[classe]
        if principal.anonyme:
            return await self._prendre(anonyme, f"ip:{bloc(adresse_de(scope))}")
        return await self._prendre(avec_cle, principal.sujet)

    async def _prendre(self, quota: Quota, cle: str) -> Entetes:
        facteur = self._outils.facteur
        if not facteur:
            return []
        if facteur != 1:
            quota = Quota(quota.nom, max(1, int(quota.nombre * facteur)), quota.fenetre)
        decompte = await self._outils.quotas.prendre(quota, cle)
        if not decompte.permis:
            raise _depasse(quota, decompte)
        return [
            (b"ratelimit-policy", quota.politique.encode()),
            (b"ratelimit", decompte.entete(quota).encode()),
        ]

    async def _relayer(self, scope: Scope, receive: Receive, send: Send, route: Route, principal: Principal) -> None:
        cache = self._outils.cache
        if route.cache and cache.actif and scope["method"] in ("GET", "HEAD"):
            cle = cache.cle(scope)
            gardee = await cache.lire(cle)
            if gardee is not None:
                await gardee.repondre(scope, send)
                return
            if scope["method"] == "GET":
                send = cache.capturer(cle, send)
        jeton = self._outils.signataire.signer(principal, route.amont, ecriture=scope["method"] not in LECTURES)
        entetes = vers_amont(scope["headers"])
        entetes.append((b"authorization", b"Bearer " + jeton.encode()))
        entetes.append((b"x-deadline-ms", str(int(route.delai * 1000)).encode()))
        if parent := trace.get():
            entetes.append((b"traceparent", parent.encode()))
        await self._amonts[route.amont].relayer(Appel(scope, entetes, route.delai, route.corps), receive, send)


def _publique(route: Route) -> bool:
    return route.politique.anonymes


def _est_prevol(scope: Scope) -> bool:
    """Tell a CORS preflight for a public read; any other is left without CORS headers, so refused by the browser."""
    dits = dict(scope["headers"])
    return b"origin" in dits and dits.get(b"access-control-request-method") in (b"GET", b"HEAD")


def _completer(send: Send, ajouts: Entetes, *, public: bool) -> Send:
    """Wrap `send`: the headers of a service become those of the gateway."""

    async def noter(message: Message) -> None:
        if message["type"] == "http.response.start":
            entetes = vers_client(message["headers"])
            if public:
                entetes = publier(entetes)
            message = {**message, "headers": entetes + ajouts}
        await send(message)

    return noter


def _depasse(quota: Quota, decompte: Decompte) -> QuotaDepasse:
    violees: dict[str, Any] = {"violated-policies": [quota.nom]}
    return QuotaDepasse(
        f"Au plus {quota.nombre} requêtes en {quota.fenetre} s ; reprenez dans {decompte.reprise} s.",
        entetes={
            "retry-after": str(decompte.reprise),
            "ratelimit-policy": quota.politique,
            "ratelimit": decompte.entete(quota),
        },
        **violees,
    )


def adresse_de(scope: Scope) -> str:
    """IP address of the caller, as the server sees it (which trusts the front server's header, or not)."""
    client = scope.get("client")
    return client[0] if client else "inconnue"


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
