"""Small services, tokens and servers for the tests of the ground and of the gateway."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI
from socle.acces.cles import dossier_des_jetons
from socle.acces.jeton import Signataire
from socle.acces.principal import ANONYME, Principal
from socle.settings import SocleSettings
from socle.web.app import create_service
from socle.web.client import AsyncClient, creer_client
from socle.web.vie import vivre
from starlette.types import ASGIApp

HUB = Principal("cle:hub", nom="Hub", portees=frozenset({"sync:write"}), sources=frozenset({"hub-a"}))


def creer(donnees: Path, *routeurs: APIRouter, nom: str = "annuaire", **options: Any) -> FastAPI:
    """Compose a service with these routes, its keys in `donnees`."""
    settings = options.pop("settings", None) or SocleSettings(donnees=donnees)
    return create_service(
        nom=nom, titre=nom, description="", version="1", settings=settings, routeurs=routeurs, **options
    )


class Passe:
    """Signs tokens as the gateway would, and makes the headers that carry them."""

    def __init__(self, donnees: Path, *, audience: str = "annuaire") -> None:
        self.signataire = Signataire.depuis(dossier_des_jetons(SocleSettings(donnees=donnees).secrets))
        self._audience = audience

    def entetes(self, principal: Principal = ANONYME, *, ecriture: bool = False) -> dict[str, str]:
        """Headers of a request from this caller."""
        jeton = self.signataire.signer(principal, self._audience, ecriture=ecriture)
        return {"authorization": f"Bearer {jeton}"}


@asynccontextmanager
async def client_de(app: ASGIApp) -> AsyncIterator[AsyncClient]:
    """Run an application in this process and give a client of it."""
    async with vivre(app), creer_client("http://127.0.0.1", app=app) as client:
        yield client


class _Serveur(uvicorn.Server):
    """A server told to stop, where uvicorn's looks ten times a second whether it must."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.arret = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.arret.wait()


@asynccontextmanager
async def servir(app: ASGIApp, **reglages: Any) -> AsyncIterator[str]:
    """Serve an application with uvicorn on a free loopback port; gives its address. `reglages` are uvicorn's."""
    prise = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        lifespan="on",
        server_header=False,
        **reglages,
    )
    serveur = _Serveur(config)
    serveur.capture_signals = nullcontext  # type: ignore[method-assign,assignment]
    tache = asyncio.create_task(serveur.serve(sockets=[prise]))
    try:
        while not serveur.started:
            if tache.done():
                await tache
                raise RuntimeError("le serveur n'a pas démarré")
            await asyncio.sleep(0)
        yield f"http://127.0.0.1:{prise.getsockname()[1]}"
    finally:
        serveur.arret.set()
        await tache
        prise.close()


@asynccontextmanager
async def serveur_brut(repondre: Any) -> AsyncIterator[str]:
    """Serve raw TCP: `repondre(lecteur, ecrivain)` plays a server that misbehaves."""
    async with contextlib.AsyncExitStack() as pile:
        serveur = await asyncio.start_server(repondre, "127.0.0.1", 0)
        pile.callback(serveur.close)
        yield f"http://127.0.0.1:{serveur.sockets[0].getsockname()[1]}"


class Dialogue:
    """A raw HTTP/1.1 conversation, to send what no client library would."""

    def __init__(self, lecteur: asyncio.StreamReader, ecrivain: asyncio.StreamWriter) -> None:
        self.lecteur, self.ecrivain = lecteur, ecrivain

    async def envoyer(self, *lignes: str, corps: bytes = b"") -> None:
        """Send lines and a body."""
        self.ecrivain.write("\r\n".join([*lignes, "", ""]).encode("latin-1") + corps)
        await self.ecrivain.drain()

    async def tete(self) -> tuple[int, dict[str, str]]:
        """Read the status and headers of an answer."""
        lignes = (await self.lecteur.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        entetes = (ligne.partition(":") for ligne in lignes[1:] if ligne)
        return int(lignes[0].split()[1]), {nom.lower(): valeur.strip() for nom, _, valeur in entetes}

    async def reste(self) -> bytes:
        """Read until the connection ends."""
        return await self.lecteur.read()


@asynccontextmanager
async def dialogue(adresse: str) -> AsyncIterator[Dialogue]:
    """Open a raw conversation with a server."""
    hote, port = adresse.removeprefix("http://").split(":")
    lecteur, ecrivain = await asyncio.open_connection(hote, int(port))
    try:
        yield Dialogue(lecteur, ecrivain)
    finally:
        ecrivain.close()
        with contextlib.suppress(OSError):
            await ecrivain.wait_closed()


def un(paires: Iterable[tuple[bytes, bytes]], nom: bytes) -> list[bytes]:
    """Values of a header, in order."""
    return [valeur for cle, valeur in paires if cle == nom]
