"""Telling an engine: promises kept in order, one open for a record at most, a record at fault set apart."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog

from annuaire.recherche.indexation.fiches import id_de, version_de
from annuaire.recherche.port import (
    ActorDocument,
    Delete,
    EngineUnavailable,
    Operation,
    Receipt,
    ReceiptState,
    SearchEngine,
)

OUVERTES_MAX: Final = 20
"""Promises of an engine beyond which nothing more is sent."""
ATTENTE_MIN, ATTENTE_MAX = 0.2, 2.0
"""Seconds between two looks at a promise: doubled each time."""
SONDE: Final = "sonde-de-l-indexation"
"""A record that never exists: who can't forget it is not well."""

Refus = Mapping[str, tuple[int, str]]
"""Version refused and words of the engine, by id."""

journal = structlog.get_logger(__name__)


@dataclass(slots=True)
class Promesse:
    """A batch that the engine has accepted and may not have done yet; once it is, `jusqu_a` is reached."""

    recu: Receipt
    operations: Sequence[Operation]
    ids: frozenset[str]
    jusqu_a: int | None = None


class Envoi:
    """The way to one engine.

    `position` is the number up to which everything told is done; `passes` and `refuses` hear of records, in order,
    before it moves. Everything may raise `EngineUnavailable`: what was not done is then told again, to no harm.
    """

    def __init__(
        self,
        moteur: SearchEngine,
        *,
        passes: Callable[[Sequence[str]], Awaitable[None]],
        refuses: Callable[[Refus], Awaitable[None]],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._moteur, self._passes, self._refuses, self._pause = moteur, passes, refuses, pause
        self._ouvertes: deque[Promesse] = deque()
        self.position = 0

    @property
    def taches(self) -> list[str]:
        """The promises that wait."""
        return [promesse.recu.task for promesse in self._ouvertes if promesse.recu.task is not None]

    def oublier(self, position: int) -> None:
        """Start again from a position: what was told after it will be told again."""
        self._ouvertes.clear()
        self.position = position

    async def envoyer(self, operations: Sequence[Operation]) -> None:
        """Tell a batch, once no record of it waits for an earlier one."""
        if not operations:
            return
        ids = frozenset(map(id_de, operations))
        while self._ouvertes and (len(self._ouvertes) >= OUVERTES_MAX or self._en_cours(ids)):
            await self._relever(attendre=True)
        try:
            recu = await self._moteur.apply(operations)
        except EngineUnavailable:
            raise
        except Exception as erreur:
            await self.vider()
            await self._isoler(operations, _dire(erreur))
            return
        self._ouvertes.append(Promesse(recu, operations, ids))
        await self._relever(attendre=False)

    def marquer(self, numero: int) -> None:
        """Say that every change up to a number has been told."""
        if self._ouvertes:
            self._ouvertes[-1].jusqu_a = numero
        else:
            self.position = numero

    async def vider(self) -> None:
        """Wait until every promise is kept."""
        while self._ouvertes:
            await self._relever(attendre=True)

    async def relever(self) -> None:
        """See which promises are kept, waiting for none."""
        await self._relever(attendre=False)

    def _en_cours(self, ids: frozenset[str]) -> bool:
        return any(not ids.isdisjoint(promesse.ids) for promesse in self._ouvertes)

    async def _relever(self, *, attendre: bool) -> None:
        """Take the promises kept, the first ones first; `attendre` waits for one at least."""
        while self._ouvertes:
            promesse = self._ouvertes[0]
            etat = await (self._attendre(promesse.recu) if attendre else self._regarder(promesse.recu))
            if etat.state == "pending":
                return
            attendre = False
            if etat.state == "failed":
                await self._rattraper(promesse.operations, etat)
            else:
                await self._passes([id_de(operation) for operation in promesse.operations])
            self._ouvertes.popleft()
            if promesse.jusqu_a is not None:
                self.position = promesse.jusqu_a

    async def _regarder(self, recu: Receipt) -> ReceiptState:
        return ReceiptState(state="done") if recu.task is None else await self._moteur.receipt(recu)

    async def _attendre(self, recu: Receipt) -> ReceiptState:
        delai = ATTENTE_MIN
        while (etat := await self._regarder(recu)).state == "pending":
            await self._pause(delai)
            delai = min(2 * delai, ATTENTE_MAX)
        return etat

    async def _rattraper(self, operations: Sequence[Operation], etat: ReceiptState) -> None:
        """Tell a failed batch again: what the engine names one by one, the rest together."""
        nommees = [operation for operation in operations if id_de(operation) in etat.failed]
        autres = [operation for operation in operations if id_de(operation) not in etat.failed]
        for operation in nommees:
            await self._isoler([operation], etat.failed[id_de(operation)])
        if not nommees:
            await self._isoler(autres, etat.error or "refusé sans raison")
        elif autres and (erreur := await self._essayer(autres)) is not None:
            await self._isoler(autres, erreur)

    async def _isoler(self, operations: Sequence[Operation], erreur: str) -> None:
        """Cut a failed batch in halves until the records at fault are alone; the others pass.

        Raises `EngineUnavailable` when the engine refuses even what harms nobody: no record is at fault then.
        """
        if not operations:
            return
        if len(operations) == 1:
            if await self._essayer([Delete(SONDE, time.time_ns())]) is not None:
                raise EngineUnavailable(erreur)
            encore = await self._essayer(operations)
            if encore is None:
                return
            await self._refuses({id_de(operations[0]): (version_de(operations[0]), encore)})
            return
        milieu = len(operations) // 2
        for moitie in (operations[:milieu], operations[milieu:]):
            encore = await self._essayer(moitie)
            if encore is not None:
                await self._isoler(moitie, encore)

    async def _essayer(self, operations: Sequence[Operation]) -> str | None:
        """Tell a batch and wait for its end; return what the engine says against it."""
        try:
            etat = await self._attendre(await self._moteur.apply(operations))
        except EngineUnavailable:
            raise
        except Exception as erreur:
            return _dire(erreur)
        if etat.state == "failed":
            return etat.error or next(iter(etat.failed.values()), "refusé sans raison")
        await self._passes([id_de(operation) for operation in operations])
        return None

    async def charger(self, generation: str, documents: Sequence[ActorDocument]) -> None:
        """Add documents to a generation being built, those at fault set apart."""
        try:
            await self._moteur.load(generation, documents)
        except EngineUnavailable:
            raise
        except Exception as erreur:
            if len(documents) > 1:
                milieu = len(documents) // 2
                await self.charger(generation, documents[:milieu])
                await self.charger(generation, documents[milieu:])
                return
            try:
                await self._moteur.load(generation, ())
            except Exception:
                raise EngineUnavailable(_dire(erreur)) from erreur
            await self._refuses({documents[0].id: (documents[0].v, _dire(erreur))})
        else:
            await self._passes([document.id for document in documents])


def _dire(erreur: Exception) -> str:
    return f"{type(erreur).__name__} : {erreur}"[:500]


def uuids(ids: Sequence[str]) -> list[UUID]:
    """Read ids as those of the directory; the probe has none."""
    return [UUID(id) for id in ids if id != SONDE]
