"""What a fetched file is, by what is said of it and by its first bytes: many servers send any file as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from annuaire.sources.tirage.rules import Echec
from annuaire.synchronisation.lecteurs import CSV, JSON, NDJSON, XLSX, type_connu
from annuaire.synchronisation.lecteurs.errors import FichierRefuse

FORMATS: Final = {"csv": CSV, "json": JSON, "geojson": "application/geo+json", "ndjson": NDJSON, "xlsx": XLSX}
DEBUT: Final = 512
"""Bytes to look at."""

_VAGUES: Final = frozenset({"", "text/plain", "application/octet-stream", "binary/octet-stream", "application/zip"})
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
_ZIP: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True, kw_only=True)
class Indices:
    """What is known of a file before it is read: its declared media type, its path, the format that was announced."""

    declare: str
    chemin: str
    format: str | None


def reconnaitre(debut: bytes, indices: Indices) -> str:
    """Return the media type of a list from its first bytes. Raises `Echec` for a web page, or for nothing at all."""
    nu = debut.removeprefix(b"\xef\xbb\xbf").lstrip()
    declare = indices.declare.partition(";")[0].strip().lower()
    if nu[:1] == b"<" or declare in _PAGES:
        raise Echec("page-web")
    if not nu:
        raise Echec("vide")
    if indices.format is not None:
        return FORMATS[indices.format]
    classeur = nu.startswith(_ZIP)
    extension = indices.chemin.rpartition("/")[2].rpartition(".")[2].lower()
    if declare not in _VAGUES and _lisible(declare) and (declare == XLSX) == classeur:
        return declare
    if extension in FORMATS and (extension == "xlsx") == classeur:
        return FORMATS[extension]
    if classeur:
        return XLSX
    return JSON if nu[:1] in (b"[", b"{") else CSV


def _lisible(type_mime: str) -> bool:
    try:
        type_connu(type_mime)
    except FichierRefuse:
        return False
    return True
