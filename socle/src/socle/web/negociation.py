"""Which representation an answer takes: `format=` first, then `Accept` (RFC 9110 §12.5.1), else the first offered.

An address that has several chooses (`choisir`); one that has a single one refuses whoever does not want it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fastapi.datastructures import DefaultPlaceholder
from starlette.types import Scope

from socle.web.errors import FormatRefuse

_TOUJOURS = "/sante/"
"""Health is told to whoever asks, whatever its probe pretends to read."""


def choisir(accept: str | None, formats: Mapping[str, str], *, format: str | None = None) -> str:
    """Return the name of the format that a caller wants, among `formats` (name: media type, the default first).

    Raises `FormatRefuse` (406), with the media types offered, when `Accept` admits none of them.
    """
    if format is not None:
        return format
    if accept is None or not accept.strip():
        return next(iter(formats))
    plages = _lire(accept)
    notes = {nom: _note(media.partition(";")[0], plages) for nom, media in formats.items()}
    meilleur = max(notes, key=lambda nom: notes[nom])
    if notes[meilleur] <= 0:
        offerts = list(formats.values())
        raise FormatRefuse(f"Formats servis ici : {', '.join(offerts)}.", types=offerts)
    return meilleur


def _lire(accept: str) -> dict[str, float]:
    plages: dict[str, float] = {}
    for element in accept.lower().split(","):
        plage, *parametres = (partie.strip() for partie in element.split(";"))
        poids = 1.0
        for parametre in parametres:
            if parametre.startswith("q="):
                try:
                    poids = min(max(float(parametre[2:]), 0.0), 1.0)
                except ValueError:
                    poids = 0.0
        plages[plage] = poids
    return plages


def _note(media: str, plages: Mapping[str, float]) -> float:
    """Weigh one media type: the most precise range that covers it decides."""
    for plage in (media, media.partition("/")[0] + "/*", "*/*"):
        if plage in plages:
            return plages[plage]
    return 0.0


@lru_cache(maxsize=1024)
def accepte(accept: str, media: str) -> bool:
    """Tell whether `Accept` wants this media type.

    Who asks for `application/json` is content with any of its family (`…+json`, `x-ndjson`).
    """
    plages = _lire(accept)
    if media not in plages and media.endswith("json") and "application/json" in plages:
        media = "application/json"
    return _note(media, plages) > 0


def refuser_la_forme(scope: Scope, route: Any) -> None:
    """Raise `FormatRefuse` (406), with the only media type there is, when the caller of a GET does not accept it.

    `route` is the one that was matched. One that declares several types chooses by itself.
    """
    if scope["method"] != "GET":
        return
    accept = b",".join([valeur for nom, valeur in scope["headers"] if nom == b"accept"])
    if not accept or accept == b"*/*" or scope["path"].startswith(_TOUJOURS):
        return
    types = _types(route)
    if len(types) == 1 and not accepte(accept.decode("latin-1"), types[0]):
        raise FormatRefuse(f"Format servi ici : {types[0]}.", types=types)


def _types(route: Any) -> list[str]:
    """Media types of the 200 of a route, as its contract says them; none where it says nothing."""
    if not getattr(route, "include_in_schema", False):
        return []
    classe = route.response_class
    if isinstance(classe, DefaultPlaceholder):
        classe = classe.value
    du_cadre = [classe.media_type] if classe.media_type else []
    return list(dict.fromkeys([*du_cadre, *route.responses.get(200, {}).get("content", {})]))
