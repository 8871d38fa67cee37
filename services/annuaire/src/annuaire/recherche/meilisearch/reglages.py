"""Settings of an index, generated from the French data file; their hash names the generations made with them.

Checked against Meilisearch v1.50 (`crates/milli/src/criterion.rs`, `index.rs`, `filterable_attributes_rules.rs`).
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any, Final

from annuaire.recherche.francais.vocabulaire import Vocabulaire, charger
from annuaire.recherche.port import ATTRIBUTS, FACETTES, FENETRE, VALEURS_MAX

FACETTE: Final = "f_"
"""Before the name of a facet: `services` is searched as words, `f_services` filtered by label."""
ETAT, GENERATION, MAJ, COMPLETUDE, NOM_TRIE = "etat", "generation", "maj", "completude", "nom_trie"
VISIBLE, CACHE, SUPPRIME = "visible", "cache", "supprime"
"""States of a record. One that was deleted stays as a bare version, so that an earlier one never comes back."""
GEO, GEOJSON = "_geo", "_geojson"

CLASSEMENT: Final = (
    "sort", "words", "typo", "proximity", "attributeRank", "wordPosition", "exactness",
    f"{COMPLETUDE}:desc", f"{MAJ}:desc",
)  # fmt: skip
"""Written out, since defaults changed in v1.36. `sort` comes first: it does nothing unless an order is asked for, and
then the order asked for is the whole order."""

COUPURE_MS: Final = 150
MOTS_D_UN_SYNONYME: Final = 3
"""Synonyms are looked up for terms of one to three words."""
SYNONYMES_PAR_TERME, MOTS_PAR_TERME = 50, 100
"""`compute_derivations.rs`: beyond, a term loses some in silence."""


@cache
def reglages() -> dict[str, Any]:
    """Return the whole settings of an index, as `PATCH /indexes/{uid}/settings` takes them."""
    vocabulaire = charger()
    return {
        "searchableAttributes": list(ATTRIBUTS),
        "displayedAttributes": ["*"],
        "rankingRules": list(CLASSEMENT),
        "filterableAttributes": [
            _filtrable([f"{FACETTE}{nom}" for nom in FACETTES], chercher=True),
            _filtrable([ETAT, GENERATION]),
            _filtrable([MAJ], comparer=True),
            # `has_geo` knows the plain form only
            GEO,
            GEOJSON,
        ],
        "sortableAttributes": [GEO, MAJ, NOM_TRIE],
        "stopWords": sorted(vocabulaire.vides),
        "synonyms": synonymes(vocabulaire),
        "typoTolerance": {
            "enabled": True,
            "minWordSizeForTypos": {"oneTypo": 5, "twoTypos": 9},
            "disableOnAttributes": ["code_postal"],
            "disableOnWords": sorted(_sigles(vocabulaire)),
            "disableOnNumbers": True,
        },
        "faceting": {"maxValuesPerFacet": VALEURS_MAX, "sortFacetValuesBy": {"*": "count"}},
        "pagination": {"maxTotalHits": FENETRE},
        "proximityPrecision": "byWord",
        "prefixSearch": "indexingTime",
        "searchCutoffMs": COUPURE_MS,
        "localizedAttributes": [{"attributePatterns": ["*"], "locales": ["fra"]}],
    }


@cache
def empreinte() -> str:
    """Return the hash of the settings and of the form of documents."""
    ecrits = json.dumps(reglages(), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{FORME}\n{ecrits}".encode()).hexdigest()[:12]


FORME: Final = 1
"""Changes with the form of documents (`documents.py`)."""


def synonymes(vocabulaire: Vocabulaire) -> dict[str, list[str]]:
    """Return the synonyms that an index can hold: terms of one to three words, each with its equivalents.

    Both sides are what the normaliser gives, without stop words: it is what documents and questions are made of.
    """
    tous: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = dict(vocabulaire.synonymes)
    for court, plein in vocabulaire.abreges.items():
        # what the word in full stands for is not followed from there: a server looks synonyms up once
        tous[court] = tuple(dict.fromkeys((plein, *tous.get(court, ()), *vocabulaire.memes(plein))))
    table: dict[str, list[str]] = {}
    for terme, vers in sorted(tous.items()):
        if len(terme) > MOTS_D_UN_SYNONYME:
            continue
        gardes: list[str] = []
        mots = 0
        for expression in vers[:SYNONYMES_PAR_TERME]:
            mots += len(expression)
            if mots > MOTS_PAR_TERME:
                break
            gardes.append(" ".join(expression))
        table[" ".join(terme)] = gardes
    return table


def _filtrable(noms: list[str], *, chercher: bool = False, comparer: bool = False) -> dict[str, Any]:
    return {
        "attributePatterns": noms,
        "features": {"facetSearch": chercher, "filter": {"equality": True, "comparison": comparer}},
    }


def _sigles(vocabulaire: Vocabulaire) -> set[str]:
    """Acronyms long enough to be allowed a typo: one word that stands for several which begin with its letters."""
    return {
        terme[0]
        for terme, vers in vocabulaire.synonymes.items()
        if len(terme) == 1 and len(terme[0]) >= 5 and any("".join(m[0] for m in v).startswith(terme[0]) for v in vers)
    }
