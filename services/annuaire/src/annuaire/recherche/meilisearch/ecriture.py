"""Writing to the index in force and to those being built: batches within bounds, tasks followed, nothing sent twice."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from annuaire.recherche.meilisearch.administration import Administration, Tache, TacheEchouee
from annuaire.recherche.meilisearch.documents import inscrire, ndjson, nommer, refus
from annuaire.recherche.meilisearch.erreurs import INDEX_ABSENT, TROP_GROS, code_de, indisponible
from annuaire.recherche.meilisearch.reglages import ETAT, GENERATION, SUPPRIME, empreinte, reglages
from annuaire.recherche.meilisearch.versions import Versions
from annuaire.recherche.port import EngineUnavailable, Operation, Receipt, ReceiptState

DOCUMENTS_MAX, OCTETS_MAX = 10_000, 10_000_000
"""A batch sent in one call: what is lost when it fails, and what both sides hold in memory."""
OUVERTES_MAX: Final = 20
"""Tasks of a rebuild under way at once."""
PAGE: Final = 1_000


def nommer_generation() -> str:
    """Return the name of a generation born now: the settings that it is made with, then the instant."""
    return f"{empreinte()}-{time.time_ns():020d}"


@dataclass(slots=True)
class Chantier:
    """A generation being built."""

    generation: str
    versions: Versions
    taches: list[int] = field(default_factory=list)


class Redacteur:
    """The writer of an instance: `base` is the index in force, `base__<generation>` those beside it."""

    def __init__(self, administration: Administration, base: str) -> None:
        self._administration, self._base = administration, base
        self._vivant = Versions(base)
        self._generation: str | None = None
        self._chantiers: dict[str, Chantier] = {}

    def index_de(self, generation: str) -> str:
        """Return the index where a generation is built."""
        return f"{self._base}__{generation}"

    async def appliquer(self, batch: Sequence[Operation]) -> Receipt:
        """Send a batch to the index in force and to those being built."""
        await self._ouvrir()
        refusees = {nommer(o)[0]: motif for o in batch if (motif := refus(o)) is not None}
        operations = [o for o in batch if nommer(o)[0] not in refusees]
        if self._generation is None:
            raise indisponible(404, INDEX_ABSENT, "")
        taches = await self._envoyer(self._vivant, operations, self._generation)
        for chantier in self._chantiers.values():
            taches_du_chantier = await self._envoyer(chantier.versions, operations, chantier.generation)
            chantier.taches += taches_du_chantier
            taches += taches_du_chantier
        if not taches and not refusees:
            return Receipt()
        return Receipt(json.dumps({"taches": taches, "refus": refusees}, ensure_ascii=False))

    async def etat(self, receipt: Receipt) -> ReceiptState:
        """Return what became of a batch."""
        if receipt.task is None:
            return ReceiptState(state="done")
        promesse = json.loads(receipt.task)
        erreurs = []
        for uid in promesse["taches"]:
            tache = await self._administration.tache(uid)
            if not tache.finie:
                return ReceiptState(state="pending")
            self._clore(tache)
            if tache.erreur is not None:
                erreurs.append(f"tâche {uid} : {tache.erreur} ({tache.code})")
        refusees: dict[str, str] = promesse["refus"]
        if not erreurs and not refusees:
            return ReceiptState(state="done")
        return ReceiptState(state="failed", failed=refusees, error=" ; ".join(erreurs) or None)

    async def commencer(self) -> str:
        """Make an empty index, settings first, beside the one in force."""
        await self._administration.preparer()
        generation = nommer_generation()
        await self._creer(self.index_de(generation))
        self._chantiers[generation] = Chantier(generation, Versions(self.index_de(generation), toutes=True))
        return generation

    async def charger(self, generation: str, operations: Sequence[Operation]) -> None:
        """Add records to a generation being built; what came since by `appliquer` is not undone.

        Raises `ValueError` when the server would refuse one of them, and sends none.
        """
        if (motif := next((m for o in operations if (m := refus(o)) is not None), None)) is not None:
            raise ValueError(motif)
        chantier = await self.chantier(generation)
        while (await self._administration.ouvertes([self.index_de(generation)]))[0] > OUVERTES_MAX:
            await self._finir(chantier, chantier.taches[:1])
        chantier.taches += await self._envoyer(chantier.versions, operations, generation)

    async def chantier(self, generation: str) -> Chantier:
        """Return a generation being built, by this process or by one that stopped before its end."""
        chantier = self._chantiers.get(generation)
        if chantier is None:
            connues = {id: v async for id, v, _ in self.parcourir(self.index_de(generation))}
            versions = Versions(self.index_de(generation), connues=connues, toutes=True)
            chantier = self._chantiers[generation] = Chantier(generation, versions)
        return chantier

    async def terminer(self, generation: str) -> list[str]:
        """Wait for every write to a generation; return what failed, in French."""
        chantier = await self.chantier(generation)
        return await self._finir(chantier, list(chantier.taches))

    async def promouvoir(self, generation: str) -> None:
        """Swap a generation with the one in force, once nothing is on its way to them; keep the old one alone."""
        futur = self.index_de(generation)
        if fautes := await self.terminer(generation):
            raise indisponible(None, "generation_incomplete", " ; ".join(fautes[:3]))
        await self._attendre_le_calme([self._base, futur])
        if not await self._administration.existe(self._base):
            await self._creer(self._base)
        await self._administration.echanger(self._base, futur)
        self._chantiers.pop(generation, None)
        self._generation, self._vivant = generation, Versions(self._base)
        gardes = {self._base, futur, *(self.index_de(autre) for autre in self._chantiers)}
        for index in await self._administration.lister():
            if index not in gardes:
                await self._administration.supprimer(index)

    async def abandonner(self, generation: str) -> None:
        """Drop a generation being built."""
        self._chantiers.pop(generation, None)
        await self._administration.supprimer(self.index_de(generation))

    async def parcourir(self, index: str) -> Any:
        """Yield the id, version and presence of every record, in the order of their arrival.

        Nothing is ever taken out of an index, deletions being bare versions: pages neither skip nor repeat.
        """
        depuis = 0
        while True:
            lus = await self._administration.lire(index, champs=("id", "v", ETAT), depuis=depuis, combien=PAGE)
            for lu in lus:
                yield str(lu["id"]), int(lu["v"]), lu.get(ETAT) != SUPPRIME
            if len(lus) < PAGE:
                return
            depuis += len(lus)

    async def generation_en_vigueur(self) -> str | None:
        """Return the generation in force as its own documents say; `None` when there is no index."""
        try:
            lus = await self._administration.lire(self._base, champs=(GENERATION,), combien=1)
        except EngineUnavailable as erreur:
            if code_de(erreur) == INDEX_ABSENT:
                return None
            raise
        return str(lus[0][GENERATION]) if lus else ""

    async def _ouvrir(self) -> None:
        """Find the index in force, or make the first one; then let what another process had sent end."""
        if self._generation is not None:
            return
        await self._administration.preparer()
        generation = await self.generation_en_vigueur()
        if generation is None:
            await self._creer(self._base)
        await self._attendre_le_calme([self._base])
        self._generation = generation or nommer_generation()

    async def _creer(self, index: str) -> None:
        try:
            await self._administration.creer(index, reglages())
        except TacheEchouee as echec:
            raise indisponible(None, echec.tache.code, str(echec)) from echec

    async def _envoyer(self, versions: Versions, operations: Sequence[Operation], generation: str) -> list[int]:
        await self._relever(versions)
        retenues = await versions.retenir(operations, self._administration)
        taches: list[int] = []
        for lot in _lots(retenues):
            await self._envoyer_lot(versions, lot, generation, taches)
        return taches

    async def _envoyer_lot(
        self, versions: Versions, lot: Sequence[Operation], generation: str, taches: list[int]
    ) -> None:
        lignes = ndjson(inscrire(operation, generation) for operation in lot)
        if len(lignes) > OCTETS_MAX and len(lot) > 1:
            await self._couper(versions, lot, generation, taches)
            return
        try:
            tache = await self._administration.ecrire(versions.index, lignes)
        except EngineUnavailable as erreur:
            if code_de(erreur) != TROP_GROS or len(lot) == 1:
                raise
            await self._couper(versions, lot, generation, taches)
            return
        versions.noter(tache, lot)
        taches.append(tache)

    async def _couper(self, versions: Versions, lot: Sequence[Operation], generation: str, taches: list[int]) -> None:
        milieu = len(lot) // 2
        await self._envoyer_lot(versions, lot[:milieu], generation, taches)
        await self._envoyer_lot(versions, lot[milieu:], generation, taches)

    async def _relever(self, versions: Versions) -> None:
        """Close the tasks that are over, whose receipt nobody asked for."""
        for uid in list(versions.en_route):
            tache = await self._administration.tache(uid)
            if not tache.finie:
                return
            versions.oublier(uid, echouee=tache.erreur is not None)

    def _clore(self, tache: Tache) -> None:
        for versions in (self._vivant, *(c.versions for c in self._chantiers.values())):
            versions.oublier(tache.uid, echouee=tache.erreur is not None)

    async def _finir(self, chantier: Chantier, taches: Sequence[int]) -> list[str]:
        fautes = []
        for uid in taches:
            try:
                tache = await self._administration.attendre(uid)
            except TacheEchouee as echec:
                tache = echec.tache
                fautes.append(f"tâche {uid} : {tache.erreur} ({tache.code})")
            self._clore(tache)
            if uid in chantier.taches and tache.erreur is None:
                chantier.taches.remove(uid)
        return fautes

    async def _attendre_le_calme(self, indexes: Sequence[str]) -> None:
        """Wait until no task of these indexes is on its way: a swap leaves those that wait as they are."""
        for versions in (self._vivant, *(c.versions for c in self._chantiers.values())):
            for uid in list(versions.en_route):
                if versions.index not in indexes:
                    continue
                try:
                    self._clore(await self._administration.attendre(uid))
                except TacheEchouee as echec:
                    self._clore(echec.tache)
        await self._administration.calme(indexes)


def _lots(operations: Sequence[Operation]) -> Iterator[Sequence[Operation]]:
    for debut in range(0, len(operations), DOCUMENTS_MAX):
        yield operations[debut : debut + DOCUMENTS_MAX]
