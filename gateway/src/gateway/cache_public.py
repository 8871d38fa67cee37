"""Public answers kept for a moment, and the conditional GETs that they answer without asking the service."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass

from socle.web.cache import Cache
from socle.web.etags import inchange
from starlette.types import Message, Scope, Send

from gateway.entetes import Entetes

TAILLE = 256 * 1024
"""Bytes of the largest answer kept."""

_VARIE = frozenset({b"accept", b"accept-encoding", b"accept-language"})
_DUREE = re.compile(rb"(?:^|[ ,])max-age=(\d{1,9})")
_INTERDITS = (b"no-store", b"no-cache", b"private")
_DU_304 = frozenset({b"cache-control", b"content-location", b"date", b"etag", b"expires", b"vary", b"link"})


@dataclass(frozen=True, slots=True)
class Gardee:
    """An answer kept: the headers that its service gave, its body."""

    entetes: Entetes
    corps: bytes

    def en_octets(self) -> bytes:
        """Write it for the store."""
        tete = json.dumps([[nom.decode("latin-1"), valeur.decode("latin-1")] for nom, valeur in self.entetes])
        return tete.encode() + b"\n" + self.corps

    @classmethod
    def lire(cls, octets: bytes) -> Gardee:
        """Read it back."""
        tete, _, corps = octets.partition(b"\n")
        return cls([(nom.encode("latin-1"), valeur.encode("latin-1")) for nom, valeur in json.loads(tete)], corps)

    async def repondre(self, scope: Scope, send: Send) -> None:
        """Answer a GET or HEAD: 304 when the caller has it already."""
        dits = dict(scope["headers"])
        etag = dict(self.entetes).get(b"etag", b"").decode("latin-1")
        voulu = dits.get(b"if-none-match")
        if etag and voulu is not None and inchange(voulu.decode("latin-1"), etag):
            entetes = [(nom, valeur) for nom, valeur in self.entetes if nom in _DU_304]
            await send({"type": "http.response.start", "status": 304, "headers": entetes})
            await send({"type": "http.response.body", "body": b""})
            return
        await send({"type": "http.response.start", "status": 200, "headers": self.entetes})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else self.corps})


class CachePublic:
    """Keeps 200 answers that say `public` and a `max-age`, for that long and at most `secondes`."""

    def __init__(self, cache: Cache, *, secondes: float) -> None:
        self._cache, self._secondes = cache, secondes

    @property
    def actif(self) -> bool:
        """Tell whether anything is kept at all."""
        return self._secondes > 0

    async def fermer(self) -> None:
        """Leave the store."""
        await self._cache.fermer()

    def cle(self, scope: Scope) -> str:
        """Name of the answer to a request."""
        variantes = sorted((nom, valeur) for nom, valeur in scope["headers"] if nom in _VARIE)
        chemin: bytes = scope.get("raw_path") or scope["path"].encode()
        return hashlib.sha256(repr((chemin, scope["query_string"], variantes)).encode()).hexdigest()

    async def lire(self, cle: str) -> Gardee | None:
        """Return the answer kept under this name."""
        octets = await self._cache.lire(cle)
        return None if octets is None else Gardee.lire(octets)

    def capturer(self, cle: str, send: Send) -> Send:
        """Wrap the `send` of a GET: a whole answer that may be kept is, once it is sent."""
        entetes: Entetes = []
        morceaux: list[bytes] = []
        duree = 0.0
        recus = 0

        async def noter(message: Message) -> None:
            nonlocal entetes, duree, recus
            if message["type"] == "http.response.start":
                entetes = list(message["headers"])
                duree = self._duree(message["status"], entetes)
            elif duree:
                recus += len(message.get("body", b""))
                if recus > TAILLE:
                    duree = 0.0
                    morceaux.clear()
                else:
                    morceaux.append(message.get("body", b""))
            await send(message)
            if duree and message["type"] == "http.response.body" and not message.get("more_body", False):
                await self._cache.poser(cle, Gardee(entetes, b"".join(morceaux)).en_octets(), duree=duree)

        return noter

    def _duree(self, statut: int, entetes: Entetes) -> float:
        dits = {nom.lower(): valeur.lower() for nom, valeur in entetes}
        regle = dits.get(b"cache-control", b"")
        duree = _DUREE.search(regle)
        varie = {v.strip() for v in dits.get(b"vary", b"").split(b",") if v.strip()}
        if (
            statut != 200
            or duree is None
            or b"public" not in regle
            or any(interdit in regle for interdit in _INTERDITS)
            or b"set-cookie" in dits
            or not varie <= _VARIE
        ):
            return 0.0
        return min(float(duree[1]), self._secondes)
