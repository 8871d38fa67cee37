"""Headers that every answer bears, and the methods that every address knows."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOUJOURS: tuple[tuple[bytes, bytes], ...] = (
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
"""What every answer of a service bears."""


def completer(entetes: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Add the security headers that an answer does not set itself."""
    poses = {nom.lower() for nom, _ in entetes}
    return [*entetes, *((nom, valeur) for nom, valeur in TOUJOURS if nom not in poses)]


class EntetesDeSecurite:
    """Middleware: completes the headers of each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def noter(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = completer(list(message.get("headers", ())))
            await send(message)

        await self._app(scope, receive, noter)


_SANS_CORPS = "maillage.sans_corps"


def veut_un_corps(scope: Scope) -> bool:
    """Tell whether the body of an answer will be sent: a long one isn't worth making for a HEAD."""
    return _SANS_CORPS not in scope


class HeadParGet:
    """Middleware: HEAD runs the GET and drops its body (RFC 9110 §9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        # In place: the outer layers read in this same dictionary the route that was matched.
        scope["method"] = "GET"
        scope[_SANS_CORPS] = True

        async def sans_corps(message: Message) -> None:
            # The server reads it too, to know that no body follows: it would end a chunked one, or miss a whole one.
            scope["method"] = "HEAD"
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            # The server reads the method there too: an announced length without a body is a fault of any but a HEAD,
            # and it would cut the connection.
            scope["method"] = "HEAD"
            await send(message)
            scope["method"] = "GET"

        try:
            await self._app(scope, receive, sans_corps)
        finally:
            scope["method"] = "HEAD"
