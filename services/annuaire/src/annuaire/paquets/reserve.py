"""Packs kept ready to send, compressed: bounded in number and in bytes, each built once for all who ask."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from annuaire.paquets.repository import Signature

ENTREES = 128
"""More than there are départements."""

OCTETS = 32 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Etat:
    """Where the directory stands: its change number, the number of its closings."""

    numero: int
    fermetures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paquet:
    """A pack ready to send.

    `corps` is its JSON, compressed by gzip; `numero` the change number of its snapshot. It is right from `construit_le`
    until `perime_le`, excluded, the end of the day at its place, as long as the département keeps its `signature`;
    `vu` is the latest state of the directory at which that was checked.
    """

    departement: str
    corps: bytes
    etag: str
    numero: int
    signature: Signature
    vu: Etat
    construit_le: datetime
    perime_le: datetime


class Reserve:
    """The packs of this process, the least asked leaving first."""

    def __init__(self, *, entrees: int = ENTREES, octets: int = OCTETS) -> None:
        self._entrees, self._octets_max = entrees, octets
        self._paquets: OrderedDict[str, Paquet] = OrderedDict()
        self._octets = 0
        self._tours: dict[str, asyncio.Lock] = {}
        # A midnight asks for a hundred packs at once: one is built at a time, or other readers would wait.
        self._atelier = asyncio.Lock()

    @property
    def taille(self) -> tuple[int, int]:
        """Packs kept, and their bytes."""
        return len(self._paquets), self._octets

    def prendre(self, departement: str, instant: datetime) -> Paquet | None:
        """Return the pack kept for a département, if its day is not over."""
        paquet = self._paquets.get(departement)
        if paquet is None or not paquet.construit_le <= instant < paquet.perime_le:
            return None
        self._paquets.move_to_end(departement)
        return paquet

    def ranger(self, paquet: Paquet) -> None:
        """Keep a pack in the place of the former one; one larger than the whole reserve is not kept."""
        self._retirer(paquet.departement)
        if len(paquet.corps) > self._octets_max:
            return
        self._paquets[paquet.departement] = paquet
        self._octets += len(paquet.corps)
        while len(self._paquets) > self._entrees or self._octets > self._octets_max:
            self._retirer(next(iter(self._paquets)))

    def confirmer(self, paquet: Paquet, vu: Etat) -> Paquet:
        """Note that a pack was still right at a later state of the directory, and return it."""
        confirme = replace(paquet, vu=vu)
        if self._paquets.get(paquet.departement) is paquet:
            self._paquets[paquet.departement] = confirme
        return confirme

    @asynccontextmanager
    async def tour(self, departement: str) -> AsyncIterator[None]:
        """Wait for one's turn to build this pack: whoever waited looks in the reserve first."""
        async with self._tours.setdefault(departement, asyncio.Lock()):
            yield

    @asynccontextmanager
    async def atelier(self) -> AsyncIterator[None]:
        """Wait to be the only one that builds."""
        async with self._atelier:
            yield

    def _retirer(self, departement: str) -> None:
        paquet = self._paquets.pop(departement, None)
        if paquet is not None:
            self._octets -= len(paquet.corps)
