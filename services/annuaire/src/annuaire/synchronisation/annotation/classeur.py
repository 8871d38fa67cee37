"""Writer of XLSX workbooks (ECMA-376), row by row: what is written is taken as it comes, and nothing is kept.

Text is always an inline string, so that nothing of a list is ever run as a formula.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import IO, Any, Final, cast
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

LIGNES_MAX: Final = 1_048_576
COLONNES_MAX: Final = 16_384
CARACTERES_MAX: Final = 32_767
_CHIFFRES_SURS: Final = 10**15
"""Whole numbers that a spreadsheet, which counts in binary64, shows and keeps as they are."""
# What XML 1.0 cannot hold, however it is written.
_INTERDITS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ENTETE: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LIENS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PAQUET: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPES: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"


class Teinte(IntEnum):
    """How a cell looks."""

    AUCUNE = 0
    ERREUR = 1
    AVERTISSEMENT = 2
    INFO = 3
    TITRE = 4


_COULEURS: Final = ("FFF4C7C3", "FFFFF2CC", "FFDDEBF7")
"""Light red, light yellow, light blue: those of the first three tints."""

Cellule = tuple[Any, Teinte]
"""A value (text, number, truth, or `None`) and its tint."""


class _Tampon:
    """What the archive is written to: it cannot go back, and gives what it holds."""

    def __init__(self) -> None:
        self._octets = bytearray()

    def write(self, octets: bytes) -> int:
        self._octets += octets
        return len(octets)

    def flush(self) -> None:
        """Do nothing: who reads takes when they wish."""

    def prendre(self) -> bytes:
        pris = bytes(self._octets)
        self._octets.clear()
        return pris


class Classeur:
    """A workbook being written: for each sheet, in order, `ouvrir`, `ligne`…, `fermer`; then `clore`.

    `prendre` gives, at any time, the bytes that came since the last time.
    """

    def __init__(self, feuilles: Sequence[str]) -> None:
        self._tampon = _Tampon()
        self._archive = ZipFile(cast(IO[bytes], self._tampon), "w", ZIP_DEFLATED)
        self._partie: IO[bytes] | None = None
        self._lettres: list[str] = []
        self._ouvertes = 0
        for nom, texte in _parties(feuilles):
            with self._archive.open(_entree(nom), "w") as partie:
                partie.write(texte.encode())

    def ouvrir(self, largeurs: Sequence[float], *, figees: int = 0) -> None:
        """Start the next sheet: the widths of its columns, in characters, and how many rows stay in sight."""
        self._ouvertes += 1
        self._lettres = [nom_de_colonne(rang) for rang in range(len(largeurs))]
        self._partie = self._archive.open(_entree(f"xl/worksheets/sheet{self._ouvertes}.xml"), "w")
        vue = f'<pane ySplit="{figees}" topLeftCell="A{figees + 1}" activePane="bottomLeft" state="frozen"/>'
        colonnes = "".join(
            f'<col min="{rang}" max="{rang}" width="{largeur:g}" customWidth="1"/>'
            for rang, largeur in enumerate(largeurs, 1)
        )
        self._ecrire(
            f'{_ENTETE}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            f"{vue if figees else ''}</sheetView></sheetViews><cols>{colonnes}</cols><sheetData>"
        )

    def ligne(self, numero: int, cellules: Iterable[Cellule]) -> None:
        """Write a row at its number, from 1, greater than the last one's."""
        ecrites = "".join(
            _cellule(f"{lettre}{numero}", valeur, teinte)
            for lettre, (valeur, teinte) in zip(self._lettres, cellules, strict=True)
        )
        self._ecrire(f'<row r="{numero}">{ecrites}</row>')

    def fermer(self) -> None:
        """End a sheet."""
        self._ecrire("</sheetData></worksheet>")
        if self._partie is not None:
            self._partie.close()
            self._partie = None

    def clore(self) -> None:
        """End the workbook."""
        self._archive.close()

    def prendre(self) -> bytes:
        """Return what was written since the last time."""
        return self._tampon.prendre()

    def _ecrire(self, texte: str) -> None:
        if self._partie is None:
            raise ValueError("Aucune feuille n'est ouverte.")
        self._partie.write(texte.encode())


def nom_de_colonne(rang: int) -> str:
    """Return the letters of a column, counted from 0."""
    lettres, reste = "", rang + 1
    while reste:
        reste, lettre = divmod(reste - 1, 26)
        lettres = chr(65 + lettre) + lettres
    return lettres


def _cellule(ou: str, valeur: Any, teinte: Teinte) -> str:
    if valeur is None or valeur == "":
        return f'<c r="{ou}" s="{teinte}"/>' if teinte else ""
    if isinstance(valeur, bool):
        return f'<c r="{ou}" s="{teinte}" t="b"><v>{int(valeur)}</v></c>'
    if isinstance(valeur, int | float) and math.isfinite(valeur) and abs(valeur) < _CHIFFRES_SURS:
        return f'<c r="{ou}" s="{teinte}"><v>{valeur!r}</v></c>'
    # a truth, a number and a text of one tint differ by their format: a text stays one when its cell is edited
    style = teinte if teinte == Teinte.TITRE else 5 + teinte
    texte = escape(_INTERDITS.sub("", str(valeur))[:CARACTERES_MAX])
    return f'<c r="{ou}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{texte}</t></is></c>'


def _entree(nom: str) -> ZipInfo:
    """Name a part, always of the same date: the same list gives the same bytes."""
    entree = ZipInfo(nom)
    entree.compress_type = ZIP_DEFLATED
    return entree


def _parties(feuilles: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Give the parts that say how the workbook is made."""
    rangs = range(1, len(feuilles) + 1)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{rang}.xml" ContentType="{_TYPES}.worksheet+xml"/>' for rang in rangs
    )
    yield (
        "[Content_Types].xml",
        f'{_ENTETE}<Types xmlns="{_PAQUET}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>{types}</Types>',
    )
    yield (
        "_rels/.rels",
        f'{_ENTETE}<Relationships xmlns="{_PAQUET}/relationships">'
        f'<Relationship Id="rId1" Type="{_LIENS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    )
    liste = "".join(
        f'<sheet name={quoteattr(nom)} sheetId="{rang}" r:id="rId{rang}"/>' for rang, nom in enumerate(feuilles, 1)
    )
    yield (
        "xl/workbook.xml",
        f'{_ENTETE}<workbook xmlns="{_MAIN}" xmlns:r="{_LIENS}"><sheets>{liste}</sheets></workbook>',
    )
    liens = "".join(
        f'<Relationship Id="rId{rang}" Type="{_LIENS}/worksheet" Target="worksheets/sheet{rang}.xml"/>'
        for rang in rangs
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        f'{_ENTETE}<Relationships xmlns="{_PAQUET}/relationships">{liens}'
        f'<Relationship Id="rId{len(feuilles) + 1}" Type="{_LIENS}/styles" Target="styles.xml"/></Relationships>',
    )
    yield "xl/styles.xml", _styles()


def _styles() -> str:
    """Say how cells look: each tint for numbers, the title, then each tint for texts (format 49, text)."""
    fonds = "".join(
        f'<fill><patternFill patternType="solid"><fgColor rgb="{couleur}"/><bgColor indexed="64"/></patternFill></fill>'
        for couleur in _COULEURS
    )
    nombres, textes = (
        "".join(
            f'<xf numFmtId="{format}" fontId="0" fillId="{fond}" borderId="0" xfId="0" applyNumberFormat="1"'
            f' applyFill="1"/>'
            for fond in (0, 2, 3, 4)
        )
        for format in (0, 49)
    )
    titre = '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    police = '<sz val="11"/><name val="Calibri"/>'
    return (
        f'{_ENTETE}<styleSheet xmlns="{_MAIN}">'
        f'<fonts count="2"><font>{police}</font><font><b/>{police}</font></fonts>'
        # the first two are always those (ECMA-376)
        '<fills count="5"><fill><patternFill patternType="none"/></fill>'
        f'<fill><patternFill patternType="gray125"/></fill>{fonds}</fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="9">{nombres}{titre}{textes}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
