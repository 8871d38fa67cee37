"""The embedded engine behind the port: searches in two threads, writes in one, generations replaced in one step."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from annuaire.recherche.embarque import generations, recherche
from annuaire.recherche.embarque.index import Index
from annuaire.recherche.embarque.schema import VERSION
from annuaire.recherche.francais.vocabulaire import charger
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
    Suggestion,
    Upsert,
)

FILS: Final = 2
"""Threads of search a process: ranking holds the interpreter, more of them only wait for each other."""
FILE_MAX: Final = 64
"""Searches waiting in a process; beyond, it says so rather than make everybody wait."""
LOT_EMPREINTES: Final = 1_000

P = ParamSpec("P")
R = TypeVar("R")


class MoteurEmbarque:
    """An engine in a folder. One process may write at a time; any number read, and follow within a request."""

    def __init__(self, dossier: Path) -> None:
        dossier.mkdir(parents=True, exist_ok=True)
        self._dossier = dossier
        self._lecteurs = ThreadPoolExecutor(FILS, thread_name_prefix="recherche")
        self._redacteur = ThreadPoolExecutor(1, thread_name_prefix="indexation")
        self._en_file = 0
        self._courant: Index | None = None
        self._ouverture = threading.Lock()
        self._chantiers: dict[str, Index] = {}

    async def search(self, query: ActorQuery) -> ActorPage:
        """Answer a search. Raises `EngineUnavailable` when too many wait already."""
        return await self._lire(lambda index: recherche.chercher(index, query))

    async def suggest(self, prefix: str, *, near: Circle | None, limit: int) -> tuple[Suggestion, ...]:
        """Return the records whose name completes what is being typed, the best first."""
        return await self._lire(lambda index: recherche.suggerer(index, prefix, near=near, limite=limit))

    async def facet_values(self, facet: str, prefix: str, query: ActorQuery) -> tuple[FacetValue, ...]:
        """Return the values of a facet that begin so, among what a search finds, the commonest first."""
        return await self._lire(lambda index: recherche.valeurs(index, facet, prefix, query))

    async def count(self, query: ActorQuery) -> int:
        """Return how many records a search finds, exactly."""
        return await self._lire(lambda index: recherche.compter(index, query))

    async def health(self) -> EngineHealth:
        """Say whether an index is in force."""
        en_vigueur = await asyncio.to_thread(generations.courante, self._dossier)
        return EngineHealth(up=en_vigueur is not None, detail=None if en_vigueur else "Aucun index : à construire.")

    async def apply(self, batch: Sequence[Operation]) -> Receipt:
        """Write a batch to the generation in force and to those being built; it is on disk when this returns."""

        def ecrire() -> Receipt:
            if generations.courante(self._dossier) is None:
                self._adopter(self._neuve())
            for index in (self._index(), *self._chantiers.values()):
                index.ecrire(batch)
            return Receipt()

        return await self._rediger(ecrire)

    async def receipt(self, _receipt: Receipt) -> ReceiptState:
        """Return `done`: what `apply` returned was already on disk."""
        return ReceiptState(state="done")

    async def begin_rebuild(self) -> str:
        """Open an empty generation beside the one in force."""
        return await self._rediger(self._neuve)

    async def load(self, generation: str, docs: Sequence[ActorDocument]) -> None:
        """Add records to a generation being built; what `apply` wrote there meanwhile is not undone."""
        await self._rediger(lambda: self._chantiers[generation].ecrire([Upsert(doc) for doc in docs]))

    async def verify(self, generation: str, expected: Mapping[str, int]) -> Report:
        """Compare a generation with the records it must hold: their ids, and a version at least as late."""

        def verifier() -> Report:
            vue = self._chantiers[generation].vue
            trouves = dict(vue.empreintes())
            fautes = [f"{id} manque" for id in expected if id not in trouves]
            fautes += [f"{id} est en retard" for id, v in expected.items() if trouves.get(id, v) < v]
            return Report(ok=not fautes, expected=len(expected), found=len(trouves), faults=tuple(fautes[:20]))

        return await self._rediger(verifier)

    async def promote(self, generation: str) -> None:
        """Put a generation in force; the one before is kept until the next."""
        await self._rediger(lambda: self._adopter(generation))

    async def abandon(self, generation: str) -> None:
        """Drop a generation being built."""

        def abandonner() -> None:
            index = self._chantiers.pop(generation, None)
            if index is not None:
                index.fermer()
            generations.effacer(self._dossier, generation)

        await self._rediger(abandonner)

    async def fingerprints(self) -> AsyncIterator[Sequence[tuple[str, int]]]:
        """Walk through the ids and versions of every record in force, in the order of ids."""
        if (await self.health()).up:
            tous = await self._lire(lambda index: sorted(index.vue.empreintes()))
            for debut in range(0, len(tous), LOT_EMPREINTES):
                yield tous[debut : debut + LOT_EMPREINTES]

    async def stats(self) -> EngineStats:
        """Say what the engine holds."""
        reglages = f"embedded-{VERSION}-{charger().version}"
        if not (await self.health()).up:
            return EngineStats(documents=0, generation="", settings_hash=reglages)
        return await self._lire(
            lambda index: EngineStats(documents=index.vue.presents, generation=index.generation, settings_hash=reglages)
        )

    async def close(self) -> None:
        """Give the writer's lock back and end the threads."""

        def fermer() -> None:
            for index in (self._courant, *self._chantiers.values()):
                if index is not None:
                    index.fermer()

        await self._rediger(fermer)
        self._lecteurs.shutdown(wait=True)
        self._redacteur.shutdown(wait=True)

    async def _lire(self, travail: Callable[[Index], R]) -> R:
        if self._en_file >= FILE_MAX:
            raise EngineUnavailable("Trop de recherches attendent.", panne=False)
        self._en_file += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._lecteurs, lambda: travail(self._index()))
        finally:
            self._en_file -= 1

    async def _rediger(self, travail: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._redacteur, travail)

    def _index(self) -> Index:
        """Return the generation in force, opened again when another process has replaced it."""
        en_vigueur = generations.courante(self._dossier)
        if en_vigueur is None:
            raise EngineUnavailable("Aucun index n'est en vigueur.", panne=False)
        index = self._courant
        if index is None or index.generation != en_vigueur:
            with self._ouverture:
                index = self._courant
                if index is None or index.generation != en_vigueur:
                    index = self._courant = Index(self._dossier, en_vigueur)
        index.rafraichir()
        return index

    def _neuve(self) -> str:
        generation = generations.nommer(time.time_ns())
        self._chantiers[generation] = Index(self._dossier, generation, neuf=True)
        return generation

    def _adopter(self, generation: str) -> None:
        index = self._chantiers.pop(generation)
        with self._ouverture:
            ancien, self._courant = self._courant, index
            generations.adopter(self._dossier, generation)
        if ancien is not None:
            ancien.fermer()
        gardee = ancien.generation if ancien else None
        for perimee in generations.anciennes(self._dossier):
            if perimee != gardee and perimee not in self._chantiers:
                generations.effacer(self._dossier, perimee)
