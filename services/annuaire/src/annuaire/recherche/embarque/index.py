"""One generation of the index, open: what is on disk, what is in memory, and how the second follows the first."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import tantivy

from annuaire.recherche.embarque import generations, schema
from annuaire.recherche.embarque.memoire import Entiers, Memoire
from annuaire.recherche.embarque.plan import Plan
from annuaire.recherche.port import Delete, Operation

LOT_LU: Final = 2_000
MORTS_TOLERES: Final = 0.5
"""Share of records written again since, above which memory is made anew."""


class Index:
    """A generation. `ecrire` takes the writer's lock at the first write and keeps it until `fermer`."""

    def __init__(self, dossier: Path, generation: str, *, neuf: bool = False) -> None:
        self.dossier, self.generation = dossier, generation
        self._tantivy = generations.creer(dossier, generation) if neuf else generations.ouvrir(dossier, generation)
        self._ecrivain: tantivy.IndexWriter | None = None
        self._verrou = threading.Lock()
        self._marque: tuple[int, int] | None = None
        self.memoire = Memoire()
        self.searcher = self._tantivy.searcher()
        self.rafraichir()

    def rafraichir(self) -> None:
        """Follow what another process, or this one, has committed since."""
        if self._lire_marque() == self._marque:
            return
        with self._verrou:
            self._suivre()

    def _lire_marque(self) -> tuple[int, int]:
        etat = (self.dossier / self.generation / "meta.json").stat()
        return etat.st_mtime_ns, etat.st_ino

    def _suivre(self) -> None:
        marque = self._lire_marque()
        if marque == self._marque:
            return
        self._tantivy.reload()
        searcher = self._tantivy.searcher()
        memoire = self.memoire
        if memoire.morts > MORTS_TOLERES * max(1_000, len(memoire.ids)):
            memoire = Memoire()
        self._charger(searcher, memoire)
        memoire.lexique.preparer()
        self.memoire, self.searcher, self._marque = memoire, searcher, marque

    def _charger(self, searcher: tantivy.Searcher, memoire: Memoire) -> None:
        """Read the records written since the last one held."""
        depuis = memoire.prochain
        requete = tantivy.Query.range_query(
            schema.schema(), "num", tantivy.FieldType.Unsigned, lower_bound=depuis, upper_bound=2**62
        )
        trouves = searcher.search(
            requete, limit=max(1, searcher.num_docs), count=False, order_by_field="num", order=tantivy.Order.Asc
        ).hits
        for debut in range(0, len(trouves), LOT_LU):
            lot = trouves[debut : debut + LOT_LU]
            memoire.ajouter([(num, json.loads(bytes(searcher.doc(ou)["fiche"][0]))) for num, ou in lot])

    def ecrire(self, operations: Sequence[Operation]) -> None:
        """Write a batch, on disk when this returns; a record already held at a later version is left as it is."""
        with self._verrou:
            self._suivre()
            if self._ecrivain is None:
                self._ecrivain = generations.ecrivain(self._tantivy)
            prochain = self.memoire.prochain
            derniers: dict[str, Operation] = {}
            for operation in operations:
                id, v = _nommer(operation)
                connue = self.memoire.version(id)
                retenue = derniers.get(id)
                if (connue is None or v > connue) and (retenue is None or v >= _nommer(retenue)[1]):
                    derniers[id] = operation
            if not derniers:
                return
            lot = list(enumerate(map(_stockee, derniers.values()), prochain))
            for num, stockee in lot:
                schema.inscrire(self._ecrivain, num, stockee)
            self._ecrivain.commit()
            # What was just written need not be read back: nobody else writes.
            self.memoire.ajouter(lot)
            self.memoire.lexique.preparer()
            self._tantivy.reload()
            self.searcher, self._marque = self._tantivy.searcher(), self._lire_marque()

    def trouver(self, plan: Plan, champ: str = "texte") -> Entiers:
        """Return the numbers of the records that match a plan, in order."""
        memoire, searcher = self.memoire, self.searcher
        hits = searcher.search(
            plan.requete(memoire.lexique, champ), limit=max(1, searcher.num_docs), count=False, order_by_field="num",
            order=tantivy.Order.Asc,
        ).hits  # fmt: skip
        return memoire.rangs(np.fromiter((num for num, _ in hits), np.int64, len(hits)))

    def fermer(self) -> None:
        """Give the writer's lock back."""
        with self._verrou:
            if self._ecrivain is not None:
                self._ecrivain.wait_merging_threads()
                self._ecrivain = None


def _nommer(operation: Operation) -> tuple[str, int]:
    if isinstance(operation, Delete):
        return operation.id, operation.v
    return operation.doc.id, operation.doc.v


def _stockee(operation: Operation) -> dict[str, Any]:
    return schema.absence(operation.id, operation.v) if isinstance(operation, Delete) else schema.fiche(operation.doc)
