"""What a cell says, whatever its type: nothing, a text, several texts."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from annuaire.referentiels.rules import cle_de_lecture, sans_accents

DECLARE, DEDUIT, DEFAUT = "declare", "deduit", "defaut"
_FORCE: Final = {DECLARE: 2, DEDUIT: 1, DEFAUT: 0}

MORCEAUX: Final = 100
LONGUEUR_LUE: Final = 20_000

#: Cells that answer « no », folded: a column that holds one is not filled.
NON: Final = frozenset({"non", "no", "n", "faux", "false", "0", "aucun", "aucune", "neant", "null", "none", "nan", ""})

Dire = Callable[[str, str, Any], None]
"""Tells a fault: its code, the field, the value read."""


def moins_sure(*origines: str) -> str:
    """Return the weakest of these origins: a field is worth what its least sure value is."""
    return min(origines, key=lambda origine: _FORCE[origine], default=DECLARE)


def rien(valeur: Any) -> bool:
    """Tell whether a cell is empty."""
    if isinstance(valeur, str):
        return not valeur or valeur.isspace()
    return valeur is None or (isinstance(valeur, (list, tuple, dict)) and not valeur)


def en_clair(valeur: Any) -> str:
    """Write a cell as the text that a person reads; objects and lists have none."""
    if isinstance(valeur, str):
        return valeur[:LONGUEUR_LUE]
    if isinstance(valeur, bool):
        return "true" if valeur else "false"
    if isinstance(valeur, int):
        return str(valeur) if abs(valeur) < 10**40 else ""
    if isinstance(valeur, float):
        return str(int(valeur)) if valeur.is_integer() and abs(valeur) < 10**15 else repr(valeur)
    return ""


def morceaux(valeur: Any, separateur: str | None) -> list[Any]:
    """List the values of a cell: members of a list, parts of a text cut at `separateur`, else the cell itself."""
    if isinstance(valeur, (list, tuple)):
        return [v for v in valeur[:MORCEAUX] if not rien(v)]
    if separateur is not None and isinstance(valeur, str):
        parts = valeur[:LONGUEUR_LUE].split(separateur, MORCEAUX)
        return [part.strip() for part in parts if part and not part.isspace()]
    return [] if rien(valeur) else [valeur]


def cle(valeur: Any) -> str:
    """Fold a cell to what two spellings of it share; signs alone (`+`, `-`) stay what they are."""
    texte = en_clair(valeur)
    return cle_de_lecture(texte) or texte.strip()[:40]


@lru_cache(maxsize=16_384)
def _plier(texte: str) -> str:
    return " " + " ".join("".join(c if c.isalnum() else " " for c in sans_accents(texte)).split()) + " "


def plier(valeur: Any) -> str:
    """Fold a cell to words between single spaces, so that a term is looked for where a word begins."""
    if isinstance(valeur, (list, tuple)):
        return " ".join(plier(v) for v in valeur[:MORCEAUX] if not isinstance(v, (list, tuple, dict)))
    texte = en_clair(valeur)
    return _plier(texte) if len(texte) <= 300 else _plier.__wrapped__(texte)


def terme(mot: str) -> str:
    """Fold a term to what is looked for in `plier`: the beginning of a word."""
    return _plier(mot).rstrip() or " "
