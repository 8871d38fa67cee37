"""gzip for whoever asks; zstd and brotli are the front server's business."""

from __future__ import annotations

import zlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from socle.web.etags import SUFFIXE_GZIP

SEUIL = 1024
NIVEAU = 5
VARY = b"Accept, Accept-Encoding"
"""What the form of an answer depends on: its media type and its coding. There is one language."""

_TYPES = (
    b"application/json",
    b"application/geo+json",
    b"application/x-ndjson",
    b"application/problem+json",
    b"text/",
)


def accepte_gzip(entete: bytes) -> bool:
    """Tell whether `Accept-Encoding` wants gzip (RFC 9110 §12.5.3), weights included."""
    etoile = False
    for element in entete.lower().split(b","):
        codage, _, parametres = element.partition(b";")
        refuse = parametres.replace(b" ", b"") in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000")
        if codage.strip() == b"gzip":
            return not refuse
        if codage.strip() == b"*":
            etoile = not refuse
    return etoile


class Compression:
    """Middleware: compresses texts of at least 1 KiB. A strong ETag takes a suffix, that `etags` knows to read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        voulu = next((valeur for nom, valeur in scope["headers"] if nom == b"accept-encoding"), b"")
        if not accepte_gzip(voulu):
            await self._app(scope, receive, _varier(send))
            return
        connues = b",".join([valeur for nom, valeur in scope["headers"] if nom == b"if-none-match"])
        await self._app(scope, receive, _Compresseur(send, connues))


def _varie(message: Message) -> bool:
    """Tell whether an answer depends on what its caller accepts: a 304 does when what it stands for does."""
    return message["status"] == 304 or _compressible(message["headers"])


def _compressible(entetes: list[tuple[bytes, bytes]]) -> bool:
    dits = dict(entetes)
    return dits.get(b"content-type", b"").startswith(_TYPES) and b"content-encoding" not in dits


def _avec_vary(entetes: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    if any(nom == b"vary" and b"accept-encoding" in valeur.lower() for nom, valeur in entetes):
        return entetes
    return [*(paire for paire in entetes if paire[0] != b"vary"), (b"vary", VARY)]


def _varier(send: Send) -> Send:
    async def noter(message: Message) -> None:
        if message["type"] == "http.response.start" and _varie(message):
            message["headers"] = _avec_vary(list(message["headers"]))
        await send(message)

    return noter


class _Compresseur:
    """A `send` that holds the head of the answer until its first bytes tell how long it is."""

    def __init__(self, send: Send, connues: bytes) -> None:
        self._send, self._connues = send, connues
        self._tete: Message | None = None
        self._gzip: zlib._Compress | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = list(message["headers"])
            if message["status"] == 304:
                message["headers"] = _avec_vary(etag_connu(message["headers"], self._connues))
                await self._send(message)
            elif not _compressible(message["headers"]):
                await self._send(message)
            else:
                message["headers"] = _avec_vary(message["headers"])
                self._tete = message
            return
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        corps, suite = message.get("body", b""), message.get("more_body", False)
        if self._tete is not None:
            tete, self._tete = self._tete, None
            if suite or len(corps) >= SEUIL:
                # 31: a gzip envelope rather than a zlib one.
                self._gzip = zlib.compressobj(NIVEAU, zlib.DEFLATED, 31)
                corps = self._presser(corps, suite)
                tete["headers"] = entetes_gzip(tete["headers"], None if suite else len(corps))
            await self._send(tete)
        elif self._gzip is not None:
            corps = self._presser(corps, suite)
        await self._send({"type": "http.response.body", "body": corps, "more_body": suite})

    def _presser(self, corps: bytes, suite: bool) -> bytes:
        assert self._gzip is not None  # noqa: S101 - both callers have just made or seen it
        presse = self._gzip.compress(corps)
        # Each block goes out as it comes: a reader of a stream waits for no other.
        return presse + self._gzip.flush(zlib.Z_SYNC_FLUSH if suite else zlib.Z_FINISH)


def etag_connu(entetes: list[tuple[bytes, bytes]], connues: bytes) -> list[tuple[bytes, bytes]]:
    """Say of a 304 the strong tag that its caller holds, the compressed one's, so that its cache finds what to renew
    (RFC 9111 §4.3.4).
    """
    return [
        (nom, _suffixe(valeur) if nom == b"etag" and _suffixe(valeur) in connues else valeur) for nom, valeur in entetes
    ]


def _suffixe(etag: bytes) -> bytes:
    if etag.startswith(b"W/") or not etag.endswith(b'"'):
        return etag
    return etag[:-1] + SUFFIXE_GZIP.encode() + b'"'


def entetes_gzip(entetes: list[tuple[bytes, bytes]], longueur: int | None) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer once compressed to `longueur` bytes, `None` when it is streamed."""
    presses = []
    for nom, valeur in entetes:
        if nom == b"content-length":
            continue
        presses.append((nom, _suffixe(valeur) if nom == b"etag" else valeur))
    presses.append((b"content-encoding", b"gzip"))
    if longueur is not None:
        presses.append((b"content-length", str(longueur).encode()))
    return presses
