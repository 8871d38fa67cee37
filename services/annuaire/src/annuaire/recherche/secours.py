"""The last resort: places from the read model, by the beginnings of the words of their name and commune.

No typo is forgiven, nothing is counted by facet, and structures that are not places are not found; but filters, circles
and orders are those of the other engines.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from socle.horloge import Horloge

from annuaire.lieux.lecture.colonnes import masque_de
from annuaire.lieux.lecture.modele import ModeleLecture
from annuaire.lieux.lecture.tableau import Tableau
from annuaire.recherche.documents import LIEU, document_de_lieu
from annuaire.recherche.embarque import geo
from annuaire.recherche.embarque.plan import lire
from annuaire.recherche.francais.normaliser import plier
from annuaire.recherche.francais.vocabulaire import charger
from annuaire.recherche.port import (
    FENETRE,
    VALEURS_MAX,
    ActorDocument,
    ActorPage,
    ActorQuery,
    Circle,
    EngineHealth,
    FacetValue,
    Hit,
    Suggestion,
)

GENERATION: Final = "base"
_NOM: Final = re.compile(rb'"nom":\s*("(?:[^"\\]|\\.)*")')
_COMMUNE: Final = re.compile(rb'"commune":\s*("(?:[^"\\]|\\.)*")')

COLONNES: Final = {
    "types": "typologie", "services": "services", "publics": "publics_specifiquement_adresses",
    "labels": "formations_labels", "dispositifs": "dispositif_programmes_nationaux", "departement": "departement",
    "region": "region", "commune_insee": "code_insee", "epci": "epci", "qpv": "qpv", "code_postal": "code_postal",
    "frais": "frais_a_charge", "acces": "modalites_acces", "accompagnement": "modalites_accompagnement",
    "prise_en_charge": "prise_en_charge_specifique", "itinerance": "itinerance", "accessibilite": "accessibilite",
    "langues": "langues", "source": "sources",
}  # fmt: skip
"""Facets that the read model has in columns; the others are read in the documents."""

Rangs = npt.NDArray[np.int64]


@dataclass(slots=True)
class Noms:
    """The words of names and communes, sorted, with the ids that bear each."""

    numero: int = -1
    mots: list[str] = field(default_factory=list)
    porteurs: list[list[str]] = field(default_factory=list)
    connus: dict[str, tuple[bytes, tuple[str, ...]]] = field(default_factory=dict)
    """By id, the document that was read and its words: one that has not changed is not read again."""

    def commencent(self, debut: str) -> set[str]:
        """Return the ids that bear a word which begins so."""
        trouves: set[str] = set()
        for rang in range(bisect_left(self.mots, debut), len(self.mots)):
            if not self.mots[rang].startswith(debut):
                break
            trouves.update(self.porteurs[rang])
        return trouves


class MoteurDeSecours:
    """A reader of the read model: it answers as long as the directory does."""

    def __init__(self, modele: ModeleLecture, *, horloge: Horloge) -> None:
        self._modele, self._horloge = modele, horloge
        self._noms = Noms()
        self._lecture: asyncio.Task[Noms] | None = None

    async def search(self, query: ActorQuery) -> ActorPage:
        """Answer a search without typos nor facets."""
        depart = time.perf_counter()
        tableau, rangs = await self._trouver(query)
        ordonnes = self._ordonner(tableau, rangs, query)
        debut = (query.page - 1) * query.size
        page = ordonnes[debut : min(debut + query.size, FENETRE)].tolist()
        loin = _distances(tableau, ordonnes, query.geo)
        hits = tuple(Hit(id=tableau.ids[rang], score=1.0, distance_m=loin.get(rang), matched_words=()) for rang in page)
        atteignables = min(len(rangs), FENETRE)
        return ActorPage(
            hits=hits,
            total=atteignables,
            total_is_floor=len(rangs) > FENETRE,
            page=query.page,
            size=query.size,
            pages=-(-atteignables // query.size),
            facets=None,
            engine="database",
            generation=GENERATION,
            took_ms=round((time.perf_counter() - depart) * 1_000, 3),
        )

    async def suggest(self, prefix: str, *, near: Circle | None, limit: int) -> tuple[Suggestion, ...]:
        """Return the places whose name or commune has words that begin so."""
        if not lire(prefix, charger()).mots:
            return ()
        query = ActorQuery(q=prefix, size=limit)
        tableau, rangs = await self._trouver(query)
        ordonnes = self._ordonner(tableau, rangs, query)[:limit]
        loin = _distances(tableau, ordonnes, near)
        return tuple(
            Suggestion(id=tableau.ids[rang], score=1.0, distance_m=loin.get(rang)) for rang in ordonnes.tolist()
        )

    async def facet_values(self, facet: str, prefix: str, query: ActorQuery) -> tuple[FacetValue, ...]:
        """Return the values of a facet that begin so, among what a search finds."""
        tableau, rangs = await self._trouver(query)
        comptes = _compter(tableau, rangs, facet)
        voulu = plier(prefix).split()
        gardees = [
            FacetValue(valeur, compte)
            for valeur, compte in comptes.items()
            if all(any(mot.startswith(v) for mot in plier(valeur).split()) for v in voulu)
        ]
        return tuple(sorted(gardees, key=lambda v: (-v.count, v.value))[:VALEURS_MAX])

    async def count(self, query: ActorQuery) -> int:
        """Return how many places a search finds."""
        return len((await self._trouver(query))[1])

    async def health(self) -> EngineHealth:
        """Say that it answers: it does as long as the directory does."""
        return EngineHealth(up=True)

    async def close(self) -> None:
        """Stop reading names."""
        if self._lecture is not None:
            self._lecture.cancel()
            await asyncio.wait({self._lecture})

    async def _trouver(self, query: ActorQuery) -> tuple[Tableau, Rangs]:
        """Return the table, and the rows that a search finds; nothing else runs between this and the answer."""
        if not self._modele.frais():
            await self._modele.rattraper(le=self._horloge())
        noms = await self._suivre() if query.q.strip() else self._noms
        tableau = self._modele.tableau
        question = lire(query.q, charger())
        voulus = [*question.mots, *(mot for exige in question.exiges for mot in exige)]
        if voulus:
            ids = set.intersection(*(noms.commencent(mot) for mot in voulus))
            rangs = np.array(sorted(r for id in ids if (r := tableau.rangs.get(id)) is not None), np.int64)
        else:
            rangs = np.arange(tableau.taille)
        rangs = rangs[tableau.vivants[rangs]]
        return tableau, _filtrer(tableau, rangs, query)

    def _ordonner(self, tableau: Tableau, rangs: Rangs, query: ActorQuery) -> Rangs:
        if query.sort == "distance" and isinstance(query.geo, Circle):
            loin = geo.distances(tableau.latitudes[rangs], tableau.longitudes[rangs], query.geo)
            return rangs[np.lexsort((rangs, np.where(np.isnan(loin), np.inf, loin)))]
        if query.sort == "name":
            cles = {rang: plier(_chaine(_NOM, tableau.documents[rang])) for rang in rangs.tolist()}
            return np.array(sorted(cles, key=lambda rang: (cles[rang], rang)), np.int64)
        if query.sort == "maj_desc" or not query.q.strip():
            return rangs[np.lexsort((rangs, -tableau.modifies_le[rangs]))]
        # words written whole come before beginnings, short names before long ones
        voulus = set(lire(query.q, charger()).mots)
        cles_de_mots = {}
        for rang in rangs.tolist():
            _, mots = self._noms.connus.get(tableau.ids[rang], (b"", ()))
            cles_de_mots[rang] = (-len(voulus.intersection(mots)), len(mots), rang)
        return np.array(sorted(cles_de_mots, key=cles_de_mots.__getitem__), np.int64)

    async def _suivre(self) -> Noms:
        """Return the words of names; read in a thread the first time, and then while the ones before still serve."""
        if self._noms.numero != self._modele.numero and (self._lecture is None or self._lecture.done()):
            documents = dict(zip(self._modele.tableau.ids, self._modele.tableau.documents, strict=True))
            self._lecture = asyncio.create_task(asyncio.to_thread(_noms, documents, self._noms, self._modele.numero))
            self._lecture.add_done_callback(self._adopter)
        if self._noms.numero < 0 and self._lecture is not None:
            await asyncio.wait({self._lecture})
        return self._noms

    def _adopter(self, lecture: asyncio.Task[Noms]) -> None:
        if not lecture.cancelled() and lecture.exception() is None:
            self._noms = lecture.result()


def _noms(documents: dict[str, bytes | None], avant: Noms, numero: int) -> Noms:
    utiles = charger().utiles
    connus: dict[str, tuple[bytes, tuple[str, ...]]] = {}
    par_mot: dict[str, list[str]] = {}
    for id, document in documents.items():
        if document is None:
            continue
        lu = avant.connus.get(id)
        if lu is None or lu[0] is not document:
            lu = (document, utiles(f"{_chaine(_NOM, document)} {_chaine(_COMMUNE, document)}"))
        connus[id] = lu
        for mot in set(lu[1]):
            par_mot.setdefault(mot, []).append(id)
    mots = sorted(par_mot)
    return Noms(numero, mots, [par_mot[mot] for mot in mots], connus)


def _chaine(motif: re.Pattern[bytes], document: bytes | None) -> str:
    trouve = motif.search(document or b"")
    return str(json.loads(trouve[1])) if trouve else ""


def _filtrer(tableau: Tableau, rangs: Rangs, query: ActorQuery) -> Rangs:
    if query.maj_after is not None:
        rangs = rangs[tableau.modifies_le[rangs] >= query.maj_after]
    if query.geo is not None:
        rangs = rangs[geo.dedans(tableau.latitudes[rangs], tableau.longitudes[rangs], query.geo)]
    filtres = {nom: voulues for nom, voulues in query.filters.items() if voulues}
    rangs = rangs[masque_de(tableau.colonnes, [(COLONNES[n], v) for n, v in filtres.items() if n in COLONNES], rangs)]
    genres = filtres.get("genre", (LIEU,))
    autres = {nom: set(v) for nom, v in filtres.items() if nom not in COLONNES and nom != "genre"}
    if LIEU not in genres:
        return rangs[:0]
    if not autres or not len(rangs):
        return rangs
    gardes = [
        rang
        for rang, document in zip(rangs.tolist(), _lire(tableau, rangs), strict=True)
        if all(voulues.intersection(document.facets.get(nom, ())) for nom, voulues in autres.items())
    ]
    return np.array(gardes, np.int64)


def _compter(tableau: Tableau, rangs: Rangs, facette: str) -> dict[str, int]:
    if facette in COLONNES:
        return tableau.colonnes[COLONNES[facette]].compter(rangs)
    comptes: dict[str, int] = {}
    for document in _lire(tableau, rangs):
        for valeur in document.facets.get(facette, ()):
            comptes[valeur] = comptes.get(valeur, 0) + 1
    return comptes


def _lire(tableau: Tableau, rangs: Rangs) -> Sequence[ActorDocument]:
    """Return what the other engines would hold of these places: the same facets, by the same rule."""
    lus: list[Any] = [json.loads((tableau.documents[rang] or b"{") + b"}") for rang in rangs.tolist()]
    return [document_de_lieu(lu, v=0) for lu in lus]


def _distances(tableau: Tableau, rangs: Rangs, zone: Any) -> dict[int, float]:
    if not isinstance(zone, Circle):
        return {}
    loin = geo.distances(tableau.latitudes[rangs], tableau.longitudes[rangs], zone)
    return {rang: round(float(d), 1) for rang, d in zip(rangs.tolist(), loin.tolist(), strict=True) if not np.isnan(d)}
