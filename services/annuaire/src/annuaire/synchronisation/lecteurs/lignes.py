"""What the readers give: raw rows, and what had to be guessed to read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from annuaire.standard.anomalies import Anomalie


@dataclass(frozen=True, slots=True)
class LigneBrute:
    """One record of a list, as written.

    `ligne` counts from 1: the physical line where the record starts (CSV, NDJSON), the row of the sheet (XLSX), the
    rank in the list (JSON). `valeurs` has one entry a column, in the order of the file: text (CSV), JSON values
    (JSON, NDJSON), text, int, float, bool or `None` (XLSX, dates as ISO 8601 text). `anomalies` are the faults of
    form that did not prevent the reading.
    """

    ligne: int
    feuille: str | None
    valeurs: dict[str, Any]
    anomalies: tuple[Anomalie, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reglages:
    """What the owner of a source may settle instead of letting it be guessed; `None` is guessed.

    `ligne_entetes` counts from 1; `cle_json` is the path of the list, names joined by dots, `""` for the top.
    """

    encodage: str | None = None
    delimiteur: str | None = None
    feuille: str | None = None
    ligne_entetes: int | None = None
    cle_json: str | None = None

    def en_dict(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        return asdict(self)


@dataclass(slots=True, kw_only=True)
class Devine:
    """What was guessed, to be shown. Filled while reading: complete once the rows are exhausted.

    `colonnes` are the names given to the columns (CSV, XLSX), `entetes_doubles` those written twice,
    `lignes_vides` the rows skipped because they hold nothing.
    """

    format: str
    encodage: str | None = None
    delimiteur: str | None = None
    feuille: str | None = None
    feuilles: list[str] = field(default_factory=list)
    ligne_entetes: int | None = None
    cle_json: str | None = None
    colonnes: list[str] = field(default_factory=list)
    entetes_doubles: list[str] = field(default_factory=list)
    lignes_vides: int = 0

    def en_dict(self) -> dict[str, Any]:
        """Return what is known as JSON values."""
        return asdict(self)


@dataclass(slots=True)
class Lecture:
    """The reading of a file: iterate it for the rows, once; `devine` says how it was read."""

    lignes: Iterator[LigneBrute]
    devine: Devine

    def __iter__(self) -> Iterator[LigneBrute]:
        return self.lignes
