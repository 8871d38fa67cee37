"""The cell that a name designates in a row: a column as written, or a path inside the objects that cells hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

ABSENT: Final = object()
PROFONDEUR: Final = 8
FEUILLES: Final = 500

_MORCEAU: Final = re.compile(r"[^.\[\]]+|\[\d{1,5}\]")


@lru_cache(maxsize=4096)
def morceler(nom: str) -> tuple[str | int, ...]:
    """Cut a path into names and ranks: `a[0].b` gives `("a", 0, "b")`."""
    return tuple(int(m[1:-1]) if m[0] == "[" else m for m in _MORCEAU.findall(nom)[: 2 * PROFONDEUR])


def lire(ligne: Mapping[str, Any], nom: str) -> Any:
    """Return the cell of that name, `ABSENT` when the row has none. A whole name wins over a path."""
    tel_quel = ligne.get(nom, ABSENT)
    if tel_quel is not ABSENT or ("." not in nom and "[" not in nom):
        return tel_quel
    valeur: Any = ligne
    for morceau in morceler(nom):
        if isinstance(morceau, int):
            suite = isinstance(valeur, (list, tuple)) and morceau < len(valeur)
            valeur = valeur[morceau] if suite else ABSENT
        elif isinstance(valeur, Mapping):
            valeur = valeur.get(morceau, ABSENT)
        elif isinstance(valeur, (list, tuple)) and morceau.isdecimal() and int(morceau) < len(valeur):
            valeur = valeur[int(morceau)]
        else:
            return ABSENT
        if valeur is ABSENT:
            return ABSENT
    return valeur


def feuilles(ligne: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each cell of a row with its name; those of an object come one by one, under their paths."""
    restantes = FEUILLES
    pile: list[tuple[str, Any, int]] = [(nom, valeur, 0) for nom, valeur in reversed(list(ligne.items()))]
    while pile and restantes:
        nom, valeur, niveau = pile.pop()
        if isinstance(valeur, Mapping) and valeur and niveau < PROFONDEUR:
            pile.extend((f"{nom}.{sous}", v, niveau + 1) for sous, v in reversed(list(valeur.items())[:FEUILLES]))
        else:
            restantes -= 1
            yield nom, valeur
