"""Who answers a search: the main engine, and when it can't, the next one; whoever answers says so.

A search waits for an engine no longer than `DELAI_S`, and a breaker spares those that come after it a dead server: the
first answer of a fallback comes within the second, the next ones at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeVar

import structlog
from socle.web.disjoncteur import Disjoncteur, Etat

from annuaire.recherche.port import (
    ActorDocument,
    ActorPage,
    ActorQuery,
    Circle,
    EngineHealth,
    EngineStats,
    EngineUnavailable,
    FacetValue,
    Operation,
    Receipt,
    ReceiptState,
    Report,
    SearchEngine,
    Suggestion,
)

DELAI_S: Final = 0.8
"""Longest wait for an engine that another one may replace."""
RETARD_MAX_S: Final = 900.0
"""An index further behind than this is no answer."""

R = TypeVar("R")
journal = structlog.get_logger(__name__)


class Lecteur(Protocol):
    """What answers questions: an engine, or less."""

    async def search(self, query: ActorQuery) -> ActorPage: ...
    async def suggest(self, prefix: str, *, near: Circle | None, limit: int) -> tuple[Suggestion, ...]: ...
    async def facet_values(self, facet: str, prefix: str, query: ActorQuery) -> tuple[FacetValue, ...]: ...
    async def count(self, query: ActorQuery) -> int: ...
    async def health(self) -> EngineHealth: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Repli:
    """A reader that may answer in place of another; `retard` says how far behind it is, in seconds, `None` unknown."""

    nom: str
    lecteur: Lecteur
    retard: Callable[[], float | None] = lambda: 0.0


def disjoncteur(horloge: Callable[[], float] = time.monotonic) -> Disjoncteur:
    """Make the breaker of an engine: five failures in a row, or half of twenty, open it for ten seconds; one probe."""
    return Disjoncteur(fenetre=10.0, minimum=20, part=0.5, de_suite=5, repos=10.0, essais=1, horloge=horloge)


@dataclass(slots=True)
class _Voie:
    repli: Repli
    rang: int
    disjoncteur: Disjoncteur = field(default_factory=disjoncteur)


class Aiguillage:
    """An engine made of a main one and of what may answer in its place, in order. Writes go to the main one alone."""

    def __init__(
        self,
        nom: str,
        principal: SearchEngine,
        replis: Sequence[Repli],
        *,
        delai: float = DELAI_S,
        horloge: Callable[[], float] = time.monotonic,
    ) -> None:
        self._principal, self._delai = principal, delai
        voies = (Repli(nom, principal), *replis)
        self._voies = [_Voie(repli, rang, disjoncteur(horloge)) for rang, repli in enumerate(voies)]

    @property
    def etats(self) -> dict[str, Etat]:
        """Return the state of the breaker of each reader."""
        return {voie.repli.nom: voie.disjoncteur.etat for voie in self._voies}

    async def search(self, query: ActorQuery) -> ActorPage:
        """Answer a search; `degraded` when the main engine did not."""
        page, rang = await self._demander(lambda lecteur: lecteur.search(query))
        return replace(page, degraded=True) if rang else page

    async def suggest(self, prefix: str, *, near: Circle | None, limit: int) -> tuple[Suggestion, ...]:
        """Return the records whose name completes what is being typed, by the first engine that can."""
        return (await self._demander(lambda lecteur: lecteur.suggest(prefix, near=near, limit=limit)))[0]

    async def facet_values(self, facet: str, prefix: str, query: ActorQuery) -> tuple[FacetValue, ...]:
        """Return the values of a facet that begin so, by the first engine that can."""
        return (await self._demander(lambda lecteur: lecteur.facet_values(facet, prefix, query)))[0]

    async def count(self, query: ActorQuery) -> int:
        """Return how many records a search finds, by the first engine that can."""
        return (await self._demander(lambda lecteur: lecteur.count(query)))[0]

    async def health(self) -> EngineHealth:
        """Say whether someone answers; the detail names what is down even so."""
        premiere = await self._sante(self._voies[0])
        if premiere.up:
            return premiere
        for voie in self._voies[1:]:
            if _assez_frais(voie.repli) and (await self._sante(voie)).up:
                return EngineHealth(up=True, detail=f"Réponses de secours ({voie.repli.nom}) : {premiere.detail}")
        return premiere

    async def apply(self, batch: Sequence[Operation]) -> Receipt:
        """Write a batch to the main engine."""
        return await self._principal.apply(batch)

    async def receipt(self, receipt: Receipt, /) -> ReceiptState:
        """Return what became of a batch."""
        return await self._principal.receipt(receipt)

    async def begin_rebuild(self) -> str:
        """Open an empty generation of the main engine."""
        return await self._principal.begin_rebuild()

    async def load(self, generation: str, docs: Sequence[ActorDocument]) -> None:
        """Add records to a generation being built."""
        await self._principal.load(generation, docs)

    async def verify(self, generation: str, expected: Mapping[str, int]) -> Report:
        """Compare a generation with the records it must hold."""
        return await self._principal.verify(generation, expected)

    async def promote(self, generation: str) -> None:
        """Put a generation in force."""
        await self._principal.promote(generation)

    async def abandon(self, generation: str) -> None:
        """Drop a generation being built."""
        await self._principal.abandon(generation)

    def fingerprints(self) -> AsyncIterator[Sequence[tuple[str, int]]]:
        """Walk through the records of the main engine."""
        return self._principal.fingerprints()

    async def stats(self) -> EngineStats:
        """Say what the main engine holds."""
        return await self._principal.stats()

    async def close(self) -> None:
        """Close every reader."""
        for voie in self._voies:
            await voie.repli.lecteur.close()

    async def _demander(self, question: Callable[[Lecteur], Awaitable[R]]) -> tuple[R, int]:
        """Ask each reader in turn; return the first answer, with the rank of who gave it."""
        dernier = EngineUnavailable("Aucun moteur de recherche n'est disponible.")
        for voie in self._voies:
            if not _assez_frais(voie.repli) or not voie.disjoncteur.laisser_passer():
                continue
            try:
                async with asyncio.timeout(self._delai):
                    reponse = await question(voie.repli.lecteur)
            except TimeoutError:
                voie.disjoncteur.echouer()
                dernier = EngineUnavailable("Le moteur n'a pas répondu à temps.")
            except EngineUnavailable as erreur:
                # a fault of ours, or a queue that is full for an instant, is no reason to leave the engine alone
                if erreur.contexte.get("panne", True):
                    voie.disjoncteur.echouer()
                else:
                    voie.disjoncteur.abandonner()
                dernier = erreur
            except BaseException:
                voie.disjoncteur.abandonner()
                raise
            else:
                voie.disjoncteur.reussir()
                return reponse, voie.rang
            journal.warning("recherche.repli", moteur=voie.repli.nom, detail=dernier.detail, etats=self.etats)
        raise dernier

    async def _sante(self, voie: _Voie) -> EngineHealth:
        try:
            async with asyncio.timeout(self._delai):
                return await voie.repli.lecteur.health()
        except TimeoutError:
            return EngineHealth(up=False, detail="Le moteur n'a pas répondu à temps.")


def _assez_frais(repli: Repli) -> bool:
    retard = repli.retard()
    return retard is not None and retard <= RETARD_MAX_S
