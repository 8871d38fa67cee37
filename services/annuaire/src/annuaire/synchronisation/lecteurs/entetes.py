"""Which row holds the headers, and what each column is called. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from annuaire.lieux.normalise import LieuNormalise
from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.errors import CelluleTropLongue, Place, TropDeColonnes

# Headers are looked for among the first rows that hold something.
LIGNES_EXAMINEES: Final = 30
LEGENDE: Final = "Légende"
"""The sheet that explains a list given back with its problems: never the list itself."""
_NOMS_CONNUS: Final = frozenset({"id", "telephone", "courriel"} | {champ.name for champ in fields(LieuNormalise)})
_NOMBRE_OU_DATE: Final = re.compile(r"[\d\s.,:/+\-%€T]+Z?")


def nom_simple(texte: str) -> str:
    """Fold a header for comparison: no case, no accents, words joined by underscores."""
    sans_accents = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return "_".join(re.findall(r"[a-z0-9]+", sans_accents.lower()))


def noms_connus(cellules: Sequence[Any]) -> int:
    """Count the cells that are column names of the national standard."""
    return len({nom_simple(cellule) for cellule in cellules if isinstance(cellule, str)} & _NOMS_CONNUS)


def reperer_entetes(lignes: Sequence[Sequence[Any]]) -> int:
    """Return the index of the header row among the first rows of a table (0 when nothing tells).

    Headers are the row with most names of the standard, if it has three; else the first row at least half as wide as
    the widest, where one cell at least is a text other than a number or a date. A row that is passed over is lost to
    the list: only what is narrow, as a title is, or all figures, is passed over.
    """
    examinees = lignes[:LIGNES_EXAMINEES]
    connus = [noms_connus(ligne) for ligne in examinees]
    if connus and max(connus) >= 3:
        return connus.index(max(connus))
    pleines = [[cellule for cellule in ligne if not est_vide(cellule)] for ligne in examinees]
    largeur = max((len(ligne) for ligne in pleines), default=0)
    for rang, ligne in enumerate(pleines):
        if len(ligne) >= max(1, largeur / 2) and any(map(_est_un_nom, ligne)):
            return rang
    return next((rang for rang, ligne in enumerate(pleines) if ligne), 0)


def _est_un_nom(cellule: Any) -> bool:
    return isinstance(cellule, str) and not _NOMBRE_OU_DATE.fullmatch(cellule.strip())


def est_vide(cellule: Any) -> bool:
    """Tell whether a cell holds nothing but blanks."""
    return cellule is None or (isinstance(cellule, str) and not cellule.strip())


def nommer_colonnes(cellules: Sequence[Any], *, ligne: int, feuille: str | None = None) -> tuple[list[str], list[str]]:
    """Give each column a name of its own: (names, headers written twice).

    Blanks around are dropped; a blank header is called `colonne 5`; the second `nom` is called `nom (2)`. Blank
    headers on the right are not columns. Raises `TropDeColonnes`, `CelluleTropLongue`.
    """
    largeur = max((rang for rang, cellule in enumerate(cellules, 1) if not est_vide(cellule)), default=0)
    refuser_trop_de_colonnes(largeur, ligne=ligne, feuille=feuille)
    noms: list[str] = []
    doubles: list[str] = []
    for rang, cellule in enumerate(cellules[:largeur], 1):
        nom = " ".join(str(cellule).split()) if not est_vide(cellule) else f"colonne {rang}"
        if len(nom) > limites.CARACTERES_ENTETE:
            raise CelluleTropLongue(
                f"Ligne {ligne}, colonne {rang} : en-tête de plus de {limites.CARACTERES_ENTETE} caractères.",
                place=Place(ligne=ligne, colonne=rang, feuille=feuille),
            )
        if nom in noms:
            doubles.append(nom)
            copie = 2
            while f"{nom} ({copie})" in noms:
                copie += 1
            nom = f"{nom} ({copie})"
        noms.append(nom)
    return noms, doubles


def refuser_trop_de_colonnes(largeur: int, *, ligne: int, feuille: str | None = None) -> None:
    """Raise `TropDeColonnes` when a row is wider than the limit."""
    if largeur > limites.COLONNES:
        raise TropDeColonnes(
            f"Ligne {ligne} : {largeur} colonnes, la limite est {limites.COLONNES}.",
            place=Place(ligne=ligne, colonne=limites.COLONNES + 1, feuille=feuille),
        )
