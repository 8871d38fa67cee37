"""Every word that the index knows, and the ones that a word of a question may stand for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from annuaire.recherche.francais.racine import LONGUEUR_MINIMALE, racine

EXACT, VARIANTE, FAUTE = 0, 1, 2
"""Costs of a match: the word itself, its plural or feminine, one typo. They add up."""
ABSENT: Final = 255
UNE_FAUTE, DEUX_FAUTES = 5, 9
"""Shortest words allowed one typo and two, as in Meilisearch."""
PREFIXES_MAX: Final = 2_000

Entiers = npt.NDArray[np.int32]
Couts = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Correspondances:
    """Words of the index, by number, with the cost of taking each for the word of the question."""

    numeros: Entiers
    couts: Couts

    def __bool__(self) -> bool:
        return self.numeros.size > 0


AUCUNE: Final = Correspondances(np.empty(0, np.int32), np.empty(0, np.uint8))


@dataclass(slots=True)
class Lexique:
    """Words by number, in the order of their arrival; `df` counts the records that bear each."""

    mots: list[str] = field(default_factory=list)
    numeros: dict[str, int] = field(default_factory=dict)
    df: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(1024, np.int32))
    lieux: set[int] = field(default_factory=set)
    """Words that are in the name of a commune."""
    _racines: dict[str, list[int]] = field(default_factory=dict)
    _tri: list[tuple[str, int]] = field(default_factory=list)
    _filtres: tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint64]] = field(
        default_factory=lambda: (np.empty(0, np.uint8), np.empty(0, np.uint64))
    )

    def numeroter(self, mots: Iterable[str]) -> list[int]:
        """Return the number of each word, new ones included."""
        numeros = self.numeros
        lus = []
        for mot in mots:
            numero = numeros.get(mot)
            if numero is None:
                numero = numeros[mot] = len(self.mots)
                self.mots.append(mot)
                self._racines.setdefault(racine(mot), []).append(numero)
            lus.append(numero)
        if len(self.mots) > len(self.df):
            self.df = np.concatenate([self.df, np.zeros(len(self.mots), np.int32)])
        return lus

    def compter(self, numeros: npt.NDArray[Any], signe: int) -> None:
        """Count records in (1) or out (-1); `numeros` are the distinct words of each, one after the other."""
        np.add.at(self.df, numeros, signe)

    def preparer(self) -> None:
        """Bring the sorted list and the filters of typos up to date with the words that came since.

        Both are replaced, never changed: a search that goes on keeps the ones it began with.
        """
        longueurs, lettres = self._filtres
        nouveaux = self.mots[len(longueurs) :]
        if not nouveaux:
            return
        n = len(nouveaux)
        arrivants = [(mot, numero) for numero, mot in enumerate(nouveaux, len(longueurs))]
        self._tri = sorted([*self._tri, *arrivants])
        self._filtres = (
            np.concatenate([longueurs, np.fromiter((min(len(mot), 255) for mot in nouveaux), np.uint8, n)]),
            np.concatenate([lettres, np.fromiter(map(_lettres, nouveaux), np.uint64, n)]),
        )

    def etendre(self, mot: str, *, debut: bool, fautes: int | None = None, cout_debut: int = EXACT) -> Correspondances:
        """Return the words that `mot` may stand for; `debut` when it may be the beginning of a word.

        `fautes` is the number of typos allowed, by default the one that the length of the word allows; `cout_debut`
        is the cost of taking a word that `mot` begins.
        """
        couts: dict[int, int] = {}
        permises = fautes_permises(mot) if fautes is None else (fautes if mot.isalpha() else 0)
        if permises:
            couts.update(self._avec_fautes(mot, permises, debut=debut))
        if mot.isalpha() and len(mot) >= LONGUEUR_MINIMALE:
            for numero in self._racines.get(racine(mot), ()):
                couts[numero] = VARIANTE
        exact = self.numeros.get(mot)
        if debut:
            # a word that exists comes before those that it begins: « FLE » before « Fleury »
            cout = cout_debut if exact is None else FAUTE
            couts.update((numero, min(cout, couts.get(numero, cout))) for numero in self.debuts(mot))
        if exact is not None:
            couts[exact] = EXACT
        if not couts:
            return AUCUNE
        numeros = np.fromiter(couts.keys(), np.int32, len(couts))
        valeurs = np.fromiter(couts.values(), np.uint8, len(couts))
        vivants = self.df[numeros] > 0
        return Correspondances(numeros[vivants], valeurs[vivants])

    def de_meme_racine(self, mot: str) -> list[int]:
        """Return the words that are this one, its plural or its feminine."""
        numero = self.numeros.get(mot)
        memes = self._racines.get(racine(mot), ()) if len(mot) >= LONGUEUR_MINIMALE else ()
        return [n for n in dict.fromkeys((*memes, *(() if numero is None else (numero,)))) if self.df[n] > 0]

    def debuts(self, mot: str) -> list[int]:
        """Return the words that begin so, the first 2,000 of them."""
        tri = self._tri
        depart = bisect_left(tri, (mot, -1))
        fin = bisect_left(tri, (mot + "\U0010ffff", -1))
        return [numero for _, numero in tri[depart : min(fin, depart + PREFIXES_MAX)]]

    def _avec_fautes(self, mot: str, permises: int, *, debut: bool) -> dict[int, int]:
        """Return the words within so many typos; one on the first letter counts twice."""
        n = len(mot)
        if n > 40:
            return {}
        # Each typo changes two letters of the set at most: a cheap filter, that loses nothing.
        longueurs, lettres = self._filtres
        masque = _masque(mot)
        possibles = (longueurs >= n - permises) & (np.bitwise_count(~lettres & masque) <= permises)
        if not debut:
            possibles &= (longueurs <= n + permises) & (np.bitwise_count(lettres & ~masque) <= permises)
        numeros = np.flatnonzero(possibles & (self.df[: len(longueurs)] > 0))
        if not numeros.size:
            return {}
        candidats = [self.mots[i] for i in numeros.tolist()]
        distances = _distances(mot, candidats, permises)
        if debut:
            for longueur in range(max(1, n - 1), n + 2):
                tronques = [c[:longueur] for c in candidats]
                distances = np.minimum(distances, _distances(mot, tronques, permises))
        trouves: dict[int, int] = {}
        for rang in np.flatnonzero(distances <= permises).tolist():
            fautes = int(distances[rang]) + (candidats[rang][0] != mot[0])
            if 0 < fautes <= permises:
                trouves[int(numeros[rang])] = FAUTE * fautes
        return trouves


def fautes_permises(mot: str) -> int:
    """Return the number of typos that a word allows: none with a digit, nor below five letters."""
    if not mot.isalpha():
        return 0
    return 2 if len(mot) >= DEUX_FAUTES else 1 if len(mot) >= UNE_FAUTE else 0


def _distances(mot: str, candidats: list[str], permises: int) -> npt.NDArray[np.int32]:
    lignes: npt.NDArray[np.int32] = cdist([mot], candidats, scorer=OSA.distance, score_cutoff=permises, dtype=np.int32)
    resultat: npt.NDArray[np.int32] = lignes[0]
    return resultat


def _lettres(mot: str) -> int:
    masque = 0
    for lettre in mot:
        masque |= 1 << (ord(lettre) % 63)
    return masque


@lru_cache(maxsize=4096)
def _masque(mot: str) -> np.uint64:
    return np.uint64(_lettres(mot))
