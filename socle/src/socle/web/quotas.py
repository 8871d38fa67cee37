"""Quotas by URL: `memoire:` in the process, `redis://` shared by all; the only importer of `limits`.

Both count with a sliding window made of two fixed ones: the previous window weighs what is left of it.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import ConnectionPool, Redis

REPLI = 1.0
"""Seconds during which a Redis that failed is not asked again."""

# The library takes and never gives back. The window that runs is the one with more than a whole period to live: with
# less, it is the previous one, about to be moved by the next reading.
_RENDRE = """
if redis.call('pttl', KEYS[1]) >= tonumber(ARGV[1]) * 1000 and tonumber(redis.call('get', KEYS[1]) or '0') > 0 then
    return redis.call('decr', KEYS[1])
end
return 0
"""


@dataclass(frozen=True, slots=True)
class Quota:
    """`nombre` requests in any `fenetre` seconds; `nom` is what the headers call the policy."""

    nom: str
    nombre: int
    fenetre: int

    @property
    def politique(self) -> str:
        """Value of `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10)."""
        return f'"{self.nom}";q={self.nombre};w={self.fenetre}'


@dataclass(frozen=True, slots=True)
class Decompte:
    """What one request leaves: `reste` requests, and `reprise` seconds until the window has moved on."""

    permis: bool
    reste: int
    reprise: int

    def entete(self, quota: Quota) -> str:
        """Value of `RateLimit`."""
        return f'"{quota.nom}";r={self.reste};t={self.reprise}'


class Quotas(Protocol):
    """Counts requests. Never raises: a broken store lets through and is counted in `echecs`."""

    echecs: int

    async def prendre(self, quota: Quota, cle: str) -> Decompte:
        """Take one request from the quota of this caller."""

    async def rendre(self, quota: Quota, cle: str) -> Decompte:
        """Give one request back to this caller: off the window that runs, never below nothing.

        A request taken before the window turned stays counted, in the memory and in Redis alike.
        """

    async def fermer(self) -> None:
        """Leave the store."""


class QuotasMemoire:
    """Counts in this process, in constant time, for the `capacite` callers seen last."""

    def __init__(self, *, capacite: int = 100_000, horloge: Callable[[], float] = time.time) -> None:
        self.echecs = 0
        self._capacite, self._horloge = capacite, horloge
        # (window number, count in it, count in the one before)
        self._comptes: OrderedDict[tuple[str, str], tuple[int, int, int]] = OrderedDict()

    async def prendre(self, quota: Quota, cle: str) -> Decompte:
        """Take one request from the quota of this caller."""
        numero, ecoule, actuel, precedent = self._compte(quota, cle)
        part = 1 - ecoule / quota.fenetre
        # The margin is for the rounding of fractions: a caller back at the very second it was told is let in.
        permis = precedent * part + actuel + 1 <= quota.nombre + 1e-6
        if permis:
            actuel += 1
        self._comptes[(quota.nom, cle)] = (numero, actuel, precedent)
        self._comptes.move_to_end((quota.nom, cle))
        if len(self._comptes) > self._capacite:
            self._comptes.popitem(last=False)
        return self._dire(quota, ecoule, actuel, precedent, permis=permis)

    async def rendre(self, quota: Quota, cle: str) -> Decompte:
        """Give one request back to this caller."""
        numero, ecoule, actuel, precedent = self._compte(quota, cle)
        if actuel:
            actuel -= 1
            self._comptes[(quota.nom, cle)] = (numero, actuel, precedent)
        return self._dire(quota, ecoule, actuel, precedent, permis=True)

    def _compte(self, quota: Quota, cle: str) -> tuple[int, float, int, int]:
        """Return the number of the window that runs, the seconds gone in it, its count and that of the one before."""
        fenetre, ecoule = divmod(self._horloge(), quota.fenetre)
        numero = int(fenetre)
        connu, actuel, precedent = self._comptes.get((quota.nom, cle), (numero, 0, 0))
        if connu != numero:
            precedent = actuel if connu == numero - 1 else 0
            actuel = 0
        return numero, ecoule, actuel, precedent

    def _dire(self, quota: Quota, ecoule: float, actuel: int, precedent: int, *, permis: bool) -> Decompte:
        part = 1 - ecoule / quota.fenetre
        reste = max(0, math.floor(quota.nombre - precedent * part - actuel))
        return Decompte(permis, reste, self._reprise(quota, ecoule, actuel, precedent))

    def _reprise(self, quota: Quota, ecoule: float, actuel: int, precedent: int) -> int:
        # The moment at which the weight of a past window has fallen enough for one more request: the previous one,
        # or, once this one is full, itself in the next.
        attente, poids, pris = -ecoule, precedent, actuel
        if actuel + 1 > quota.nombre:
            attente, poids, pris = quota.fenetre - ecoule, actuel, 0
        if poids:
            attente += quota.fenetre * (1 - min(1.0, (quota.nombre - pris - 1) / poids))
        return max(1, math.ceil(attente))

    async def fermer(self) -> None:
        """Nothing to leave."""


class QuotasRedis:
    """Counts in Redis for all the workers; in this process while Redis does not answer."""

    def __init__(self, url: str, *, horloge: Callable[[], float] = time.monotonic) -> None:
        self.echecs = 0
        self._connexions = ConnectionPool.from_url(url, socket_timeout=0.1, socket_connect_timeout=0.1)
        options: dict[str, Any] = {"connection_pool": self._connexions}
        self._magasin = RedisStorage("async+" + url, implementation="redispy", key_prefix="maillage:quotas", **options)
        self._compteur = SlidingWindowCounterRateLimiter(self._magasin)
        self._rendre = Redis(connection_pool=self._connexions).register_script(_RENDRE)
        self._repli = QuotasMemoire()
        self._horloge, self._pas_avant = horloge, 0.0

    async def prendre(self, quota: Quota, cle: str) -> Decompte:
        """Take one request from the quota of this caller."""

        async def faire(element: RateLimitItem) -> bool:
            return await self._compteur.hit(element, cle)

        return await self._essayer(quota, cle, faire, self._repli.prendre)

    async def rendre(self, quota: Quota, cle: str) -> Decompte:
        """Give one request back to this caller."""

        async def faire(element: RateLimitItem) -> bool:
            fenetre = self._magasin.bridge.prefixed_key(self._magasin._current_window_key(element.key_for(cle)))
            await self._rendre([fenetre], [quota.fenetre])
            return True

        return await self._essayer(quota, cle, faire, self._repli.rendre)

    async def _essayer(
        self,
        quota: Quota,
        cle: str,
        faire: Callable[[RateLimitItem], Awaitable[bool]],
        replier: Callable[[Quota, str], Awaitable[Decompte]],
    ) -> Decompte:
        if self._horloge() < self._pas_avant:
            return await replier(quota, cle)
        element = RateLimitItemPerSecond(quota.nombre, quota.fenetre, namespace=quota.nom)
        try:
            permis = await faire(element)
            etat = await self._compteur.get_window_stats(element, cle)
        except Exception:
            # Whatever breaks in the store, a quota is never a reason to refuse everybody.
            self.echecs += 1
            self._pas_avant = self._horloge() + REPLI
            return await replier(quota, cle)
        return Decompte(permis, max(0, int(etat.remaining)), max(1, math.ceil(etat.reset_time - time.time())))

    async def fermer(self) -> None:
        """Close the connections."""
        await self._connexions.aclose()


def creer_quotas(url: str) -> Quotas:
    """Choose by URL: `memoire:` or `redis://…`; raises `ValueError` otherwise."""
    if url == "memoire:":
        return QuotasMemoire()
    if url.startswith(("redis://", "rediss://")):
        return QuotasRedis(url)
    raise ValueError(f"URL de quotas inconnue : {url.split(':', 1)[0]}: (attendu : memoire: ou redis://)")
