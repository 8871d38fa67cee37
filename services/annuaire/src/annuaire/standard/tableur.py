"""The mark that keeps a spreadsheet from running a cell: an apostrophe before what it would take for a formula."""

from __future__ import annotations

import re
from typing import Final

MARQUE: Final = "'"
#: First characters by which a spreadsheet, or the import that comes before it, may start a formula (OWASP, « CSV
#: injection »), full-width forms included.
DECLENCHEURS: Final = "=+-@\t\r\n\0＝＋－＠"
#: Longer numbers lose their last digits in a spreadsheet, and a plus sign is lost at once: both are kept as texts.
_NOMBRE: Final = re.compile(r"-\d{1,15}(?:[.,]\d{1,15})?", re.ASCII)
_MARQUEE: Final = re.compile(r"'+(?=[=+\-@＝＋－＠])")


def marquer(texte: str) -> str:
    """Put the mark before a text that a spreadsheet would run; a plain negative number is left alone.

    A phone number in E.164 is marked: read as a number it would lose its `+`, and its last digits beyond eleven.
    """
    if texte and texte[0] in DECLENCHEURS and not _NOMBRE.fullmatch(texte):
        return MARQUE + texte
    return texte


def demarquer(texte: str) -> str:
    """Take the mark off, so that what was exported comes back as it was; other apostrophes stay."""
    marque = _MARQUEE.match(texte)
    return texte[marque.end() :] if marque else texte
