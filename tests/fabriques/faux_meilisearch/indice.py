"""One index: its settings, its documents, and the words by which they are found."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fabriques.faux_meilisearch.texte import couper

ID = re.compile(r"[a-zA-Z0-9_-]{1,511}")
REGLES = ("words", "typo", "proximity", "attribute", "attributeRank", "wordPosition", "sort", "exactness")
DEFAUTS: dict[str, Any] = {
    "displayedAttributes": ["*"],
    "searchableAttributes": ["*"],
    "filterableAttributes": [],
    "sortableAttributes": [],
    "rankingRules": ["words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"],
    "stopWords": [],
    "synonyms": {},
    "dictionary": [],
    "separatorTokens": [],
    "nonSeparatorTokens": [],
    "distinctAttribute": None,
    "typoTolerance": {
        "enabled": True,
        "minWordSizeForTypos": {"oneTypo": 5, "twoTypos": 9},
        "disableOnWords": [],
        "disableOnAttributes": [],
        "disableOnNumbers": False,
    },
    "faceting": {"maxValuesPerFacet": 100, "sortFacetValuesBy": {"*": "alpha"}},
    "pagination": {"maxTotalHits": 1000},
    "proximityPrecision": "byWord",
    "prefixSearch": "indexingTime",
    "searchCutoffMs": None,
    "localizedAttributes": None,
    "embedders": {},
    "facetSearch": True,
}
"""Settings of an index that nobody has set (`meilisearch-types/src/settings.rs`)."""


class TacheRefusee(Exception):
    """What makes a task fail after its 202: the code, then the message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(slots=True)
class Fiche:
    """A document and, by attribute in the order of their weight, its words with their places."""

    document: dict[str, Any]
    mots: list[tuple[str, int, int]] = field(default_factory=list)
    """Word, rank of its attribute, place in it; 8 places between two values of one attribute."""
    presents: frozenset[str] = frozenset()


@dataclass(slots=True)
class Indice:
    """An index. Documents keep the order of their arrival, which replacing one does not change."""

    reglages: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(DEFAUTS))
    fiches: dict[str, Fiche] = field(default_factory=dict)
    cle_primaire: str | None = "id"
    reindexations: int = 0
    _lexique: dict[str, set[str]] | None = None

    @property
    def lexique(self) -> Mapping[str, set[str]]:
        """Every word, with the ids that bear it."""
        if self._lexique is None:
            self._lexique = {}
            for id, fiche in self.fiches.items():
                for mot in fiche.presents:
                    self._lexique.setdefault(mot, set()).add(id)
        return self._lexique

    def regler(self, corps: Mapping[str, Any]) -> None:
        """Change settings, then index every document again."""
        for nom, valeur in corps.items():
            defaut = DEFAUTS[nom]
            if valeur is None:
                self.reglages[nom] = copy.deepcopy(defaut)
            elif isinstance(defaut, dict) and nom not in ("synonyms", "embedders"):
                self.reglages[nom] = {**self.reglages[nom], **valeur}
            else:
                self.reglages[nom] = valeur
        self.reindexations += 1
        self._lexique = None
        for fiche in self.fiches.values():
            self._indexer(fiche)

    def ajouter(self, documents: list[dict[str, Any]]) -> None:
        """Add documents, or replace them whole. One bad document fails them all: nothing is written."""
        for document in documents:
            self._verifier(document)
        self._lexique = None
        for document in documents:
            fiche = Fiche(document)
            self._indexer(fiche)
            id = str(document["id"])
            if id in self.fiches:
                self.fiches[id].document, self.fiches[id].mots = document, fiche.mots
                self.fiches[id].presents = fiche.presents
            else:
                self.fiches[id] = fiche

    def supprimer(self, ids: list[str]) -> None:
        """Remove documents."""
        self._lexique = None
        for id in ids:
            self.fiches.pop(id, None)

    def _verifier(self, document: dict[str, Any]) -> None:
        id = document.get("id")
        if id is None:
            raise TacheRefusee("missing_document_id", f"Document doesn't have a `id` attribute: `{document}`.")
        if isinstance(id, bool | float | list | dict) or ID.fullmatch(str(id)) is None:
            raise TacheRefusee(
                "invalid_document_id",
                f'Document identifier `"{id}"` is invalid. It must be ≤ 511 bytes of a-z A-Z 0-9 - _.',
            )
        geo = document.get("_geo")
        if geo is None:
            return
        if not isinstance(geo, dict) or set(geo) != {"lat", "lng"}:
            raise TacheRefusee("invalid_document_geo_field", f"The `_geo` field in the document `{id}` is not valid.")
        for nom, borne in (("lat", 90), ("lng", 180)):
            try:
                lue = float(geo[nom])
            except (TypeError, ValueError):
                lue = float("nan")
            if not abs(lue) <= borne:
                raise TacheRefusee("invalid_document_geo_field", f"Bad `{nom}` in the document `{id}`.")

    def _indexer(self, fiche: Fiche) -> None:
        vides = set(self.reglages["stopWords"])
        attributs = self.reglages["searchableAttributes"]
        if attributs == ["*"]:
            attributs = [nom for nom in fiche.document if not nom.startswith("_")]
        fiche.mots = []
        for rang, attribut in enumerate(attributs):
            valeur = fiche.document.get(attribut)
            place = 0
            for texte in valeur if isinstance(valeur, list) else [valeur]:
                if not isinstance(texte, str | int | float) or isinstance(texte, bool):
                    continue
                for mot in couper(str(texte)):
                    if mot not in vides:
                        fiche.mots.append((mot, rang, place))
                    place += 1
                place += 8
        fiche.presents = frozenset(mot for mot, _, _ in fiche.mots)
