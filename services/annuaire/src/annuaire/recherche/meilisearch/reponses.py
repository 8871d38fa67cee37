"""From what Meilisearch answers to what the port promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from annuaire.recherche.francais.normaliser import plier
from annuaire.recherche.meilisearch.questions import Question, a_part
from annuaire.recherche.meilisearch.reglages import FACETTE, GENERATION, GEO
from annuaire.recherche.port import (
    ATTRIBUTS,
    FENETRE,
    VALEURS_MAX,
    ActorPage,
    ActorQuery,
    Circle,
    FacetValue,
    Hit,
    Suggestion,
)
from annuaire.territoires.rules import distance_m

Reponse = Mapping[str, Any]
MOTS_MONTRES: Final = 20


def total(reponse: Reponse) -> int:
    """Return how many records were found, all of them: `totalHits` stops at what may be paged through."""
    return sum(_comptes(reponse, GENERATION).values())


def generation(reponse: Reponse) -> str | None:
    """Return the generation that answered; `None` when nothing was found to say it."""
    return next(iter(_comptes(reponse, GENERATION)), None)


def page(
    query: ActorQuery, principale: Reponse, disjointes: Sequence[Reponse], *, generation: str, took_ms: float,
    abandonnes: Sequence[str] | None,
) -> ActorPage:  # fmt: skip
    """Return a page; `abandonnes` holds the words dropped, `None` when none had to be."""
    trouves = total(principale)
    atteignables = min(trouves, FENETRE)
    return ActorPage(
        hits=tuple(_resultat(lu, query) for lu in principale["hits"]),
        total=atteignables,
        total_is_floor=trouves > FENETRE,
        page=query.page,
        size=query.size,
        pages=-(-atteignables // query.size),
        facets=_facettes(query, principale, disjointes),
        engine="meilisearch",
        generation=generation,
        took_ms=round(took_ms, 3),
        relaxed=abandonnes is not None,
        dropped_words=tuple(abandonnes or ()),
    )


def abandonnes(question: Question, relachee: Reponse, frequences: Sequence[Reponse]) -> tuple[str, ...]:
    """Return the words that the best result goes without.

    `frequency` drops first the words that are nowhere, then the commonest (`query_graph.rs`); how many words the best
    result has is in the details of its score.
    """
    hits = relachee["hits"]
    details = hits[0].get("_rankingScoreDetails", {}).get("words", {}) if hits else {}
    manquent = int(details.get("maxMatchingWords", 0)) - int(details.get("matchingWords", 0))
    nulle_part = [mot for mot, reponse in zip(question.mots, frequences, strict=True) if not total(reponse)]
    ordre = sorted(
        (rang for rang, reponse in enumerate(frequences) if total(reponse)), key=lambda rang: -total(frequences[rang])
    )
    communs = ordre[: max(0, manquent - len(nulle_part))]
    partis = {question.mots[rang] for rang in communs} | set(nulle_part)
    return tuple(mot for mot in question.mots if mot in partis)


def suggestions(reponse: Reponse, near: Circle | None) -> tuple[Suggestion, ...]:
    """Return suggestions in order, with their distance when it is asked from where."""
    return tuple(
        Suggestion(id=str(lu["id"]), score=_note(lu), distance_m=_distance(lu, near)) for lu in reponse["hits"]
    )


def valeurs(comptes: Mapping[str, int], debut: str) -> tuple[FacetValue, ...]:
    """Return the values of which each word of `debut` begins a word, the commonest first."""
    voulu = plier(debut).split()
    return _ranger({valeur: compte for valeur, compte in comptes.items() if _commence(plier(valeur), voulu)})


def comptes_de(reponse: Reponse, facette: str) -> dict[str, int]:
    """Return how many records bear each value of a facet."""
    return _comptes(reponse, FACETTE + facette)


def _commence(valeur: str, voulu: Sequence[str]) -> bool:
    mots = valeur.split()
    return all(any(mot.startswith(v) for mot in mots) for v in voulu)


def _facettes(
    query: ActorQuery, principale: Reponse, disjointes: Sequence[Reponse]
) -> Mapping[str, tuple[FacetValue, ...]]:
    ou = dict(zip(a_part(query), disjointes, strict=True))
    return {nom: _ranger(_comptes(ou.get(nom, principale), FACETTE + nom)) for nom in query.facets}


def _ranger(comptes: Mapping[str, int]) -> tuple[FacetValue, ...]:
    rangees = sorted(comptes.items(), key=lambda c: (-c[1], c[0]))
    return tuple(FacetValue(valeur, compte) for valeur, compte in rangees[:VALEURS_MAX])


def _comptes(reponse: Reponse, attribut: str) -> dict[str, int]:
    distribution = reponse.get("facetDistribution") or {}
    return {str(valeur): int(compte) for valeur, compte in distribution.get(attribut, {}).items() if compte}


def _resultat(lu: Mapping[str, Any], query: ActorQuery) -> Hit:
    centre = query.geo if isinstance(query.geo, Circle) else None
    return Hit(
        id=str(lu["id"]),
        score=_note(lu) if query.sort == "relevance" else 1.0,
        distance_m=_distance(lu, centre),
        matched_words=_mots_apparies(lu) if query.highlight else (),
    )


def _note(lu: Mapping[str, Any]) -> float:
    return round(min(1.0, max(0.0, float(lu.get("_rankingScore", 1.0)))), 4)


def _distance(lu: Mapping[str, Any], centre: Circle | None) -> float | None:
    point = lu.get(GEO)
    if centre is None or not point:
        return None
    return round(distance_m(centre.lat, centre.lng, point["lat"], point["lng"]), 1)


def _mots_apparies(lu: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the words of the record that matched, from their places in bytes (`_matchesPosition`)."""
    mots: dict[str, None] = {}
    for attribut, places in (lu.get("_matchesPosition") or {}).items():
        if attribut not in ATTRIBUTS:
            continue
        valeurs = [valeur.encode() for valeur in lu.get(attribut) or ()]
        for place in places:
            rang = (place.get("indices") or [0])[0]
            if rang < len(valeurs):
                mot = valeurs[rang][place["start"] : place["start"] + place["length"]].decode(errors="ignore")
                mots[mot] = None
    return tuple(mots)[:MOTS_MONTRES]
