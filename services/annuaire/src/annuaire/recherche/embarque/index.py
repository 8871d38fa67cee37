"""One generation of the index, open: what is on disk, what is in memory, and how the second follows the first."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tantivy

from annuaire.recherche.embarque import generations, schema
from annuaire.recherche.embarque.memoire import Entiers, Memoire
from annuaire.recherche.embarque.plan import Plan
from annuaire.recherche.port import Delete, Operation

MORTS_TOLERES, MORTS_MIN = 0.5, 1_000
"""Share of records written again since, above which memory is made anew, and the size below which it never is."""

Stockee = tuple[int, dict[str, Any]]
"""The number of a record in the index, and the record as it is stored."""


@dataclass(frozen=True, slots=True)
class Vue:
    """What one search sees from beginning to end: records, the searcher that finds them, which are in force."""

    memoire: Memoire
    searcher: tantivy.Searcher
    vivants: npt.NDArray[np.bool_]

    @property
    def presents(self) -> int:
        """How many records are in force."""
        return int(self.vivants.sum())

    def empreintes(self) -> list[tuple[str, int]]:
        """Return the id and version of every record in force."""
        ids, versions = self.memoire.ids, self.memoire.versions.valeurs
        return [(ids[rang], int(versions[rang])) for rang in np.flatnonzero(self.vivants).tolist()]

    def trouver(self, plan: Plan, champ: str = "texte") -> Entiers:
        """Return the ranks of the records that match a plan, in order."""
        hits = self.searcher.search(
            plan.requete(self.memoire.lexique, champ), limit=max(1, self.searcher.num_docs), count=False,
            order_by_field="num", order=tantivy.Order.Asc,
        ).hits  # fmt: skip
        return self.memoire.rangs(np.fromiter((num for num, _ in hits), np.int64, len(hits)))


class Index:
    """A generation. `ecrire` takes the writer's lock at the first write and keeps it until `fermer`.

    `vue` is replaced whole: a search takes it once, and no write changes what it sees.
    """

    def __init__(self, dossier: Path, generation: str, *, neuf: bool = False) -> None:
        self.dossier, self.generation = dossier, generation
        self._tantivy = generations.creer(dossier, generation) if neuf else generations.ouvrir(dossier, generation)
        self._ecrivain: tantivy.IndexWriter | None = None
        self._verrou = threading.Lock()
        self._marque: tuple[int, int] | None = None
        self.vue = Vue(Memoire(), self._tantivy.searcher(), np.zeros(0, np.bool_))
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
        if marque != self._marque:
            self._tantivy.reload()
            searcher = self._tantivy.searcher()
            self._montrer(searcher, _stockees(searcher, depuis=self.vue.memoire.prochain))
            self._marque = marque

    def _montrer(self, searcher: tantivy.Searcher, lot: Sequence[Stockee]) -> None:
        """Make a new view of what a searcher finds, `lot` being what the present one does not hold yet."""
        memoire, vivants = self.vue.memoire, self.vue.vivants
        if memoire.morts + len(lot) > MORTS_TOLERES * max(MORTS_MIN, len(memoire.ids)) and memoire.morts:
            memoire, vivants, lot = Memoire(), vivants[:0], _stockees(searcher, depuis=0)
        remplaces = memoire.ajouter(lot)
        memoire.lexique.preparer()
        vivants = np.concatenate([vivants, np.fromiter((not f.get("supprime") for _, f in lot), np.bool_, len(lot))])
        vivants[remplaces] = False
        self.vue = Vue(memoire, searcher, vivants)
        memoire.oublier(remplaces)

    def ecrire(self, operations: Sequence[Operation]) -> None:
        """Write a batch, on disk when this returns; a record already held at a later version is left as it is."""
        with self._verrou:
            self._suivre()
            if self._ecrivain is None:
                self._ecrivain = generations.ecrivain(self._tantivy)
            memoire = self.vue.memoire
            derniers: dict[str, Operation] = {}
            for operation in operations:
                id, v = _nommer(operation)
                connue = memoire.version(id)
                retenue = derniers.get(id)
                if (connue is None or v > connue) and (retenue is None or v >= _nommer(retenue)[1]):
                    derniers[id] = operation
            if not derniers:
                return
            lot = list(enumerate(map(_stockee, derniers.values()), memoire.prochain))
            try:
                for num, stockee in lot:
                    schema.inscrire(self._ecrivain, num, stockee)
                self._ecrivain.commit()
            except BaseException:
                # what was written of it must not go with the next batch
                self._ecrivain.rollback()
                raise
            self._tantivy.reload()
            # What was just written need not be read back: nobody else writes.
            self._montrer(self._tantivy.searcher(), lot)
            self._marque = self._lire_marque()

    def fermer(self) -> None:
        """Give the writer's lock back."""
        with self._verrou:
            if self._ecrivain is not None:
                self._ecrivain.wait_merging_threads()
                self._ecrivain = None


def _stockees(searcher: tantivy.Searcher, *, depuis: int) -> list[Stockee]:
    """Return the records written from a number on, in order."""
    requete = tantivy.Query.range_query(
        schema.schema(), "num", tantivy.FieldType.Unsigned, lower_bound=depuis, upper_bound=2**62
    )
    hits = searcher.search(
        requete, limit=max(1, searcher.num_docs), count=False, order_by_field="num", order=tantivy.Order.Asc
    ).hits
    return [(num, json.loads(bytes(searcher.doc(ou)["fiche"][0]))) for num, ou in hits]


def _nommer(operation: Operation) -> tuple[str, int]:
    if isinstance(operation, Delete):
        return operation.id, operation.v
    return operation.doc.id, operation.doc.v


def _stockee(operation: Operation) -> dict[str, Any]:
    return schema.absence(operation.id, operation.v) if isinstance(operation, Delete) else schema.fiche(operation.doc)
