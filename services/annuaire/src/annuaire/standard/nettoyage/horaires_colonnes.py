"""Hours given a column a day, or a column a half-day: one text for the report, and its reading day by day."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .horaires_mots import JOURS, plier
from .horaires_phrases import lire_cellule
from .horaires_semaine import Semaine

JOURS_FRANCAIS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

_LIGNE: Final = re.compile(r"(lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|PH) : (.+)")
_FERIES: Final = "PH"
_RIEN: Final = frozenset({"", "-", "--", "/", "x", ".", "non", "neant", "null", "none", "nan"})
_STRICTE: Final = re.compile(r"\d\d:\d\d ?- ?\d\d:\d\d(?: ?/ ?\d\d:\d\d ?- ?\d\d:\d\d){0,4}|ferme")


@dataclass(frozen=True, slots=True)
class SemaineLue:
    """What a week in columns gives: hours in the OSM syntax or `None`, and the days that weren't understood.

    `stricte` tells that each cell was written as `HH:MM-HH:MM`: nothing was guessed.
    """

    horaires: str | None
    illisibles: tuple[str, ...]
    fermee: bool
    stricte: bool


def assembler(cellules: Mapping[int, Sequence[str]]) -> str:
    """Write the cells of each day (0 Monday to 6) as the text that `lire_semaine` reads, a line a day.

    The half-days of a day are joined by ` / `; a day whose cells only say « nothing » (`-`, `x`) is closed, one
    without any cell isn't written.
    """
    lignes: list[str] = []
    for jour in sorted(cellules):
        ecrites = [" ".join(str(cellule).split()) for cellule in cellules[jour]]
        ecrites = [cellule for cellule in ecrites if cellule]
        if not ecrites:
            continue
        pleines = [cellule for cellule in ecrites if plier(cellule).strip() not in _RIEN]
        lignes.append(f"{JOURS_FRANCAIS[jour]} : {' / '.join(pleines) or 'fermé'}")
    return "\n".join(lignes)


def lire_semaine(texte: str) -> SemaineLue | None:
    """Read a text of `assembler`; `None` when it isn't one. A day that can't be read leaves the others be."""
    lignes = [_LIGNE.fullmatch(ligne.strip()) for ligne in texte.split("\n") if ligne.strip()]
    if not lignes or len(lignes) > len(JOURS_FRANCAIS) + 1:
        return None
    semaine = Semaine()
    illisibles: list[str] = []
    stricte = True
    for ligne in lignes:
        if ligne is None:
            return None
        jour = JOURS_FRANCAIS.index(ligne[1]) if ligne[1] in JOURS_FRANCAIS else 0
        lue = lire_cellule(ligne[2], jour)
        stricte = stricte and _STRICTE.fullmatch(plier(ligne[2])) is not None
        if lue is None:
            illisibles.append(ligne[0])
            continue
        if ligne[1] == _FERIES:
            # Public holidays are no day of the week: their rule stands at the end, where it replaces the others.
            semaine.regles.append(lue.ecrire().replace(JOURS[0], _FERIES))
            continue
        for tranche in lue.jours.get(jour, []):
            semaine.ajouter(jour, tranche)
        semaine.regles.extend(lue.regles)
    horaires = semaine.ecrire(fermes=False) if semaine.ouverte else None
    fermee = not semaine.ouverte and not illisibles
    return SemaineLue(horaires, tuple(illisibles), fermee, stricte and not illisibles)
