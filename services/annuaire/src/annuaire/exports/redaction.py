"""Writing of an export: a beginning, batches of documents, an end. Pure: bytes in, bytes out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import Protocol

from annuaire.exports.formats import NomDeFormat
from annuaire.exports.geojson import Etendue, situer
from annuaire.standard.colonnes import COLONNES
from annuaire.standard.ecriture import ligne_standard, ligne_tableur

BOM = b"\xef\xbb\xbf"


class Redaction(Protocol):
    """One export being written. `lot` is called for each batch of public documents, in order, once `debut` was."""

    def debut(self) -> bytes:
        """Return what comes before the first place."""

    def lot(self, documents: Sequence[bytes]) -> bytes:
        """Return these places."""

    def fin(self, lignes: int, numero: int, /) -> bytes:
        """Return what comes after the last one: `lignes` places were written, as the change number `numero` shows."""


class EnNdjson:
    """A document a line; the last line counts them, so that a copy cut short is seen."""

    def debut(self) -> bytes:
        return b""

    def lot(self, documents: Sequence[bytes]) -> bytes:
        return b"\n".join([*documents, b""])

    def fin(self, lignes: int, numero: int, /) -> bytes:
        return b'{"fin":true,"lignes":%d,"changement_numero":%d}\n' % (lignes, numero)


class EnJson:
    """One array, that the readers of lists take back; cut short, it is not JSON."""

    def __init__(self) -> None:
        self._entre = b""

    def debut(self) -> bytes:
        return b"["

    def lot(self, documents: Sequence[bytes]) -> bytes:
        entre, self._entre = self._entre, b",\n"
        return entre + b",\n".join(documents)

    def fin(self, _lignes: int, _numero: int, /) -> bytes:
        return b"]\n"


class EnGeojson:
    """One FeatureCollection (RFC 7946). Its box, count and number are known last, and so are written last."""

    def __init__(self) -> None:
        self._entre = b""
        self._etendue = Etendue()

    def debut(self) -> bytes:
        return b'{"type":"FeatureCollection","features":['

    def lot(self, documents: Sequence[bytes]) -> bytes:
        entre, self._entre = self._entre, b",\n"
        ecrits = []
        for octets in documents:
            ecrit, point = situer(octets)
            self._etendue.ajouter(point)
            ecrits.append(ecrit)
        return entre + b",\n".join(ecrits)

    def fin(self, lignes: int, numero: int, /) -> bytes:
        suite = b'"lignes":%d,"changement_numero":%d}\n' % (lignes, numero)
        return b"]," + self._etendue.membre() + suite


class EnCsv:
    """The 32 columns of the national standard, as RFC 4180 (comma, CRLF, UTF-8), or for a spreadsheet in French.

    `tableur`: semicolon, byte order mark, decimal comma, nothing that would run as a formula.
    """

    def __init__(self, *, tableur: bool = False, strict: bool = False) -> None:
        self._tableur, self._strict = tableur, strict
        self._texte = io.StringIO()
        self._csv = csv.writer(self._texte, delimiter=";" if tableur else ",", lineterminator="\r\n")

    def debut(self) -> bytes:
        self._csv.writerow(COLONNES)
        return (BOM if self._tableur else b"") + self._prendre()

    def lot(self, documents: Sequence[bytes]) -> bytes:
        for octets in documents:
            ligne = ligne_standard(json.loads(octets), strict=self._strict)
            self._csv.writerow((ligne_tableur(ligne) if self._tableur else ligne).values())
        return self._prendre()

    def fin(self, _lignes: int, _numero: int, /) -> bytes:
        return b""

    def _prendre(self) -> bytes:
        ecrit = self._texte.getvalue()
        self._texte.seek(0)
        self._texte.truncate()
        return ecrit.encode()


def redacteur(nom: NomDeFormat, *, strict: bool = False) -> Redaction:
    """Make the writer of a format."""
    fabriques: dict[str, Callable[[], Redaction]] = {
        "ndjson": EnNdjson,
        "json": EnJson,
        "geojson": EnGeojson,
        "csv": lambda: EnCsv(strict=strict),
        "excel": lambda: EnCsv(tableur=True, strict=strict),
    }
    return fabriques[nom]()
