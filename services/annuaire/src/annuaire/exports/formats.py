"""The formats of an export, and the choice between them: `format=` first, then what `Accept` prefers."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Final, Literal

from socle.web.errors import FormatRefuse

NomDeFormat = Literal["ndjson", "json", "csv", "excel", "geojson"]
Dialecte = Literal["rfc4180", "excel-fr"]


@dataclass(frozen=True, slots=True)
class Format:
    """One way of writing places: its name here, its media type (RFC 6838), the ending of its files."""

    nom: NomDeFormat
    media: str
    suffixe: str

    @property
    def type_de_contenu(self) -> str:
        """Return the value of `Content-Type`."""
        return self.media if self.nom in ("json", "geojson") else f"{self.media}; charset=utf-8"


#: In the order of preference of an `Accept` that prefers none.
FORMATS: Final[dict[str, Format]] = {
    f.nom: f
    for f in (
        Format("ndjson", "application/x-ndjson", "ndjson"),
        Format("json", "application/json", "json"),
        Format("csv", "text/csv", "csv"),
        Format("geojson", "application/geo+json", "geojson"),
        Format("excel", "text/csv", "csv"),
    )
}
MEDIAS: Final = tuple(dict.fromkeys(f.media for f in FORMATS.values()))
ELEMENTS_MAX: Final = 50
"""Media ranges read in `Accept`; browsers send about eight."""

_ELEMENT: Final = re.compile(
    r"(?P<type>\*|[\w!#$&^.+-]{1,80})/(?P<sous>\*|[\w!#$&^.+-]{1,80})(?P<parametres>[^,]{0,200})", re.ASCII
)
_POIDS: Final = re.compile(r";\s{0,8}q=(\d(?:\.\d{0,3})?)\s{0,8}(?:;|$)", re.IGNORECASE | re.ASCII)


def suggerer(nom: str) -> str | None:
    """Return the format whose name is nearest to one that does not exist."""
    proches = difflib.get_close_matches(nom[:64].lower(), list(FORMATS), n=1, cutoff=0.5)
    return proches[0] if proches else None


def negocier(accept: str | None) -> Format:
    """Choose by `Accept` (RFC 9110 §12.5.1): the most specific range weighs each type, the heaviest wins.

    Raises `FormatRefuse` (406), with the list of types, when none is wanted.
    """
    if accept is None or not accept.strip():
        return FORMATS["ndjson"]
    poids = _peser(accept)
    choisi = max(FORMATS.values(), key=lambda f: poids[f.media])
    if poids[choisi.media] == 0:
        raise FormatRefuse(
            f"Cet export existe en {', '.join(MEDIAS)}. Demandez l'un de ces types, ou `format=`.",
            types=list(MEDIAS),
            formats=list(FORMATS),
        )
    return choisi


def _peser(accept: str) -> dict[str, float]:
    """Weigh each media type: 0 for one that nothing in the header accepts."""
    retenus: dict[str, tuple[int, float]] = dict.fromkeys(MEDIAS, (-1, 0.0))
    for element in accept.split(",", ELEMENTS_MAX)[:ELEMENTS_MAX]:
        lu = _ELEMENT.fullmatch(element.strip())
        if lu is None:
            continue
        poids = _POIDS.search(lu["parametres"])
        valeur = min(float(poids[1]), 1.0) if poids else 1.0
        for media in MEDIAS:
            precision = _precision(lu["type"].lower(), lu["sous"].lower(), media)
            if precision > retenus[media][0]:
                retenus[media] = (precision, valeur)
    return {media: valeur for media, (_, valeur) in retenus.items()}


def _precision(type_: str, sous: str, media: str) -> int:
    """Say how precisely a range names a media type: 2 whole, 1 by its first half, 0 by `*/*`, -1 not at all."""
    if f"{type_}/{sous}" == media:
        return 2
    if sous == "*" and media.startswith(type_ + "/"):
        return 1
    return 0 if type_ == sous == "*" else -1
