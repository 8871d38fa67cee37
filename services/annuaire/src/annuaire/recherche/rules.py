"""Pure rules of search: where the words found lie in a text, and what a misspelt question meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from rapidfuzz.distance import OSA

from annuaire.recherche.francais.normaliser import mots
from annuaire.recherche.francais.racine import racine

PASSAGES_MAX: Final = 20
"""Ranges told of one text: a reader sees no further."""
LONGUEUR_LUE: Final = 2_000
MOT_COURT, MOT_LONG = 5, 9
"""Letters from which one, then two typing errors are made good (as engines do)."""

# An acronym with its dots, or letters and digits with the accents that may follow each of them.
_MORCEAU: Final = re.compile(r"(?:[^\W\d_]\.){2,}[^\W\d_]?|[^\W_](?:[^\W_]|[\u0300-\u036f])*")


def surligner(texte: str, trouves: Collection[str]) -> list[tuple[int, int]]:
    """Return where the words found lie in a text: first character, and the one after the last (Unicode code points).

    `trouves` are words as engines compare them (`francais.normaliser`). Neighbouring ranges stay apart.
    """
    passages: list[tuple[int, int]] = []
    for morceau in _MORCEAU.finditer(texte[:LONGUEUR_LUE]):
        if not set(mots(morceau.group())).isdisjoint(trouves):
            passages.append(morceau.span())
            if len(passages) == PASSAGES_MAX:
                break
    return passages


def corriger(q: str, trouves: Iterable[Sequence[str]]) -> str | None:
    """Return the question with its misspelt words as the records found write them, `None` when it has none.

    `trouves` are the words that matched, record by record. A word that some record holds, begins with, or holds in
    another form (plural, feminine) is not misspelt.
    """
    connus = sorted({mot for ses_mots in trouves for mot in ses_mots})
    if not connus:
        return None
    demandes = mots(q)
    corriges = [mot if _connu(mot, connus) else _voisin(mot, connus) or mot for mot in demandes]
    return " ".join(corriges) if tuple(corriges) != demandes else None


def _connu(mot: str, connus: Sequence[str]) -> bool:
    return any(connu.startswith(mot) or racine(connu) == racine(mot) for connu in connus)


def _voisin(mot: str, connus: Sequence[str]) -> str | None:
    if len(mot) < MOT_COURT or not mot.isalpha():
        return None
    maximum = 1 if len(mot) < MOT_LONG else 2
    ecarts = [(OSA.distance(mot, connu, score_cutoff=maximum), connu) for connu in connus]
    ecart, voisin = min(ecarts)
    return voisin if ecart <= maximum else None
