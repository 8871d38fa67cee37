"""Meilisearch behind the port: queries by a pooled client, everything else by the official package."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from annuaire.recherche.meilisearch import questions, reponses
from annuaire.recherche.meilisearch.administration import Administration, cle_de
from annuaire.recherche.meilisearch.client import ClientDeRecherche
from annuaire.recherche.meilisearch.ecriture import Redacteur
from annuaire.recherche.meilisearch.erreurs import INDEX_ABSENT, code_de
from annuaire.recherche.meilisearch.reglages import empreinte
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

BASE: Final = "annuaire"
LOT_EMPREINTES: Final = 1_000
FACETTES_DE_CODES: Final = frozenset({"commune_insee", "epci", "qpv", "code_postal"})
"""Facets with more values than a count holds, all of them codes: the server searches those by their beginning."""
FAUTES_DITES: Final = 20


class MoteurMeilisearch:
    """An engine on a server. Any number of processes read; one writes, for it compares versions before it sends."""

    def __init__(self, url: str, cle: str = "", *, base: str = BASE) -> None:
        self._base = base
        self._client = ClientDeRecherche(url, cle_de(cle, base, "search"))
        self._administration = Administration(url, cle, base)
        self._redacteur = Redacteur(self._administration, base)
        self._vue = ""

    async def search(self, query: ActorQuery) -> ActorPage:
        """Answer a search, in one call, and a second one when words had to be dropped."""
        depart = time.perf_counter()
        lues = await self._client.multi(questions.chercher(query, self._base))
        question = questions.interroger(query.q)
        relachable = questions.relachable(query, question)
        principale, disjointes = lues[0], lues[1 + relachable :]
        partis: tuple[str, ...] | None = None
        if relachable and not reponses.total(principale) and reponses.total(lues[1]):
            principale = lues[1]
            frequences = questions.frequences(question.mots, self._base, ouvert=question.ouvert)
            partis = reponses.abandonnes(question, principale, await self._client.multi(frequences))
        return reponses.page(
            query,
            principale,
            disjointes,
            generation=self._reconnaitre(principale),
            took_ms=(time.perf_counter() - depart) * 1_000,
            abandonnes=partis,
        )

    async def suggest(self, prefix: str, *, near: Circle | None, limit: int) -> tuple[Suggestion, ...]:
        """Return the records whose name completes what is being typed, the best first."""
        question = questions.interroger(prefix)
        if not question.mots and not question.exiges:
            return ()
        (lue,) = await self._client.multi([questions.suggerer(prefix, self._base, limit)])
        return reponses.suggestions(lue, near)

    async def facet_values(self, facet: str, prefix: str, query: ActorQuery) -> tuple[FacetValue, ...]:
        """Return the values of a facet that begin so, among what a search finds, the commonest first."""
        if facet in FACETTES_DE_CODES:
            comptes = await self._client.valeurs(self._base, questions.valeurs(facet, prefix, query))
        else:
            (lue,) = await self._client.multi([questions.facette(facet, query, self._base)])
            comptes = reponses.comptes_de(lue, facet)
        return reponses.valeurs(comptes, prefix)

    async def count(self, query: ActorQuery) -> int:
        """Return how many records a search finds, exactly."""
        lues = await self._client.multi(questions.compter(query, self._base))
        return next((trouves for lue in lues if (trouves := reponses.total(lue))), 0)

    async def health(self) -> EngineHealth:
        """Say whether the server answers with an index made by these settings."""
        try:
            await self._client.sante()
            (lue,) = await self._client.multi([questions.etats(self._base)])
        except EngineUnavailable as erreur:
            return EngineHealth(up=False, detail=erreur.detail)
        generation = self._reconnaitre(lue)
        if generation and not generation.startswith(empreinte()):
            return EngineHealth(up=True, detail="L'index est fait avec d'autres réglages : il est à reconstruire.")
        return EngineHealth(up=True)

    async def apply(self, batch: Sequence[Operation]) -> Receipt:
        """Send a batch to the generation in force and to those being built; the receipt says when it is written."""
        return await self._redacteur.appliquer(batch)

    async def receipt(self, receipt: Receipt, /) -> ReceiptState:
        """Return what became of a batch."""
        return await self._redacteur.etat(receipt)

    async def begin_rebuild(self) -> str:
        """Open an empty generation beside the one in force."""
        return await self._redacteur.commencer()

    async def load(self, generation: str, docs: Sequence[ActorDocument]) -> None:
        """Add records to a generation being built; what `apply` wrote there meanwhile is not undone."""
        await self._redacteur.charger(generation, [Upsert(doc) for doc in docs])

    async def verify(self, generation: str, expected: Mapping[str, int]) -> Report:
        """Wait for what was sent, then compare a generation with the records it must hold, in a version as late."""
        fautes = await self._redacteur.terminer(generation)
        index = self._redacteur.index_de(generation)
        trouves = {id: v async for id, v, present in self._redacteur.parcourir(index) if present}
        fautes += [f"{id} manque" for id in expected if id not in trouves]
        fautes += [f"{id} est en retard" for id, v in expected.items() if trouves.get(id, v) < v]
        return Report(ok=not fautes, expected=len(expected), found=len(trouves), faults=tuple(fautes[:FAUTES_DITES]))

    async def promote(self, generation: str) -> None:
        """Put a generation in force, in one step; the one before is kept until the next."""
        await self._redacteur.promouvoir(generation)
        self._vue = generation

    async def abandon(self, generation: str) -> None:
        """Drop a generation being built."""
        await self._redacteur.abandonner(generation)

    async def drop(self) -> None:
        """Remove every index and every key of this engine: an index made for an occasion leaves nothing behind."""
        await self._administration.tout_supprimer()

    async def fingerprints(self) -> AsyncIterator[Sequence[tuple[str, int]]]:
        """Walk through the ids and versions of every record in force, in the order of ids."""
        try:
            tous = sorted([(id, v) async for id, v, present in self._redacteur.parcourir(self._base) if present])
        except EngineUnavailable as erreur:
            if code_de(erreur) == INDEX_ABSENT:
                return
            raise
        for debut in range(0, len(tous), LOT_EMPREINTES):
            yield tous[debut : debut + LOT_EMPREINTES]

    async def stats(self) -> EngineStats:
        """Say what the engine holds, and for how long the oldest write has been waiting."""
        _, depuis = await self._administration.ouvertes([self._base])
        attente = None if depuis is None else max(0.0, (datetime.now(UTC) - depuis).total_seconds())
        try:
            (lue,) = await self._client.multi([questions.etats(self._base)])
        except EngineUnavailable as erreur:
            if code_de(erreur) != INDEX_ABSENT:
                raise
            return EngineStats(documents=0, generation="", settings_hash=empreinte(), oldest_pending_s=attente)
        generation = self._reconnaitre(lue)
        return EngineStats(
            documents=reponses.total(lue),
            generation=generation,
            settings_hash=generation.partition("-")[0] or empreinte(),
            oldest_pending_s=attente,
        )

    async def close(self) -> None:
        """Close the connections and end the threads."""
        await self._client.fermer()
        await self._administration.fermer()

    def _reconnaitre(self, reponse: Mapping[str, Any]) -> str:
        """Return the generation that answered; the last one seen when nothing was found to say it."""
        self._vue = reponses.generation(reponse) or self._vue
        return self._vue
