"""The one client towards addresses that somebody else chose (server-side request forgery, OWASP API7).

A name is resolved once, every address that it has must be public, and the connection goes to the address that was
checked: a name that changes its mind between two questions gains nothing. Each redirect is a new call, checked whole.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from socle.web.client import (
    AGENT,
    AsyncBaseTransport,
    AsyncHTTPTransport,
    HTTPError,
    InvalidURL,
    Limits,
    Request,
    Response,
    TimeoutException,
    create_ssl_context,
)
from socle.web.sortant.adresses import Cible, Reglages, examiner, publique
from socle.web.sortant.corps import compter
from socle.web.sortant.errors import SortieRefusee

OCTETS_MAX: Final = 25 * 1024 * 1024
DELAI: Final = 60.0
DELAI_CONNEXION: Final = 10.0
REDIRECTIONS_MAX: Final = 3
ADRESSES_ESSAYEES: Final = 3
_REDIRIGE: Final = frozenset({301, 302, 303, 307, 308})

Resolveur = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the IP addresses of a name; raises `OSError` when it has none."""
Transport = Callable[[], AsyncBaseTransport]


async def resoudre(hote: str, port: int) -> Sequence[str]:
    """Ask the system for the addresses of a name."""
    trouvees = await asyncio.get_running_loop().getaddrinfo(hote, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(adresse[4][0]) for adresse in trouvees))


@cache
def _confiance() -> ssl.SSLContext:
    # the certificates of the package, whatever the environment says
    return create_ssl_context(trust_env=False)


def transport() -> AsyncBaseTransport:
    """Make what carries one call: no proxy, no connection kept for the next one."""
    return AsyncHTTPTransport(verify=_confiance(), trust_env=False, limits=Limits(max_keepalive_connections=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reponse:
    """An outside answer: its status, its headers (last value of each, lower case), its content as it comes."""

    statut: int
    entetes: Mapping[str, str]
    morceaux: AsyncIterator[bytes]


class Sortie:
    """Calls outside addresses. `resoudre` and `transport` are replaced in tests, never in service."""

    def __init__(self, reglages: Reglages, *, resoudre: Resolveur = resoudre, transport: Transport = transport) -> None:
        self.reglages = reglages
        self._resoudre, self._transport = resoudre, transport

    @asynccontextmanager
    async def demander(
        self,
        methode: str,
        url: str,
        *,
        entetes: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        contenu: bytes | None = None,
        types: frozenset[str] | None = None,
        redirections: int = REDIRECTIONS_MAX,
        octets: int = OCTETS_MAX,
        delai: float = DELAI,
    ) -> AsyncIterator[Reponse]:
        """Call an address, for the time of the block, `delai` seconds in all.

        `secrets` are headers that only the origin of `url` is given. `types` are the media types expected of a 200.
        With `redirections=0` a redirect is an answer like any other. Raises `SortieRefusee`, whatever goes wrong.
        """
        try:
            async with asyncio.timeout(delai):
                cible = examiner(url, self.reglages)
                premiere = cible.origine
                for reste in range(redirections, -1, -1):
                    gardes = secrets or {} if cible.origine == premiere else {}
                    reponse = await self._appeler(methode, cible, {**(entetes or {}), **gardes}, contenu, delai)
                    try:
                        if not redirections or reponse.status_code not in _REDIRIGE:
                            _verifier_le_type(reponse, types)
                            yield Reponse(
                                statut=reponse.status_code,
                                entetes=dict(reponse.headers),
                                morceaux=_contenu(reponse, octets),
                            )
                            return
                        cible = _suivre(cible, reponse, self.reglages, reste)
                    finally:
                        await _fermer(reponse)
                raise SortieRefusee("redirection")
        except TimeoutError:
            raise SortieRefusee("delai") from None
        except HTTPError as erreur:
            raise SortieRefusee(_classe(erreur)) from None

    async def _appeler(
        self, methode: str, cible: Cible, entetes: Mapping[str, str], contenu: bytes | None, delai: float
    ) -> Response:
        """Send one request to an address of the target that was checked; the headers of the answer are read."""
        adresses = [cible.hote] if cible.locale else await self._adresses(cible)
        derniere: HTTPError | None = None
        for adresse in adresses[:ADRESSES_ESSAYEES]:
            requete = Request(
                methode,
                cible.url if cible.locale else cible.url.copy_with(host=adresse),
                headers={"user-agent": AGENT, "accept-encoding": "gzip", **entetes, "host": _autorite(cible)},
                content=contenu,
                extensions={
                    "timeout": {"connect": min(DELAI_CONNEXION, delai), "read": delai, "write": delai, "pool": delai},
                    **({} if cible.locale else {"sni_hostname": cible.hote, "trace": _relire_le_pair(adresse)}),
                },
            )
            porteur = self._transport()
            try:
                reponse = await porteur.handle_async_request(requete)
            except HTTPError as erreur:
                await porteur.aclose()
                derniere = erreur
                if not isinstance(erreur, TimeoutException) and _classe(erreur) == "connexion":
                    continue
                raise
            except BaseException:
                await porteur.aclose()
                raise
            reponse.extensions["porteur"] = porteur
            reponse.request = requete
            return reponse
        raise derniere or SortieRefusee("nom-introuvable")

    async def _adresses(self, cible: Cible) -> Sequence[str]:
        """Resolve a target, once. Raises `SortieRefusee` unless every address that it has is public."""
        try:
            async with asyncio.timeout(DELAI_CONNEXION):
                trouvees = await self._resoudre(cible.hote, cible.port)
        except (OSError, UnicodeError):
            raise SortieRefusee("nom-introuvable") from None
        if not trouvees:
            raise SortieRefusee("nom-introuvable")
        if not all(map(_est_publique, trouvees)):
            raise SortieRefusee("adresse-refusee")
        return trouvees


def _est_publique(adresse: str) -> bool:
    try:
        return publique(adresse)
    except ValueError:
        return False


def _autorite(cible: Cible) -> str:
    hote = f"[{cible.hote}]" if ":" in cible.hote else cible.hote
    return hote if cible.url.port is None else f"{hote}:{cible.port}"


def _relire_le_pair(adresse: str) -> Callable[[str, Mapping[str, Any]], Awaitable[None]]:
    """Look at whom the connection reached, before a byte is sent to it: a network may answer for another."""

    async def relire(evenement: str, dit: Mapping[str, Any]) -> None:
        if evenement != "connection.connect_tcp.complete":
            return
        flux = dit["return_value"]
        pair = flux.get_extra_info("server_addr")
        if pair is None or pair[0] != adresse or not _est_publique(pair[0]):
            await flux.aclose()
            raise SortieRefusee("adresse-refusee")

    return relire


def _suivre(cible: Cible, reponse: Response, reglages: Reglages, reste: int) -> Cible:
    lieu = reponse.headers.get("location", "")
    if not reste or not lieu:
        raise SortieRefusee("redirection")
    try:
        suivante = cible.url.join(lieu)
    except (InvalidURL, ValueError):
        raise SortieRefusee("adresse-refusee") from None
    return examiner(suivante, reglages, redirigee=True)


def _verifier_le_type(reponse: Response, types: frozenset[str] | None) -> None:
    nu = reponse.headers.get("content-type", "").partition(";")[0].strip().lower()
    if types is not None and reponse.status_code == 200 and nu not in types:
        raise SortieRefusee("type-refuse")


async def _contenu(reponse: Response, octets: int) -> AsyncIterator[bytes]:
    codage = reponse.headers.get("content-encoding", "").strip().lower()
    async for morceau in compter(reponse.aiter_raw(), codage, octets=octets):
        yield morceau


async def _fermer(reponse: Response) -> None:
    await reponse.aclose()
    porteur: AsyncBaseTransport = reponse.extensions["porteur"]
    await porteur.aclose()


def _classe(erreur: HTTPError) -> Any:
    if isinstance(erreur, TimeoutException):
        return "delai"
    cause: BaseException | None = erreur
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "certificat"
        cause = cause.__cause__ or cause.__context__
    return "connexion" if type(erreur).__name__ == "ConnectError" else "interrompue"
