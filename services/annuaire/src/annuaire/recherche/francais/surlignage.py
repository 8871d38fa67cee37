"""Where the words that matched are in a text as it was written."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from annuaire.recherche.francais.normaliser import mots

_MOT: Final = re.compile(r"(?:[^\W\d_]\.){2,}[^\W\d_]?|[^\W_]+")
"""A word with its accents, or a dotted acronym."""


def surligner(texte: str, apparies: Collection[str]) -> tuple[tuple[int, int], ...]:
    """Return the ranges of characters, end excluded, of the words of a text that are among `Hit.matched_words`."""
    voulus = frozenset(apparies)
    return tuple(lu.span() for lu in _MOT.finditer(texte) if not voulus.isdisjoint(mots(lu.group())))
