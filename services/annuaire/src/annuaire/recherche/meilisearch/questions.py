"""From a search to what Meilisearch is asked: one body for every search, which both its clients would send alike.

What is asked never depends on what a person typed but as words: the question is cut by the normaliser that cuts
documents, so neither `-`, nor a quote left open, nor a filter can come from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from annuaire.recherche.embarque.plan import lire
from annuaire.recherche.francais.normaliser import plier
from annuaire.recherche.francais.vocabulaire import charger
from annuaire.recherche.meilisearch.filtres import filtrer
from annuaire.recherche.meilisearch.reglages import FACETTE, GENERATION, GEO, MAJ, NOM_TRIE
from annuaire.recherche.port import ATTRIBUTS, MOTS_MAX, ActorQuery, Circle

NOMS: Final = ("nom", "sigle", "noms_alternatifs")
"""Attributes that suggestions look into."""
LANGUES: Final = ("fra",)

Corps = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """The words of a question, what must be found in a row, and whether its last word may be unfinished."""

    mots: tuple[str, ...]
    exiges: tuple[tuple[str, ...], ...]
    ouvert: bool

    @property
    def texte(self) -> str:
        """What `q` holds: phrases first, since only the last word may be the beginning of one.

        A space at the end closes the last word (`parse_query.rs`): it is then no prefix.
        """
        phrases = [f'"{" ".join(exige)}"' for exige in self.exiges]
        texte = " ".join([*phrases, *self.mots])
        return texte if self.ouvert or not self.mots else f"{texte} "


def interroger(q: str) -> Question:
    """Cut a question: ten words at most, those of its phrases included."""
    lue = lire(q, charger())
    reste = MOTS_MAX
    exiges = []
    for exige in lue.exiges:
        if exige[:reste]:
            exiges.append(tuple(exige[:reste]))
            reste -= len(exige[:reste])
    mots = tuple(lue.mots[:reste])
    return Question(mots, tuple(exiges), lue.ouvert and len(mots) == len(lue.mots))


def chercher(query: ActorQuery, index: str) -> list[Corps]:
    """Return the queries of a search, in order: strict, relaxed where it may be, one for each disjunctive facet."""
    question = interroger(query.q)
    stricte = _page(query, question, index)
    requetes = [stricte]
    if relachable(query, question):
        requetes.append({**stricte, "matchingStrategy": "frequency", "showRankingScoreDetails": True})
    return requetes + [_facette(query, question, index, nom, sauf=nom) for nom in a_part(query)]


def relachable(query: ActorQuery, question: Question) -> bool:
    """Say whether words could be dropped: a phrase never is, nor the only word."""
    return query.relax and len(question.mots) > (0 if question.exiges else 1)


def a_part(query: ActorQuery) -> tuple[str, ...]:
    """Return the facets that are counted without their own filter."""
    if query.facet_mode != "disjunctive":
        return ()
    return tuple(nom for nom in query.facets if query.filters.get(nom))


def compter(query: ActorQuery, index: str) -> list[Corps]:
    """Return the queries that count, without a result: strict, and relaxed where it may be."""
    question = interroger(query.q)
    stricte = _compte(question.texte, filtrer(query), index)
    return [stricte, {**stricte, "matchingStrategy": "frequency"}] if relachable(query, question) else [stricte]


def frequences(mots: Sequence[str], index: str, *, ouvert: bool) -> list[Corps]:
    """Return the queries that tell how common each word is: what `frequency` drops first is what is nowhere, then this.

    The last word may be the beginning of one, as it was in the question.
    """
    return [_compte(mot if ouvert and rang == len(mots) - 1 else f"{mot} ", [], index) for rang, mot in enumerate(mots)]


def suggerer(debut: str, index: str, limite: int) -> Corps:
    """Return the query of a suggestion: every word in the names, the last one perhaps unfinished."""
    return {
        **_base(interroger(debut), ActorQuery(), index),
        "hitsPerPage": limite,
        "page": 1,
        "attributesToSearchOn": list(NOMS),
        "attributesToRetrieve": ["id", GEO],
        "showRankingScore": True,
    }


def valeurs(facette: str, debut: str, query: ActorQuery) -> Corps:
    """Return the body of a search among the values of a facet."""
    return {
        "facetName": FACETTE + facette,
        "facetQuery": plier(debut).strip() or None,
        "q": interroger(query.q).texte,
        "filter": filtrer(query),
        "matchingStrategy": "all",
        "locales": list(LANGUES),
        "exhaustiveFacetCount": True,
    }


def facette(facette: str, query: ActorQuery, index: str) -> Corps:
    """Return the query that counts the values of a facet."""
    return _facette(query, interroger(query.q), index, facette, sauf=None)


def etats(index: str) -> Corps:
    """Return the query that counts every record, hidden ones included."""
    return _compte("", filtrer(ActorQuery(visibility=False)), index)


def _base(question: Question, query: ActorQuery, index: str) -> Corps:
    return {
        "indexUid": index,
        "q": question.texte,
        "filter": filtrer(query),
        "matchingStrategy": "all",
        "locales": list(LANGUES),
    }


def _page(query: ActorQuery, question: Question, index: str) -> Corps:
    corps = {
        **_base(question, query, index),
        "page": query.page,
        "hitsPerPage": query.size,
        "attributesToRetrieve": ["id", GEO, *(ATTRIBUTS if query.highlight else ())],
        # the counts by generation are the total, exact beyond what may be paged through, and name the generation
        "facets": [GENERATION, *(FACETTE + nom for nom in query.facets if nom not in a_part(query))],
        "showRankingScore": True,
    }
    if query.highlight:
        corps["showMatchesPosition"] = True
    if (tri := _tri(query)) is not None:
        corps["sort"] = [tri]
    return corps


def _tri(query: ActorQuery) -> str | None:
    if query.sort == "distance" and isinstance(query.geo, Circle):
        return f"_geoPoint({query.geo.lat:.7f}, {query.geo.lng:.7f}):asc"
    return {"name": f"{NOM_TRIE}:asc", "maj_desc": f"{MAJ}:desc"}.get(query.sort)


def _facette(query: ActorQuery, question: Question, index: str, nom: str, *, sauf: str | None) -> Corps:
    return {
        **_base(question, query, index),
        "filter": filtrer(query, sauf=sauf),
        "page": 1,
        "hitsPerPage": 0,
        "facets": [FACETTE + nom],
    }


def _compte(texte: str, filtres: list[str], index: str) -> Corps:
    return {
        "indexUid": index,
        "q": texte,
        "filter": filtres,
        "matchingStrategy": "all",
        "locales": list(LANGUES),
        "page": 1,
        "hitsPerPage": 0,
        "facets": [GENERATION],
    }
