"""How the server cuts and compares words (charabia, `milli/src/search/new/query_term`, v1.50), on a small scale."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz.distance import OSA

MOTS_MAX = 10
"""Terms of a query that are read, a phrase being one (`words_limit` of `parse_query.rs`); the rest is left out."""
_MOT = re.compile(r"[^\W_]+")
_SEGMENT = re.compile(r'"([^"]*)"?|(-?)([^\s"]+)')


@lru_cache(maxsize=65_536)
def plier(texte: str) -> str:
    """Fold as the server does: lower case, no accents, ligatures undone."""
    sans = unicodedata.normalize("NFKD", texte.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae"))
    return "".join(c for c in sans if not unicodedata.combining(c)).casefold()


def couper(texte: str) -> list[str]:
    """Return the words of a text; an apostrophe, a hyphen and a dot separate."""
    return _MOT.findall(plier(texte))


@dataclass(frozen=True, slots=True)
class Terme:
    """What a word of the question may be: words of the index with their typos, or words in a row."""

    debut: int
    fin: int
    mots: Mapping[str, int] = field(default_factory=dict)
    suite: tuple[str, ...] = ()
    cout: int = 0


@dataclass(frozen=True, slots=True)
class Requete:
    """A question as the server reads it."""

    mots: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]
    exclus: tuple[str, ...]
    prefixe: bool


def lire(q: str, vides: frozenset[str]) -> Requete:
    """Read a question: phrases in quotes, words after `-` excluded, stop words out but for a last word left open."""
    mots: list[str] = []
    phrases: list[tuple[str, ...]] = []
    exclus: list[str] = []
    reste = MOTS_MAX
    dernier_mot = False
    for segment in _SEGMENT.finditer(q):
        phrase, moins, libre = segment.groups()
        dernier_mot = False
        if libre is None:
            lus = tuple(m for m in couper(phrase) if m not in vides)
            if lus and reste:
                phrases.append(lus)
                reste -= 1
            continue
        coupes = couper(libre)
        if moins:
            exclus += coupes
            continue
        fin_ouverte = segment.end() == len(q) and bool(coupes) and libre[-1].isalnum()
        for rang, mot in enumerate(coupes):
            ouvert = fin_ouverte and rang == len(coupes) - 1
            if reste and (mot not in vides or ouvert):
                mots.append(mot)
                reste -= 1
                dernier_mot = ouvert
    return Requete(tuple(mots), tuple(phrases), tuple(exclus), dernier_mot)


def fautes_permises(mot: str, reglages: Mapping[str, object]) -> int:
    """Return the typos that a word allows under the settings."""
    if not reglages["enabled"] or mot in reglages["disableOnWords"]:  # type: ignore[operator]
        return 0
    if reglages["disableOnNumbers"] and any(c.isdigit() for c in mot):
        return 0
    tailles: Mapping[str, int] = reglages["minWordSizeForTypos"]  # type: ignore[assignment]
    return 2 if len(mot) >= tailles["twoTypos"] else 1 if len(mot) >= tailles["oneTypo"] else 0


def fautes(mot: str, candidat: str, permises: int, *, prefixe: bool) -> int | None:
    """Return the typos between two words; `None` beyond what is allowed. One on the first letter counts two."""
    if mot == candidat or (prefixe and candidat.startswith(mot)):
        return 0
    if not permises:
        return None
    if prefixe and len(candidat) > len(mot):
        longueurs = range(max(1, len(mot) - permises), min(len(candidat), len(mot) + permises) + 1)
        ecart = min(OSA.distance(mot, candidat[:n], score_cutoff=permises) for n in longueurs)
    else:
        ecart = OSA.distance(mot, candidat, score_cutoff=permises)
    if ecart > permises:
        return None
    if mot[0] != candidat[0] and ecart < 2:
        ecart += 1
    return ecart if ecart <= permises else None


def termes(
    requete: Requete, lexique: Iterable[str], synonymes: Mapping[str, list[str]], typos: Mapping[str, object]
) -> list[Terme]:
    """Return every way of reading each word, or each run of words, of a question."""
    connus = set(lexique)
    mots = requete.mots
    lus: list[Terme] = []
    for rang, mot in enumerate(mots):
        prefixe = requete.prefixe and rang == len(mots) - 1
        permises = fautes_permises(mot, typos)
        trouves = {c: n for c in connus if (n := fautes(mot, c, permises, prefixe=prefixe)) is not None}
        lus.append(Terme(rang, rang + 1, mots=trouves))
        lus += [
            Terme(rang, rang + 1, suite=(mot[:i], mot[i:]), cout=1)
            for i in range(1, len(mot))
            if mot[:i] in connus and mot[i:] in connus
        ]
    for longueur in (2, 3):
        for debut in range(len(mots) - longueur + 1):
            joint = "".join(mots[debut : debut + longueur])
            if joint in connus:
                lus.append(Terme(debut, debut + longueur, mots={joint: 1}))
    for longueur in (1, 2, 3):
        for debut in range(len(mots) - longueur + 1):
            for vers in synonymes.get(" ".join(mots[debut : debut + longueur]), ()):
                lus.append(Terme(debut, debut + longueur, suite=tuple(couper(vers))))
    return lus
