"""The words of a header, and how well they say the name of a field. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from annuaire.referentiels.rules import sans_accents

_FRONTIERES: Final = re.compile(
    r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])|(?<=[A-ZÀ-Þ])(?=[A-ZÀ-Þ][a-zà-ÿ])|(?<=\D)(?=\d)|(?<=\d)(?=\D)"
)
_CHIFFRE_COLLE: Final = re.compile(r"(?<=[A-Z])(?=\d)")
_MOT: Final = re.compile(r"[a-z0-9]+")
_GLOSE: Final = re.compile(r"\([^()]*\)")
_VIDES: Final = frozenset(
    {"le", "la", "les", "l", "un", "une", "des", "de", "du", "d", "et", "en", "a", "au", "aux", "ou", "par", "pour"}
    | {"sur", "dans", "the", "of", "your", "votre", "vos", "quel", "quelle", "quels", "quelles", "est", "sont", "il"}
    | {"elle", "se", "ce", "cette", "merci", "indiquer", "preciser", "renseigner", "s", "qu", "que", "possible"}
)
# What tools put before the name of a column, and says nothing of it.
_PREFIXES: Final = frozenset(
    {"bf", "properties", "fields", "attributes", "checkbox", "radio", "liste", "field", "col", "champ", "q", "tags"}
    | {"addr", "contact"}
)
_LONGUEUR: Final = 300
_ABREGE: Final = 3
EXACT, ABREGE, CONTENU = 1.0, 0.85, 0.5
"""Marks of a header that is the name of the field, its abbreviation, or that only contains it."""


@dataclass(frozen=True, slots=True)
class Mots:
    """The words of a header, folded: all of them, those that count, and these glued."""

    tous: tuple[str, ...]
    utiles: tuple[str, ...]
    colle: str
    court: bool


@lru_cache(maxsize=4096)
def lire_mots(entete: str) -> Mots:
    """Cut a header into words: `NomDuLieu`, `nom_du_lieu`, `properties.nomLieu` and « Nom du lieu * » say the same."""
    texte = entete[:_LONGUEUR]
    texte = (_CHIFFRE_COLLE if texte.isupper() else _FRONTIERES).sub(" ", texte)
    sans_glose = _GLOSE.sub(" ", texte)
    tous = tuple(_MOT.findall(sans_accents(sans_glose if _MOT.search(sans_accents(sans_glose)) else texte)))
    utiles = tuple(mot for mot in tous if mot not in _VIDES) or tous
    while len(utiles) > 1 and utiles[0] in _PREFIXES:
        utiles = utiles[1:]
    return Mots(tous, utiles, "".join(utiles), texte.isupper() and 8 <= len("".join(tous)) <= 10)


def ressemblance(entete: Mots, nom: Mots) -> float:
    """Say from 0 to 1 how well a header is the name of a field, as a producer may write or shorten it."""
    if entete.colle == nom.colle or entete.tous == nom.tous:
        return EXACT
    if entete.court and len(nom.colle) > len(entete.colle) >= 8 and nom.colle.startswith(entete.colle):
        return 0.9
    if len(entete.utiles) == len(nom.utiles) and all(map(_abrege, entete.utiles, nom.utiles)):
        return ABREGE
    if contient(entete.utiles, nom.utiles):
        return CONTENU + 0.35 * len(nom.utiles) / len(entete.utiles)
    return 0.0


def contient(mots: Sequence[str], suite: Sequence[str]) -> bool:
    """Tell whether words hold a run of words, singular and plural alike."""
    longueur = len(suite)
    return any(all(map(_meme, mots[debut : debut + longueur], suite)) for debut in range(len(mots) - longueur + 1))


def _meme(mot: str, autre: str) -> bool:
    return mot == autre or (len(mot) > 3 and len(autre) > 3 and mot.rstrip("sx") == autre.rstrip("sx"))


def _abrege(mot: str, entier: str) -> bool:
    return _meme(mot, entier) or (len(mot) >= _ABREGE and entier.startswith(mot))
