"""The published validation rules of RPDE feeds, walked over a feed as a consumer does.

Names and meanings are those of openactive/rpde-validator 3.0 (`src/rules`), which checks the specification
« Realtime Paged Data Exchange » (openactive.io/realtime-paged-data-exchange); the code here is our own.
AfterTimestampRule bears on another ordering than ours, ItemDataPromptRule only suggests the vocabulary of OpenActive.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

PLUS_GRAND_ENTIER_SUR = 2**53 - 1
PAGES_MAX = 20
REGLES = frozenset(
    {
        "HttpStatusRule", "HttpContentTypeRule", "HttpCacheHeaderRule", "ValidJsonObjectRule",
        "AfterChangeNumberRule", "MinimumItemsRule", "DeletedItemsRule", "DuplicateItemsRule", "NextPageValidRule",
        "NextPageNotCurrentPageRule", "NextUrlBasePathMatchCurrentPage", "RequiredPropertiesRule",
        "RequiredItemPropertiesRule", "RequiredPropertyValuesRule", "LastPageCheckRule", "NoLastPageItemsRule",
        "LastPageUrlIsSelfRule",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """An answer as it came."""

    statut: int
    entetes: dict[str, str]
    corps: bytes


Lire = Callable[[str], Awaitable[Page]]


@dataclass(slots=True)
class Visite:
    """What a walk of the feed found: `ecarts` are (rule, address), failures and warnings alike."""

    ecarts: list[tuple[str, str]] = field(default_factory=list)
    pages: int = 0
    elements: list[dict[str, Any]] = field(default_factory=list)

    def exiger(self, regle: str, tenue: bool, adresse: str) -> None:
        """Note a rule that does not hold here."""
        if regle not in REGLES:
            raise LookupError(regle)
        if not tenue:
            self.ecarts.append((regle, adresse))


async def visiter(adresse: str, lire: Lire) -> Visite:
    """Walk a feed from its address to its last page, then ask for the page after the largest of all numbers."""
    visite = Visite()
    precedent, courte = -1, False
    dernier: str | None = None
    url = adresse
    while True:
        page = await _charger(visite, url, lire)
        if page is None:
            return visite
        items, suite = page["items"], page["next"]
        derniere = not items and suite == url
        visite.pages += 1
        visite.exiger("NextPageNotCurrentPageRule", not items or suite != url, url)
        dernier = _numero(suite) or dernier
        if not derniere:
            precedent = _verifier_avance(visite, url, items, suite, precedent)
            # the page before the last one may be short
            visite.exiger("MinimumItemsRule", not (courte and items), url)
        courte = len(items) < 500
        visite.elements += items
        if suite == url or visite.pages == PAGES_MAX:
            break
        url = suite
    visite.exiger("DeletedItemsRule", any(e.get("state") == "deleted" for e in visite.elements), adresse)
    ids = [element.get("id") for element in visite.elements]
    visite.exiger("DuplicateItemsRule", len(set(map(str, ids))) == len(ids), adresse)
    visite.exiger("LastPageCheckRule", dernier is not None and _entier(dernier), adresse)
    await _verifier_fin(visite, f"{adresse.split('?')[0]}?afterChangeNumber={PLUS_GRAND_ENTIER_SUR}", lire)
    return visite


async def _charger(visite: Visite, url: str, lire: Lire) -> dict[str, Any] | None:
    recue = await lire(url)
    visite.exiger("HttpStatusRule", recue.statut == 200, url)
    visite.exiger("HttpContentTypeRule", recue.entetes.get("content-type", "").startswith("application/json"), url)
    try:
        page = json.loads(recue.corps)
    except ValueError:
        page = None
    visite.exiger("ValidJsonObjectRule", isinstance(page, dict), url)
    if not isinstance(page, dict):
        return None
    complete = all(membre in page for membre in ("next", "items", "license"))
    visite.exiger("RequiredPropertiesRule", complete, url)
    if not complete:
        return None
    _verifier_valeurs(visite, url, page)
    suite = urlsplit(str(page["next"]))
    visite.exiger("NextPageValidRule", suite.scheme in ("http", "https") and bool(suite.netloc), url)
    visite.exiger("NextUrlBasePathMatchCurrentPage", str(page["next"]).split("?")[0] == url.split("?")[0], url)
    cache = recue.entetes.get("cache-control", "")
    age = re.search(r"max-age=(\d+)", cache)
    duree = int(age[1]) if age and "public" in cache else None
    derniere = not page["items"] and page["next"] == url
    bonne = duree is not None and (duree <= 8 if derniere else duree >= 3600)
    visite.exiger("HttpCacheHeaderRule", bonne, url)
    return page


def _verifier_valeurs(visite: Visite, url: str, page: dict[str, Any]) -> None:
    items = page["items"]
    liste = isinstance(items, list) and all(isinstance(element, dict) for element in items)
    visite.exiger("RequiredPropertyValuesRule", liste and isinstance(page["license"], str), url)
    for element in items if liste else ():
        presents = all(membre in element for membre in ("state", "kind", "id", "modified"))
        donnees = ("data" in element) == (element.get("state") == "updated")
        visite.exiger("RequiredItemPropertiesRule", presents and donnees, url)
        bonnes = (
            element.get("state") in ("updated", "deleted")
            and isinstance(element.get("kind"), str)
            and isinstance(element.get("id"), (str, int))
            and isinstance(element.get("data", {}), dict)
        )
        visite.exiger("RequiredPropertyValuesRule", bonnes, url)


def _verifier_avance(visite: Visite, url: str, items: list[dict[str, Any]], suite: str, precedent: int) -> int:
    numero = _numero(suite)
    visite.exiger("AfterChangeNumberRule", numero is not None and _entier(numero), url)
    if numero is None or not numero.isdecimal():
        return precedent
    modifies = [element.get("modified") for element in items]
    entiers = [modifie for modifie in modifies if type(modifie) is int]
    tenue = (
        len(entiers) == len(modifies) > 0
        and entiers == sorted(set(entiers))
        and entiers[-1] == int(numero) > precedent
        and entiers[-1] <= PLUS_GRAND_ENTIER_SUR
    )
    visite.exiger("AfterChangeNumberRule", tenue, url)
    return int(numero)


async def _verifier_fin(visite: Visite, url: str, lire: Lire) -> None:
    page = await _charger(visite, url, lire)
    if page is None:
        return
    visite.exiger("NoLastPageItemsRule", not page["items"], url)
    suite = await _charger(visite, page["next"], lire)
    visite.exiger("LastPageUrlIsSelfRule", suite == page, url)


def _numero(url: str) -> str | None:
    return parse_qs(urlsplit(url).query).get("afterChangeNumber", [None])[0]


def _entier(texte: str) -> bool:
    return re.fullmatch(r"[1-9][0-9]*", texte) is not None
