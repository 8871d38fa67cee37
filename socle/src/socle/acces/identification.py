"""ASGI middleware of the services: no token, no entry."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from socle.acces.jeton import Verificateur
from socle.acces.politique import CLE_SCOPE
from socle.errors import NonAuthentifie
from socle.web.problemes import envoyer_probleme

LECTURES = frozenset({"GET", "HEAD", "OPTIONS"})


class Identification:
    """Verifies the bearer token of each request and puts the caller in the ASGI scope.

    `ouverts` are the exact paths that need none. Everything else is a 401 before the body is read.
    """

    def __init__(self, app: ASGIApp, *, verificateur: Verificateur, ouverts: frozenset[str]) -> None:
        self._app, self._verificateur, self._ouverts = app, verificateur, ouverts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in self._ouverts:
            try:
                scope[CLE_SCOPE] = self._verificateur.verifier(_jeton(scope), ecriture=scope["method"] not in LECTURES)
            except NonAuthentifie as erreur:
                await envoyer_probleme(send, erreur, methode=scope["method"])
                return
        await self._app(scope, receive, send)


def _jeton(scope: Scope) -> str:
    trouves: list[bytes] = [valeur for nom, valeur in scope["headers"] if nom == b"authorization"]
    if len(trouves) != 1:
        raise NonAuthentifie("Ce service ne répond qu'à la passerelle : le jeton de la requête manque.")
    genre, _, jeton = trouves[0].decode("latin-1").partition(" ")
    if genre.lower() != "bearer":
        raise NonAuthentifie("Ce service ne répond qu'à la passerelle : le jeton de la requête manque.")
    return jeton.strip()
