"""What else than themselves words of a question may stand for: synonyms, places, words cut or joined."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from annuaire.recherche.embarque.lexique import EXACT, FAUTE, VARIANTE, Entiers, Lexique
from annuaire.recherche.francais import departements
from annuaire.recherche.francais.vocabulaire import LONGUEUR_MAX, Expression, Vocabulaire

_NUMERO: Final = re.compile(r"(\d{1,2})(?:er|e|eme)?")
_VILLES: Final = {"paris": ("750", 20), "lyon": ("690", 9), "marseille": ("130", 16)}
_VOIES: Final = frozenset(
    ("rue", "avenue", "boulevard", "place", "allee", "chemin", "route", "impasse", "quai", "cours")
)

RESTE_MIN: Final = 3
"""Shortest word that a stop word may be glued to."""

Lue = list[tuple[int, int, str]]
"""Words, each with those of the question that it stands for, from one to another (excluded)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitut:
    """What stands for the words `debut` to `fin` (excluded) of a question, and at what cost."""

    debut: int
    fin: int
    cout: int
    synonyme: bool = False
    besoin: bool = False
    """The words say a need, and are not another name of the same thing."""

    @property
    def rangs(self) -> range:
        """The words that it stands for."""
        return range(self.debut, self.fin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase(Substitut):
    """Words of the index in a row."""

    mots: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choix(Substitut):
    """Words of the index, by number: any of them."""

    numeros: Entiers


def substituer(
    suite: tuple[str, ...], lexique: Lexique, vocabulaire: Vocabulaire, vides: Sequence[str] = ()
) -> Iterator[Phrase | Choix]:
    """Return all that may stand for words of a question and that some record says.

    `vides` are the stop words left out before each word.
    """
    phrases = [c for rang, mot in enumerate(suite) for c in _coupures(rang, mot, lexique)]
    phrases += _jonctions(suite, lexique)
    phrases += _mots_outils(suite, vides, lexique, vocabulaire)
    phrases += _arrondissements(suite)
    choix = list(_lieux(suite, lexique))
    for synonyme in _synonymes(suite, lexique, vocabulaire):
        if len(synonyme.mots) == 1:
            s, numeros = synonyme, np.array(lexique.de_meme_racine(synonyme.mots[0]), np.int32)
            choix.append(Choix(debut=s.debut, fin=s.fin, cout=s.cout, numeros=numeros, synonyme=True, besoin=s.besoin))
        else:
            phrases.append(synonyme)
    yield from (p for p in phrases if all(m in lexique.numeros for m in p.mots))
    yield from (c for c in choix if c.numeros.size)


def _lieux(suite: tuple[str, ...], lexique: Lexique) -> Iterator[Choix]:
    """« cyberbase Loire », « mairie 42 », « epn Bretagne » are told by the postal codes of the records."""
    for debut, fin, codes in nommes(suite):
        yield Choix(debut=debut, fin=fin, cout=EXACT, numeros=_codes_postaux(codes, lexique))
    numeros = departements.numeros()
    for rang, mot in enumerate(suite):
        suivant = suite[rang + 1] if rang + 1 < len(suite) else ""
        precedent = suite[rang - 1] if rang else ""
        if mot in numeros and suivant not in _VOIES and precedent not in _VILLES:
            yield Choix(debut=rang, fin=rang + 1, cout=EXACT, numeros=_codes_postaux(departements.debuts(mot), lexique))
        if len(mot) == 2 and len(suivant) == 3 and (mot + suivant).isdigit():
            code = lexique.numeros.get(mot + suivant)
            if code is not None:
                yield Choix(debut=rang, fin=rang + 2, cout=EXACT, numeros=np.array([code], np.int32))


def nommes(suite: Sequence[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Return where départements and régions are named, the longest name from each word, and their postal codes."""
    table = departements.par_nom()
    for debut in range(len(suite)):
        for fin in range(min(debut + departements.MOTS_MAX, len(suite)), debut, -1):
            codes = table.get(tuple(suite[debut:fin]))
            if codes:
                yield debut, fin, codes
                break


def _codes_postaux(debuts: Sequence[str], lexique: Lexique) -> Entiers:
    codes = [
        n
        for debut in debuts
        for n in lexique.debuts(debut)
        if len(lexique.mots[n]) == 5 and lexique.mots[n].isdigit() and lexique.df[n] > 0
    ]
    return np.array(codes, np.int32)


def _coupures(rang: int, mot: str, lexique: Lexique) -> list[Phrase]:
    """« fablab » may be « fab lab »: the split whose rarer half is the commonest."""
    meilleure, poids = None, 0
    for i in range(2, len(mot) - 1):
        a, b = lexique.numeros.get(mot[:i]), lexique.numeros.get(mot[i:])
        if a is not None and b is not None:
            commun = min(int(lexique.df[a]), int(lexique.df[b]))
            if commun > poids:
                meilleure, poids = i, commun
    if meilleure is None:
        return []
    return [Phrase(debut=rang, fin=rang + 1, mots=(mot[:meilleure], mot[meilleure:]), cout=FAUTE)]


def _mots_outils(
    suite: tuple[str, ...], vides: Sequence[str], lexique: Lexique, vocabulaire: Vocabulaire
) -> Iterator[Phrase]:
    """A word unknown may have taken a stop word in, « mairiede », or left one out: « sa ncoins »."""
    for rang, mot in enumerate(suite):
        if not mot.isalpha() or vocabulaire.connait(mot):
            continue
        if mot in lexique.numeros:
            # « médiathèque de lame » may be « de l'âme », though a blade is called so
            if mot[0] in "ld" and mot[1:2] in tuple("aeiouyh") and mot[1:] in lexique.numeros:
                yield Phrase(debut=rang, fin=rang + 1, mots=(mot[1:],), cout=FAUTE)
            continue
        joint = vides[rang] + mot if rang < len(vides) else mot
        lus = {joint} if joint in lexique.numeros else set()
        for i in range(1, len(mot)):
            if len(mot) - i >= RESTE_MIN and mot[:i] in vocabulaire.vides:
                lus.add(mot[i:])
            if i >= RESTE_MIN and mot[i:] in vocabulaire.vides:
                lus.add(mot[:i])
        for lu in sorted(lus & lexique.numeros.keys()):
            yield Phrase(debut=rang, fin=rang + 1, mots=(lu,), cout=VARIANTE if lu == joint else FAUTE)


def _jonctions(suite: tuple[str, ...], lexique: Lexique) -> list[Phrase]:
    """« fab lab » may be « fablab »."""
    jointes = []
    for longueur in (2, 3):
        for debut in range(len(suite) - longueur + 1):
            joint = "".join(suite[debut : debut + longueur])
            numero = lexique.numeros.get(joint)
            if numero is not None and lexique.df[numero] > 0:
                jointes.append(Phrase(debut=debut, fin=debut + longueur, mots=(joint,), cout=VARIANTE))
    return jointes


def _arrondissements(suite: tuple[str, ...]) -> list[Phrase]:
    """« Paris 13 », « Lyon 3e », « Marseille 8ème » are written in addresses by their postal code."""
    trouves = []
    for rang, (ville, numero) in enumerate(pairwise(suite)):
        lu = _NUMERO.fullmatch(numero)
        prefixe, dernier = _VILLES.get(ville, ("", 0))
        if lu and 1 <= int(lu[1]) <= dernier:
            trouves.append(Phrase(debut=rang, fin=rang + 2, mots=(f"{prefixe}{int(lu[1]):02d}",), cout=EXACT))
    return trouves


def _synonymes(suite: tuple[str, ...], lexique: Lexique, vocabulaire: Vocabulaire) -> Iterator[Phrase]:
    """What says the same comes just after what says it in these words; a need told in several is said outright."""
    vus = set()
    for lue, cout in _lectures(suite, lexique, vocabulaire):
        for debut in range(len(lue)):
            for fin in range(debut + 1, min(debut + LONGUEUR_MAX, len(lue)) + 1):
                expression = tuple(mot for _, _, mot in lue[debut:fin])
                de, a = lue[debut][0], lue[fin - 1][1]
                besoin = vocabulaire.besoin(expression)
                if cout == VARIANTE and besoin:
                    prix = EXACT if a - de > 1 else FAUTE
                else:
                    prix = cout if expression in vocabulaire.synonymes else FAUTE
                for voulu in vocabulaire.memes(expression):
                    if (de, a, voulu) not in vus:
                        vus.add((de, a, voulu))
                        yield Phrase(debut=de, fin=a, mots=voulu, cout=prix, synonyme=True, besoin=besoin)


def _lectures(suite: tuple[str, ...], lexique: Lexique, vocabulaire: Vocabulaire) -> Iterator[tuple[Lue, int]]:
    """Return the words as typed, then with spoken shortenings in full and misspelt common words put right."""
    yield [(rang, rang + 1, mot) for rang, mot in enumerate(suite)], VARIANTE
    lue: Lue = []
    rang, cout = 0, VARIANTE
    while rang < len(suite):
        fin, plein = _en_entier(suite, rang, vocabulaire)
        if plein is None and suite[rang] not in lexique.numeros:
            corrige = vocabulaire.corriger(suite[rang])
            if corrige:
                plein, cout = (corrige,), FAUTE
        lue += [(rang, fin, mot) for mot in plein or (suite[rang],)]
        rang = fin
    if [mot for _, _, mot in lue] != list(suite):
        yield lue, cout


def _en_entier(suite: tuple[str, ...], rang: int, vocabulaire: Vocabulaire) -> tuple[int, Expression | None]:
    for fin in (rang + 2, rang + 1):
        plein = vocabulaire.abrege(suite[rang:fin]) if fin <= len(suite) else None
        if plein:
            return fin, plein
    return rang + 1, None
