"""Readers of lists: a file of a declared type gives raw rows, or a refusal that says where and why."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final

from annuaire.synchronisation.lecteurs.errors import FichierRefuse, Place, TypeDeFichierRefuse
from annuaire.synchronisation.lecteurs.lignes import Devine, Lecture, LigneBrute, Reglages

__all__ = [
    "TYPES",
    "Devine",
    "FichierRefuse",
    "Lecture",
    "LigneBrute",
    "Place",
    "Reglages",
    "lire",
    "type_connu",
]

CSV: Final = "text/csv"
TSV: Final = "text/tab-separated-values"
JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
NDJSON: Final = "application/x-ndjson"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS: Final = "application/vnd.oasis.opendocument.spreadsheet"
TYPES: Final = (CSV, TSV, JSON, GEOJSON, NDJSON, XLSX, ODS)

# Imported on use: reading a CSV file does not pay for the workbook reader.
_MODULES: Final = {
    CSV: "csv",
    JSON: "json",
    NDJSON: "ndjson",
    XLSX: "xlsx",
    ODS: "ods",
    TSV: "csv",
    GEOJSON: "json",
    "application/vnd.geo+json": "json",
    "application/ld+json": "json",
    "application/jsonl": "ndjson",
    "application/ndjson": "ndjson",
}


def type_connu(type_mime: str) -> str:
    """Return the bare media type, without parameters; raise `TypeDeFichierRefuse` (415) when no reader has it."""
    nu = type_mime.partition(";")[0].strip().lower()
    if nu not in _MODULES:
        raise TypeDeFichierRefuse(f"Type « {nu[:100]} » refusé. Acceptés : {', '.join(TYPES)}.")
    return nu


def lire(chemin: Path, type_mime: str, reglages: Reglages | None = None) -> Lecture:
    """Open a list for reading: iterate the result for its `LigneBrute`, see `devine` for what was guessed.

    Raises `FichierRefuse`, at once or while iterating: the rows of a file are sound only once exhausted.
    """
    module = import_module(f"{__name__}.{_MODULES[type_connu(type_mime)]}")
    lecteur: Callable[[Path, Reglages | None], Lecture] = module.lire
    return lecteur(chemin, reglages)
