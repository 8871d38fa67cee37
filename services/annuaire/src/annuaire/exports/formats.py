"""The formats of an export."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Final, Literal

from socle.web.negociation import choisir

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
MEDIAS: Final = {nom: f.media for nom, f in FORMATS.items() if nom != "excel"}
"""What `Accept` chooses among, the default first; the table for spreadsheets has no type of its own."""


def suggerer(nom: str) -> str | None:
    """Return the format whose name is nearest to one that does not exist."""
    proches = difflib.get_close_matches(nom[:64].lower(), list(FORMATS), n=1, cutoff=0.5)
    return proches[0] if proches else None


def format_de(nom: NomDeFormat | None, accept: str | None) -> Format:
    """Return the format named, or the one that `Accept` prefers. Raises `FormatRefuse` (406)."""
    return FORMATS[nom or choisir(accept, MEDIAS)]
