"""An Internet for tests: names that resolve as told, servers that answer as told, and canaries that count visits."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from socle.web.client import AsyncBaseTransport, AsyncByteStream, AsyncHTTPTransport, ConnectError, Request, Response
from socle.web.sortant.adresses import Reglages
from socle.web.sortant.client import Sortie

PUBLIQUE = "93.184.216.34"
AUTRE_PUBLIQUE = "2606:2800:220:1::1"

Repondeur = Callable[[Request], Response]


@dataclass
class Internet:
    """`noms` gives the addresses of each name, a list a question (the last one for ever); `sites` what they answer."""

    noms: dict[str, list[Sequence[str]]] = field(default_factory=dict)
    sites: dict[str, Repondeur] = field(default_factory=dict)
    questions: list[str] = field(default_factory=list)
    requetes: list[Request] = field(default_factory=list)
    echappees: list[str] = field(default_factory=list)
    """Requests that went to another address than those of the sites."""
    vrai_reseau: bool = False

    def sortie(self, **reglages: object) -> Sortie:
        """Make the client under test, upon this Internet."""
        return Sortie(Reglages(**reglages), resoudre=self.resoudre, transport=lambda: _Porteur(self))  # type: ignore[arg-type]

    def site(self, nom: str, repondre: Repondeur, *adresses: str) -> None:
        """Open a public site."""
        self.noms[nom] = [adresses or (PUBLIQUE,)]
        self.sites[nom] = repondre

    async def resoudre(self, hote: str, port: int) -> Sequence[str]:
        self.questions.append(hote)
        reponses = self.noms.get(hote)
        if reponses is None:
            return [hote]  # an address is its own name
        adresses = reponses.pop(0) if len(reponses) > 1 else reponses[0]
        if not adresses:
            raise OSError("nom inconnu")
        return adresses


class _Porteur(AsyncBaseTransport):
    """Gives a request to the site that its Host names, or to the real network."""

    def __init__(self, internet: Internet) -> None:
        self._internet = internet
        self._vrai = AsyncHTTPTransport(verify=False, trust_env=False)

    async def handle_async_request(self, request: Request) -> Response:
        self._internet.requetes.append(request)
        site = self._internet.sites.get(request.headers["host"].partition(":")[0])
        if site is not None and request.url.host in (PUBLIQUE, AUTRE_PUBLIQUE):
            return site(request)
        self._internet.echappees.append(str(request.url))
        if not self._internet.vrai_reseau:
            raise AssertionError(f"personne à {request.url}")
        if request.url.host not in ("127.0.0.1", "::1", "localhost"):
            raise ConnectError("hors de cette machine", request=request)
        return await self._vrai.handle_async_request(request)

    async def aclose(self) -> None:
        await self._vrai.aclose()


class Flux(AsyncByteStream):
    """A body in pieces, as it comes from a network."""

    def __init__(self, *morceaux: bytes) -> None:
        self._morceaux = morceaux

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for morceau in self._morceaux:
            await asyncio.sleep(0)
            yield morceau


def reponse(statut: int = 200, *morceaux: bytes, entetes: Mapping[str, str] | None = None) -> Response:
    """Make an answer whose body comes in pieces."""
    return Response(statut, headers=dict(entetes or {}), stream=Flux(*morceaux))


def renvoi(vers: str, statut: int = 302) -> Repondeur:
    """Answer by a redirect."""
    return lambda _: reponse(statut, entetes={"location": vers})


@dataclass
class Canaris:
    """Listeners on this machine's own addresses, that nobody should ever reach."""

    port: int
    visites: int = 0


@asynccontextmanager
async def canaris() -> AsyncIterator[Canaris]:
    """Listen on every local address, IPv4 and IPv6, and count connections."""
    compte = Canaris(0)

    async def recevoir(_lecteur: asyncio.StreamReader, ecrivain: asyncio.StreamWriter) -> None:
        compte.visites += 1
        ecrivain.close()

    premier = await asyncio.start_server(recevoir, "0.0.0.0", 0)
    compte.port = premier.sockets[0].getsockname()[1]
    serveurs = [premier]
    with contextlib.suppress(OSError):  # a machine without IPv6
        serveurs.append(await asyncio.start_server(recevoir, "::1", compte.port))
    try:
        yield compte
    finally:
        for serveur in serveurs:
            serveur.close()
            await serveur.wait_closed()
