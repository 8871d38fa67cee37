"""OpenDocument workbooks of fictional rows, down to their XML."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from tests.fabriques.listes import archive

TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_NS = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)


def case(valeur: Any) -> str:
    """Write the cell of a value."""
    if valeur is None:
        return "<table:table-cell/>"
    if isinstance(valeur, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{valeur}"><text:p>{valeur}</text:p>' + FIN
    return f'<table:table-cell office:value-type="string"><text:p>{valeur}</text:p>{FIN}'


FIN = "</table:table-cell>"


def rangee(*cases: str, fois: int = 1) -> str:
    """Write a row."""
    repetee = f' table:number-rows-repeated="{fois}"' if fois != 1 else ""
    return f"<table:table-row{repetee}>{''.join(cases)}</table:table-row>"


def tableau(lignes: Sequence[Sequence[Any]]) -> str:
    """Write the rows of these values."""
    return "".join(rangee(*map(case, ligne)) for ligne in lignes)


def contenu(feuilles: Mapping[str, str], *, styles: str = "", tete: str = "") -> bytes:
    """Write `content.xml`: sheets by name, each with the inside of its table."""
    tables = "".join(
        f'<table:table table:name="{nom}" table:style-name="st-{nom}">{dedans}</table:table>'
        for nom, dedans in feuilles.items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{tete}<office:document-content {_NS}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    ).encode()


def masquer(nom: str) -> str:
    """Write the style that hides a sheet."""
    return (
        f'<style:style style:name="st-{nom}" style:family="table"><style:table-properties table:display="false"/>'
        "</style:style>"
    )


def ods(dedans: str | Mapping[str, str], *, parties: Mapping[str, bytes] | None = None, **options: Any) -> bytes:
    """Make a workbook: the inside of its only sheet, or its sheets by name; `parties` are added or replaced."""
    feuilles = {"Liste": dedans} if isinstance(dedans, str) else dedans
    fichiers = {
        "mimetype": TYPE,
        "META-INF/manifest.xml": b"<manifest/>",
        "styles.xml": b"<styles/>",
        "content.xml": contenu(feuilles, **options),
    }
    return archive(fichiers | dict(parties or {}), methode=zipfile.ZIP_DEFLATED)
