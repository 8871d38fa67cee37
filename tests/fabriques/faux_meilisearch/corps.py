"""Bodies and parameters of the routes: the names that each takes, and how a fault is answered (`deserr`, v1.50)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RECHERCHE = {
    "q", "vector", "media", "hybrid", "offset", "limit", "page", "hitsPerPage", "attributesToRetrieve",
    "retrieveVectors", "attributesToCrop", "cropLength", "attributesToHighlight", "showMatchesPosition",
    "showRankingScore", "showRankingScoreDetails", "showPerformanceDetails", "useNetwork", "filter", "sort", "distinct",
    "facets", "highlightPreTag", "highlightPostTag", "cropMarker", "matchingStrategy", "attributesToSearchOn",
    "rankingScoreThreshold", "locales", "personalize",
}  # fmt: skip
MULTI = {*RECHERCHE, "indexUid", "federationOptions"}
LECTURE = {"offset", "limit", "fields", "retrieveVectors", "ids", "filter", "sort"}
STRATEGIES = ("last", "all", "frequency")

_ATTENDUS: dict[str, tuple[type, ...]] = {
    "q": (str, type(None)), "offset": (int,), "limit": (int,), "page": (int, type(None)),
    "hitsPerPage": (int, type(None)), "attributesToRetrieve": (list, type(None)),
    "attributesToSearchOn": (list, type(None)), "facets": (list, type(None)), "sort": (list, type(None)),
    "locales": (list, type(None)), "showMatchesPosition": (bool,), "showRankingScore": (bool,),
    "showRankingScoreDetails": (bool,),
}  # fmt: skip
_CODES = {
    "q": "q", "offset": "offset", "limit": "limit", "page": "page", "hitsPerPage": "hits_per_page",
    "attributesToRetrieve": "attributes_to_retrieve", "attributesToSearchOn": "attributes_to_search_on",
    "facets": "facets", "sort": "sort", "locales": "locales", "showMatchesPosition": "show_matches_position",
    "showRankingScore": "show_ranking_score", "showRankingScoreDetails": "show_ranking_score_details",
}  # fmt: skip


@dataclass(slots=True)
class Refus(Exception):
    """An answer other than the one hoped for."""

    statut: int
    code: str
    message: str
    attendre: int | None = None
    """`Retry-After`, in seconds."""

    def corps(self) -> dict[str, str]:
        """Return the body of the answer."""
        genre = "auth" if self.statut in (401, 403) else "system" if self.statut in (422, 503) else "invalid_request"
        lien = f"https://docs.meilisearch.com/errors#{self.code}"
        return {"message": self.message, "code": self.code, "type": genre, "link": lien}


def objet(lu: Any, connus: set[str], *, ou: str = "") -> Mapping[str, Any]:
    """Check that a body is an object whose every name is known."""
    if not isinstance(lu, dict):
        raise Refus(400, "bad_request", f"Invalid value type{ou}: expected an object, but found: `{lu!r}`")
    for nom in lu:
        if nom not in connus:
            raise Refus(400, "bad_request", f"Unknown field `{nom}`{ou}: expected one of {sorted(connus)}")
    return lu


def question(lu: Any, connus: set[str], *, ou: str = "") -> Mapping[str, Any]:
    """Check the body of a search."""
    corps = objet(lu, connus, ou=ou)
    for nom, types in _ATTENDUS.items():
        if nom not in corps:
            continue
        valeur = corps[nom]
        if not isinstance(valeur, types) or (isinstance(valeur, bool) and bool not in types):
            raise Refus(400, f"invalid_search_{_CODES[nom]}", f"Invalid value type at `.{nom}`{ou}")
        if isinstance(valeur, int) and not isinstance(valeur, bool) and valeur < 0:
            raise Refus(400, f"invalid_search_{_CODES[nom]}", f"Invalid value at `.{nom}`{ou}: value is too small")
    if corps.get("matchingStrategy", "last") not in STRATEGIES:
        raise Refus(400, "invalid_search_matching_strategy", f"Unknown value at `.matchingStrategy`{ou}")
    for locale in corps.get("locales") or ():
        if locale not in ("fra", "fr", "eng", "en"):
            raise Refus(400, "invalid_search_locales", f"Unknown value `{locale}` at `.locales`{ou}")
    return corps
