"""Which version of each record an index holds, tasks on their way included: what is older is not sent.

Meilisearch replaces a document by whatever comes last. One process writes (the indexer holds a lease), so comparing
before sending is enough, as long as what was sent and not yet written counts too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from annuaire.recherche.meilisearch.administration import Administration
from annuaire.recherche.meilisearch.documents import nommer
from annuaire.recherche.port import Operation

LOT: Final = 1_000
"""Versions read at a time."""


@dataclass(slots=True)
class Versions:
    """Versions of one index. With `toutes`, every one is known and none is ever asked."""

    index: str
    connues: dict[str, int] = field(default_factory=dict)
    toutes: bool = False
    en_route: dict[int, dict[str, int]] = field(default_factory=dict)
    """By task, the versions that it will write."""

    async def retenir(self, operations: Sequence[Operation], administration: Administration) -> list[Operation]:
        """Return, of these operations, the latest of each record, unless as late a version is already there."""
        dernieres: dict[str, Operation] = {}
        for operation in operations:
            id, v = nommer(operation)
            retenue = dernieres.get(id)
            if retenue is None or v >= nommer(retenue)[1]:
                dernieres[id] = operation
        tenues = await self._tenues(list(dernieres), administration)
        return [operation for id, operation in dernieres.items() if nommer(operation)[1] > tenues.get(id, -1)]

    def noter(self, tache: int, operations: Sequence[Operation]) -> None:
        """Keep in mind what a task will write."""
        versions = dict(map(nommer, operations))
        self.en_route[tache] = versions
        if self.toutes:
            self.connues.update(versions)

    def oublier(self, tache: int, *, echouee: bool) -> None:
        """Say that a task is over: what it wrote can be read, what it failed to write may be sent again."""
        versions = self.en_route.pop(tache, {})
        if echouee:
            for id, v in versions.items():
                if self.connues.get(id) == v:
                    del self.connues[id]

    async def _tenues(self, ids: Sequence[str], administration: Administration) -> dict[str, int]:
        if self.toutes:
            return self.connues
        tenues: dict[str, int] = {}
        for debut in range(0, len(ids), LOT):
            lot = ids[debut : debut + LOT]
            for lu in await administration.lire(self.index, champs=("id", "v"), ids=lot, combien=len(lot)):
                tenues[str(lu["id"])] = int(lu["v"])
        for versions in self.en_route.values():
            for id, v in versions.items():
                tenues[id] = max(v, tenues.get(id, v))
        return tenues
