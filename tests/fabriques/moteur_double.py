"""An engine of search that keeps its promises later, as a server does, and may be told to fail."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from annuaire.recherche.port import (
    ActorDocument,
    ActorPage,
    ActorQuery,
    Circle,
    Delete,
    EngineHealth,
    EngineStats,
    EngineUnavailable,
    FacetValue,
    Hit,
    Operation,
    Receipt,
    ReceiptState,
    Report,
    Suggestion,
    Upsert,
)


class Mort(BaseException):
    """The process dies here: nothing is caught, nothing is put in order."""


class MoteurDouble:
    """Obeys the port. A task is done at its `patience`-th look; `poisons` are refused, one by one or with their batch.

    It notes what matters of how it is spoken to: `vues` (every version told of a record, in order), `ouvertes_max`,
    `deux_a_la_fois` (records told again while a task of theirs was open), `regards` (looks at tasks).
    """

    def __init__(self, *, patience: int = 1, nomme: bool = False) -> None:
        self.patience, self.nomme = patience, nomme
        self.poisons: set[str] = set()
        self.panne: str | None = None
        self.reglages = "double-1"
        self.generations: dict[str, dict[str, tuple[int, ActorDocument | None]]] = {}
        self.courante: str | None = None
        self.chantiers: set[str] = set()
        self.taches: dict[str, tuple[Sequence[Operation], int]] = {}
        self.resultats: dict[str, ReceiptState] = {}
        self.vues: dict[str, list[int]] = {}
        self.documents: dict[str, list[ActorDocument]] = {}
        self.lots: list[int] = []
        self.ouvertes_max = self.regards = 0
        self.deux_a_la_fois: Counter[str] = Counter()
        self.mourir_a: str | None = None
        self._numeros = itertools.count(1)

    def _repondre(self, geste: str) -> None:
        if self.mourir_a == geste:
            self.mourir_a = None
            raise Mort(geste)
        if self.panne is not None:
            raise EngineUnavailable(self.panne)

    async def apply(self, batch: Sequence[Operation]) -> Receipt:
        self._repondre("apply")
        for operation in batch:
            id, v = _de(operation)
            self.vues.setdefault(id, []).append(v)
            if isinstance(operation, Upsert):
                self.documents.setdefault(id, []).append(operation.doc)
            self.deux_a_la_fois[id] += any(id == _de(o)[0] for lot, _ in self.taches.values() for o in lot)
        self.lots.append(len(batch))
        tache = f"tache-{next(self._numeros)}"
        self.taches[tache] = (list(batch), self.patience)
        self.ouvertes_max = max(self.ouvertes_max, len(self.taches))
        return Receipt(tache)

    async def receipt(self, receipt: Receipt, /) -> ReceiptState:
        self._repondre("receipt")
        self.regards += 1
        assert receipt.task is not None
        if receipt.task in self.resultats:
            return self.resultats[receipt.task]
        premiere = next(iter(self.taches))
        lot, reste = self.taches[receipt.task]
        # one queue, as a server has: what was sent later is done later
        if receipt.task != premiere or reste > 1:
            self.taches[receipt.task] = (lot, reste - 1)
            return ReceiptState(state="pending")
        del self.taches[receipt.task]
        fautifs = {id: "fiche empoisonnée" for id, _ in map(_de, lot) if id in self.poisons}
        if fautifs:
            etat = ReceiptState(state="failed", failed=fautifs if self.nomme else {}, error="un lot est refusé")
        else:
            for generation in {self.courante, *self.chantiers} - {None}:
                self._ecrire(str(generation), lot)
            etat = ReceiptState(state="done")
        self.resultats[receipt.task] = etat
        return etat

    def _ecrire(self, generation: str, lot: Sequence[Operation]) -> None:
        contenu = self.generations[generation]
        for operation in lot:
            id, v = _de(operation)
            if id not in contenu or contenu[id][0] < v:
                contenu[id] = (v, operation.doc if isinstance(operation, Upsert) else None)

    async def begin_rebuild(self) -> str:
        self._repondre("begin_rebuild")
        generation = f"double-{next(self._numeros)}"
        self.generations[generation] = {}
        self.chantiers.add(generation)
        return generation

    async def load(self, generation: str, docs: Sequence[ActorDocument]) -> None:
        self._repondre("load")
        if self.poisons & {doc.id for doc in docs}:
            raise ValueError("fiche empoisonnée")
        self._ecrire(generation, [Upsert(doc) for doc in docs])

    async def verify(self, generation: str, expected: Mapping[str, int]) -> Report:
        self._repondre("verify")
        trouvees = self._presentes(generation)
        fautes = tuple(id for id, v in expected.items() if trouvees.get(id, -1) < v)
        return Report(ok=not fautes, expected=len(expected), found=len(trouvees), faults=fautes)

    async def promote(self, generation: str) -> None:
        self._repondre("promote")
        assert not self.taches, "une promesse attendait encore"
        self.courante = generation
        self.chantiers.discard(generation)

    async def abandon(self, generation: str) -> None:
        self.generations.pop(generation, None)
        self.chantiers.discard(generation)

    def _presentes(self, generation: str | None) -> dict[str, int]:
        return {id: v for id, (v, doc) in self.generations.get(generation or "", {}).items() if doc is not None}

    async def fingerprints(self) -> AsyncIterator[Sequence[tuple[str, int]]]:
        self._repondre("fingerprints")
        yield list(self._presentes(self.courante).items())

    async def stats(self) -> EngineStats:
        self._repondre("stats")
        return EngineStats(
            documents=len(self._presentes(self.courante)), generation=self.courante or "", settings_hash=self.reglages
        )

    async def health(self) -> EngineHealth:
        return EngineHealth(up=self.courante is not None and self.panne is None)

    async def search(self, query: ActorQuery) -> ActorPage:
        self._repondre("search")
        contenu = self.generations[self.courante or ""]
        trouves = [id for id, (_, doc) in contenu.items() if doc and query.q in doc.texts.get("nom", ())]
        return ActorPage(
            hits=tuple(Hit(id=id, score=1.0) for id in trouves), total=len(trouves), total_is_floor=False, page=1,
            size=query.size, pages=1, facets=None, engine="database", generation=self.courante or "", took_ms=0.0,
        )  # fmt: skip

    async def suggest(self, prefix: str, *, near: Circle | None, limit: int) -> tuple[Suggestion, ...]:
        return ()

    async def facet_values(self, facet: str, prefix: str, query: ActorQuery) -> tuple[FacetValue, ...]:
        return ()

    async def count(self, query: ActorQuery) -> int:
        return len(self._presentes(self.courante))

    async def close(self) -> None:
        return None


def _de(operation: Operation) -> tuple[str, int]:
    return (operation.id, operation.v) if isinstance(operation, Delete) else (operation.doc.id, operation.doc.v)


def versions_vues(moteur: MoteurDouble) -> dict[str, Any]:
    """Return what the generation in force shows: versions by id."""
    return moteur._presentes(moteur.courante)
