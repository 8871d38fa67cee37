"""The common root of a word's singular and plural, masculine and feminine: light, so that it joins nothing else."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

LONGUEUR_MINIMALE: Final = 4
# In order: the first ending that fits is replaced.
_TERMINAISONS: Final = (
    ("eaux", "eau"), ("aux", "al"), ("trices", "teur"), ("trice", "teur"), ("teurs", "teur"), ("euses", "eur"),
    ("euse", "eur"), ("ieres", "ier"), ("iere", "ier"), ("iennes", "ien"), ("ienne", "ien"), ("elles", "el"),
    ("elle", "el"), ("ives", "if"), ("ive", "if"), ("ees", "e"), ("ee", "e"),
)  # fmt: skip


@lru_cache(maxsize=131_072)
def racine(mot: str) -> str:
    """Return the root of a folded word; a word of less than four letters, or with a digit, is its own root."""
    if len(mot) < LONGUEUR_MINIMALE or not mot.isalpha():
        return mot
    for fin, remplacement in _TERMINAISONS:
        if mot.endswith(fin) and len(mot) - len(fin) >= 2:
            return _sans_e(mot[: -len(fin)] + remplacement)
    nu = mot[:-1] if mot[-1] in "sx" and mot[-2] not in "s" else mot
    return _sans_e(nu)


def _sans_e(mot: str) -> str:
    return mot[:-1] if len(mot) > LONGUEUR_MINIMALE and mot[-1] == "e" else mot
