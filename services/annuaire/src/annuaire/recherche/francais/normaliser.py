"""From a text to the words that the engines compare: folded, cut, elisions and dots of acronyms undone."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_LIGATURES: Final = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ø": "o", "Ø": "o", "ł": "l"})
_APOSTROPHES: Final = str.maketrans(dict.fromkeys("’ʼ‘`´＇ʹ", "'"))
_ELISION: Final = re.compile(r"(?<![^\W_])(?:[ldjmnstc]|qu|jusqu|lorsqu|puisqu|quelqu|presqu)'(?=[^\W_])")
# Two dotted letters are an initial and a name (« J. B. Martin »); three are an acronym, and two glued ones as well.
_SIGLE: Final = re.compile(r"(?<![^\W_])[^\W\d_]\.[^\W\d_](?:\.[^\W\d_])*\.?(?![^\W_])")
_MOT: Final = re.compile(r"[^\W_]+")
_ABREGES: Final = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
"""Abbreviations of names of communes, written in full in documents and queries alike."""


def plier(texte: str) -> str:
    """Fold a text: lower case, no accents, straight apostrophes, ligatures undone."""
    sans = unicodedata.normalize("NFKD", texte.translate(_LIGATURES).translate(_APOSTROPHES))
    return "".join(c for c in sans if not unicodedata.combining(c)).casefold()


@lru_cache(maxsize=65_536)
def _mots_courts(texte: str) -> tuple[str, ...]:
    return _couper(texte)


def mots(texte: str) -> tuple[str, ...]:
    """Return the words of a text in order, stop words included.

    « L'Haÿ-les-Roses » gives hay, les, roses; « C.A.F. » gives caf; « St-Denis » gives saint, denis.
    """
    return _mots_courts(texte) if len(texte) <= 200 else _couper(texte)


def _couper(texte: str) -> tuple[str, ...]:
    plie = _ELISION.sub("", plier(texte))
    plie = _SIGLE.sub(lambda sigle: sigle.group().replace(".", ""), plie)
    return tuple(_ABREGES.get(mot, mot) for mot in _MOT.findall(plie))
