"""A small cache by URL: `memoire:` in the process, `redis://` shared; redis is imported by the twins alone.

Nothing true lives only here: a lost entry is computed again, a broken store is a miss.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

TAILLE_MEMOIRE = 32 * 1024 * 1024
REPLI = 1.0
"""Seconds during which a Redis that failed is not asked again."""


class Cache(Protocol):
    """Bytes by key, for a while. Never raises: a broken store is a miss, counted in `echecs`."""

    echecs: int

    async def lire(self, cle: str) -> bytes | None:
        """Return the bytes, or nothing."""

    async def poser(self, cle: str, valeur: bytes, *, duree: float) -> None:
        """Keep bytes for `duree` seconds at most."""

    async def fermer(self) -> None:
        """Leave the store."""


class CacheMemoire:
    """Keeps the entries used last, up to `taille` bytes in all; one entry takes an eighth of it at most."""

    def __init__(self, *, taille: int = TAILLE_MEMOIRE, horloge: Callable[[], float] = time.monotonic) -> None:
        self.echecs = 0
        self._taille, self._horloge = taille, horloge
        self._entrees: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._occupe = 0

    async def lire(self, cle: str) -> bytes | None:
        """Return the bytes, or nothing."""
        entree = self._entrees.get(cle)
        if entree is None:
            return None
        if self._horloge() >= entree[1]:
            self._retirer(cle)
            return None
        self._entrees.move_to_end(cle)
        return entree[0]

    async def poser(self, cle: str, valeur: bytes, *, duree: float) -> None:
        """Keep bytes for `duree` seconds at most."""
        self._retirer(cle)
        if len(valeur) > self._taille // 8 or duree <= 0:
            return
        self._entrees[cle] = (valeur, self._horloge() + duree)
        self._occupe += len(valeur)
        while self._occupe > self._taille:
            self._retirer(next(iter(self._entrees)))

    def _retirer(self, cle: str) -> None:
        entree = self._entrees.pop(cle, None)
        if entree is not None:
            self._occupe -= len(entree[0])

    async def fermer(self) -> None:
        """Nothing to leave."""


class CacheRedis:
    """Keeps the entries in Redis; every failure is a miss."""

    def __init__(self, url: str, *, horloge: Callable[[], float] = time.monotonic) -> None:
        self.echecs = 0
        self._redis = Redis.from_url(url, socket_timeout=0.1, socket_connect_timeout=0.1)
        self._horloge, self._pas_avant = horloge, 0.0

    async def lire(self, cle: str) -> bytes | None:
        """Return the bytes, or nothing."""
        if self._horloge() < self._pas_avant:
            return None
        try:
            valeur = await self._redis.get(f"maillage:cache:{cle}")
        except (RedisError, OSError):
            self._echouer()
            return None
        return valeur if isinstance(valeur, bytes) else None

    async def poser(self, cle: str, valeur: bytes, *, duree: float) -> None:
        """Keep bytes for `duree` seconds at most."""
        if self._horloge() < self._pas_avant or duree <= 0:
            return
        try:
            await self._redis.set(f"maillage:cache:{cle}", valeur, px=max(1, int(duree * 1000)))
        except (RedisError, OSError):
            self._echouer()

    def _echouer(self) -> None:
        self.echecs += 1
        self._pas_avant = self._horloge() + REPLI

    async def fermer(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


def creer_cache(url: str) -> Cache:
    """Choose by URL: `memoire:` or `redis://…`; raises `ValueError` otherwise."""
    if url == "memoire:":
        return CacheMemoire()
    if url.startswith(("redis://", "rediss://")):
        return CacheRedis(url)
    raise ValueError(f"URL de cache inconnue : {url.split(':', 1)[0]}: (attendu : memoire: ou redis://)")
