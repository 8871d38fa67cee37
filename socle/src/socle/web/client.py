"""Outgoing HTTP: the only importer of httpx, whose types the rest of the code takes from here."""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import Any

import httpx
from httpx import (
    URL,
    ASGITransport,
    AsyncBaseTransport,
    AsyncByteStream,
    AsyncClient,
    AsyncHTTPTransport,
    Client,
    ConnectError,
    HTTPError,
    HTTPStatusError,
    InvalidURL,
    Limits,
    MockTransport,
    ReadError,
    Request,
    Response,
    TimeoutException,
    create_ssl_context,
)
from httpx_aiohttp import AiohttpTransport
from starlette.types import ASGIApp

__all__ = [
    "AGENT",
    "URL",
    "ASGITransport",
    "AsyncBaseTransport",
    "AsyncByteStream",
    "AsyncClient",
    "AsyncHTTPTransport",
    "Client",
    "ConnectError",
    "HTTPError",
    "HTTPStatusError",
    "InvalidURL",
    "Limits",
    "MockTransport",
    "ReadError",
    "Request",
    "Response",
    "TimeoutException",
    "create_ssl_context",
    "creer_client",
    "creer_client_synchrone",
    "echeance",
    "trace",
]

# Set by the observability middleware for the time of a request, carried by the calls made meanwhile.
trace: ContextVar[str | None] = ContextVar("maillage_trace", default=None)
echeance: ContextVar[float | None] = ContextVar("maillage_echeance", default=None)

AGENT = "maillage/0.1"


async def _propager(requete: Request) -> None:
    parent = trace.get()
    if parent is not None:
        requete.headers.setdefault("traceparent", parent)
    limite = echeance.get()
    if limite is not None:
        reste = int((limite - time.monotonic()) * 1000)
        if reste <= 0:
            raise httpx.ReadTimeout("Le délai de la requête est écoulé", request=requete)
        requete.headers["x-deadline-ms"] = str(reste)
        delais: dict[str, Any] = requete.extensions.get("timeout", {})
        requete.extensions["timeout"] = {
            nom: min(valeur, reste / 1000) if valeur is not None else reste / 1000 for nom, valeur in delais.items()
        }


def creer_client(
    base_url: str = "",
    *,
    app: ASGIApp | None = None,
    delai: float = 10.0,
    connexion: float = 2.0,
    entetes: dict[str, str] | None = None,
) -> AsyncClient:
    """Make an asynchronous client, towards `base_url` or, in one process, towards an ASGI application.

    `delai` (seconds) bounds each wait, `connexion` the opening of a connection; both shrink to what is left of the
    current request, whose trace the calls carry. No redirects, no proxy taken from the environment.
    """
    transport: httpx.AsyncBaseTransport = (
        AiohttpTransport() if app is None else ASGITransport(app=app, raise_app_exceptions=False)
    )
    return AsyncClient(
        base_url=base_url or ("http://localhost" if app is not None else ""),
        transport=transport,
        timeout=httpx.Timeout(delai, connect=min(connexion, delai)),
        follow_redirects=False,
        trust_env=False,
        headers={"user-agent": AGENT, **(entetes or {})},
        event_hooks={"request": [_propager]},
    )


def creer_client_synchrone(
    base_url: str = "",
    *,
    transport: httpx.BaseTransport | None = None,
    delai: float = 30.0,
    entetes: dict[str, str] | None = None,
) -> Client:
    """Make a blocking client for command lines; `transport` replaces the network in tests."""
    return Client(
        base_url=base_url,
        transport=transport,
        timeout=httpx.Timeout(delai, connect=min(5.0, delai)),
        follow_redirects=False,
        trust_env=False,
        headers={"user-agent": AGENT, **(entetes or {})},
    )
