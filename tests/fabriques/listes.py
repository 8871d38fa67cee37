"""Lists of fictional places in every format, down to the bytes of their archives."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

MIO = 1024 * 1024
ENTETES = ("id", "nom", "commune", "code_postal", "adresse")
CLASSEUR = "xl/workbook.xml"
FEUILLE = "xl/worksheets/sheet1.xml"
CHAINES = "xl/sharedStrings.xml"
_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PAQUET = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def csv_de(lignes: int, *, entetes: tuple[str, ...] = ENTETES, fin: str = "\n", delimiteur: str = ",") -> str:
    """Make a CSV list of fictional places."""
    rangees = [delimiteur.join(entetes)]
    rangees += [delimiteur.join(f"{nom} {rang}" for nom in entetes) for rang in range(1, lignes + 1)]
    return fin.join(rangees) + fin


def objets(lignes: int) -> list[dict[str, Any]]:
    """Make the same list as JSON objects."""
    return [{nom: f"{nom} {rang}" for nom in ENTETES} for rang in range(1, lignes + 1)]


def cellule(reference: str, texte: str) -> str:
    """Write a cell that holds its own text."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{texte}</t></is></c>'


def rangees(lignes: int, colonnes: int = 3) -> str:
    """Write headers and rows of numbers, without references: the cells are counted."""
    cases = "".join(f'<c t="str"><v>col{rang}</v></c>' for rang in range(colonnes))
    # Numbers all different, or the sheet would compress like a bomb.
    corps = "".join(
        "<row>"
        + "".join(f"<c><v>{(rang + ligne * colonnes) * 7919 % 1_000_003}</v></c>" for rang in range(colonnes))
        + "</row>"
        for ligne in range(lignes)
    )
    return f"<row>{cases}</row>{corps}"


def parties(
    donnees: str = "", *, chaines: str | None = None, feuilles: Mapping[str, str] | None = None
) -> dict[str, bytes]:
    """Write the parts of a workbook: `donnees` is the inside of its only sheet's `sheetData`."""
    contenus = feuilles if feuilles is not None else {"Liste": donnees}
    noms = list(contenus)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for i in range(1, len(noms) + 1)
    )
    liens = "".join(
        f'<Relationship Id="rId{i}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(noms) + 1)
    )
    fichiers = {
        "[Content_Types].xml": f'<Types xmlns="{_PAQUET}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{CLASSEUR}" ContentType="{_TYPE}.sheet.main+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PAQUET}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATIONS}/officeDocument" Target="{CLASSEUR}"/></Relationships>',
        CLASSEUR: f'<workbook {_NS} xmlns:r="{_RELATIONS}"><sheets>'
        + "".join(f'<sheet name="{nom}" sheetId="{i}" r:id="rId{i}"/>' for i, nom in enumerate(noms, 1))
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PAQUET}/relationships">{liens}'
        f'<Relationship Id="rId99" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        CHAINES: f"<sst {_NS}>{chaines or ''}</sst>",
    }
    for i, contenu in enumerate(contenus.values(), 1):
        fichiers[f"xl/worksheets/sheet{i}.xml"] = f"<worksheet {_NS}><sheetData>{contenu}</sheetData></worksheet>"
    entete = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return {nom: (entete + texte).encode() for nom, texte in fichiers.items()}


def archive(fichiers: Mapping[str, bytes], *, methode: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack files in a zip archive."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", methode) as zip_:
        for nom, octets in fichiers.items():
            # Each file goes in by blocks: a huge one of zeros is made without being held.
            with zip_.open(nom, "w") as sortie:
                sortie.write(octets)
    return tampon.getvalue()


def classeur(donnees: str = "", **options: Any) -> bytes:
    """Make a workbook."""
    return archive(parties(donnees, **options))


def zip_a_la_main(entrees: list[tuple[str, bytes, dict[str, int]]], *, gonfle: int | None = None) -> bytes:
    """Pack files by hand; the third member overrides fields of the central directory (`entete`, `comprime`…)."""
    corps, repertoire = b"", b""
    for nom, contenu, mensonges in entrees:
        machine = zlib.compressobj(9, zlib.DEFLATED, -15)
        comprime = machine.compress(contenu) + machine.flush()
        champs = {
            "drapeaux": 0,
            "crc": zlib.crc32(contenu),
            "comprime": len(comprime),
            "gonfle": len(contenu) if gonfle is None else gonfle,
            "entete": len(corps),
        } | mensonges
        brut = nom.encode()
        commun = struct.pack(
            "<4H3L2H", champs["drapeaux"], 8, 0, 0, champs["crc"], champs["comprime"], champs["gonfle"], len(brut), 0
        )
        corps += b"PK\x03\x04" + struct.pack("<H", 20) + commun + brut + comprime
        repertoire += (
            b"PK\x01\x02"
            + struct.pack("<2H", 20, 20)
            + commun
            + struct.pack("<3H2L", 0, 0, 0, 0, champs["entete"])
            + brut
        )
    fin = struct.pack("<4H2LH", 0, 0, len(entrees), len(entrees), len(repertoire), len(corps), 0)
    return corps + repertoire + b"PK\x05\x06" + fin
