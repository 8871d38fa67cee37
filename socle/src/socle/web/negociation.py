"""What a reader accepts (RFC 9110 §12.5.1): an address that has one form answers 406 to whoever refuses it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from fastapi.datastructures import DefaultPlaceholder
from starlette.types import Scope

from socle.web.errors import FormatRefuse

_TOUJOURS = "/sante/"
"""Health is told to whoever asks, whatever its probe pretends to read."""


@lru_cache(maxsize=1024)
def accepte(accept: bytes, media: bytes) -> bool:
    """Tell whether `Accept` wants this media type: of the ranges that fit, the most precise decides, by its weight.

    Who asks for `application/json` is content with any of its family (`…+json`, `x-ndjson`).
    """
    genre = media.partition(b"/")[0]
    trouvee = (-1, False)
    for element in accept.lower().split(b","):
        plage, *parametres = [morceau.strip() for morceau in element.split(b";")]
        if plage == media or (plage == b"application/json" and media.endswith(b"json")):
            precision = 2
        elif plage == genre + b"/*":
            precision = 1
        elif plage == b"*/*":
            precision = 0
        else:
            continue
        if precision > trouvee[0]:
            trouvee = (precision, not any(_nul(parametre) for parametre in parametres))
    return trouvee[1]


def _nul(parametre: bytes) -> bool:
    nom, _, valeur = parametre.partition(b"=")
    return nom.strip() == b"q" and valeur.strip() in (b"0", b"0.", b"0.0", b"0.00", b"0.000")


def refuser_la_forme(scope: Scope, route: Any) -> None:
    """Raise `FormatRefuse`, naming the form there is, when the caller of a GET does not accept it.

    `route` is the one that was matched. One that declares several forms chooses by itself.
    """
    if scope["method"] != "GET":
        return
    accept = b",".join([valeur for nom, valeur in scope["headers"] if nom == b"accept"])
    if not accept or accept == b"*/*" or scope["path"].startswith(_TOUJOURS):
        return
    formes = _formes(route)
    if len(formes) == 1 and not accepte(accept, formes[0].encode()):
        raise FormatRefuse(f"Cette adresse répond en {formes[0]}.", types=formes)


def _formes(route: Any) -> list[str]:
    """Media types of the 200 of a route, as its contract says them; none where it says nothing."""
    if not getattr(route, "include_in_schema", False):
        return []
    dites = route.responses.get(200, {}).get("content")
    if dites:
        return list(dites)
    classe = route.response_class
    if isinstance(classe, DefaultPlaceholder):
        classe = classe.value
    return [classe.media_type or "application/json"]
