"""A gateway in front of a service that says what it received."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.app import Application, create_app
from gateway.routes_table import ROUTES, Route
from gateway.settings import GatewaySettings
from socle.settings import SocleSettings
from socle.web.client import AsyncClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.fabriques.services import client_de


class Echo:
    """A bare service: answers what it received, or what `reponse` says; keeps its requests."""

    def __init__(self) -> None:
        self.recues: list[dict[str, Any]] = []
        self.statut = 200
        self.entetes: list[tuple[bytes, bytes]] = [(b"content-type", b"application/json")]
        self.corps: bytes | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": message["type"] + ".complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        corps, suite = b"", True
        while suite:
            message: Message = await receive()
            corps += message.get("body", b"")
            suite = message.get("more_body", False)
        recue = {
            "methode": scope["method"],
            "cible": scope.get("raw_path", b"").decode("latin-1"),
            "requete": scope["query_string"].decode("latin-1"),
            "entetes": [[nom.decode("latin-1"), valeur.decode("latin-1")] for nom, valeur in scope["headers"]],
            "octets": len(corps),
        }
        self.recues.append(recue)
        rendu = json.dumps(recue).encode() if self.corps is None else self.corps
        longueur = (b"content-length", str(len(rendu)).encode())
        await send({"type": "http.response.start", "status": self.statut, "headers": [*self.entetes, longueur]})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else rendu})

    def entete(self, nom: str) -> list[str]:
        """Values of a header of the last request."""
        return [valeur for cle, valeur in self.recues[-1]["entetes"] if cle == nom]


def composer(
    donnees: Path,
    amonts: Mapping[str, ASGIApp | str],
    *,
    routes: Sequence[Route] = ROUTES,
    socle: Mapping[str, Any] | None = None,
    **reglages: Any,
) -> Application:
    """Compose a gateway; the services not given are `annuaire`'s."""
    tous = {nom: amonts.get(nom, amonts["annuaire"]) for nom in ("annuaire", "coordination", "financement")}
    reglages.setdefault("MAILLAGE_DEMONSTRATION", True)
    return create_app(
        amonts=tous,
        socle=SocleSettings(donnees=donnees, **(socle or {})),
        settings=GatewaySettings(**reglages),
        routes=routes,
    )


@dataclass
class Banc:
    """A running gateway, a client of it, the service behind, the administrator's key."""

    app: Application
    client: AsyncClient
    echo: Echo
    cle: str

    @property
    def identite(self) -> dict[str, str]:
        """Headers of the administrator."""
        return {"authorization": f"Bearer {self.cle}"}


@asynccontextmanager
async def banc(donnees: Path, **reglages: Any) -> AsyncIterator[Banc]:
    """Run a gateway in this process in front of an `Echo`."""
    echo = Echo()
    app = composer(donnees, {"annuaire": echo}, **reglages)
    async with client_de(app) as client:
        fichier = donnees / "cle-demonstration.txt"
        yield Banc(app, client, echo, fichier.read_text().strip() if fichier.exists() else "")
