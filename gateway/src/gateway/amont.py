"""What the gateway asks of a service, wherever it runs; and the services that run in this very process."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Protocol

from socle.web.client import creer_client
from socle.web.disjoncteur import Disjoncteur
from socle.web.errors import DelaiDepasse
from socle.web.vie import vivre
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.entetes import Entetes


@dataclass(frozen=True, slots=True)
class Appel:
    """One request on its way: `entetes` as the service will read them, `delai` in seconds, `corps` in bytes."""

    scope: Scope
    entetes: Entetes
    delai: float
    corps: int


class Amont(Protocol):
    """A service behind the gateway."""

    nom: str
    disjoncteur: Disjoncteur

    async def ouvrir(self) -> None:
        """Make ready to call."""

    async def fermer(self) -> None:
        """Leave."""

    async def relayer(self, appel: Appel, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back, both as streams.

        Raises an `Erreur` as long as nothing has been answered, `ReponseRompue` afterwards.
        """

    async def demander(self, chemin: str, *, delai: float) -> tuple[int, bytes]:
        """Read an address of the service itself (health, OpenAPI): status and body.

        Raises `OSError` or `TimeoutError`.
        """


class AmontAsgi:
    """A service composed in this process; it counts its bodies itself."""

    def __init__(self, nom: str, app: ASGIApp) -> None:
        self.nom, self._app = nom, app
        self.disjoncteur = Disjoncteur()
        self._pile = AsyncExitStack()

    async def ouvrir(self) -> None:
        """Start the application."""
        await self._pile.enter_async_context(vivre(self._app))

    async def fermer(self) -> None:
        """Stop it."""
        await self._pile.aclose()

    async def relayer(self, appel: Appel, receive: Receive, send: Send) -> None:
        """Call the application, its scope being its own."""
        gardes = ("type", "asgi", "http_version", "method", "scheme", "path", "raw_path", "query_string", "client")
        scope: MutableMapping[str, Any] = {nom: appel.scope[nom] for nom in gardes if nom in appel.scope}
        scope.update(
            server=("127.0.0.1", None), root_path="", headers=[(b"host", b"127.0.0.1"), *appel.entetes], state={}
        )
        commence = False

        async def noter(message: Message) -> None:
            nonlocal commence
            if message["type"] == "http.response.start":
                commence = True
                minuteur.reschedule(None)
            await send(message)

        try:
            async with asyncio.timeout(appel.delai) as minuteur:
                await self._app(scope, receive, noter)
        except TimeoutError as exc:
            if commence or not minuteur.expired():
                raise
            raise DelaiDepasse(f"Le service {self.nom} n'a pas répondu en {appel.delai:g} s.") from exc

    async def demander(self, chemin: str, *, delai: float) -> tuple[int, bytes]:
        """Read an address of the service itself."""
        async with asyncio.timeout(delai), creer_client("http://127.0.0.1", app=self._app) as client:
            reponse = await client.get(chemin)
            return reponse.status_code, reponse.content
