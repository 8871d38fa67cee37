"""Which département someone meant, who wrote something else than its code."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from annuaire.territoires.referentiel import Departement
from annuaire.territoires.rules import departements_du_code_postal, plier, sans_article

AU_PLUS = 3
SEUIL = 75
_CODE_COMMUNE = re.compile(r"(\d{2}|2[AB])\d{3}")
_CORSES = ("2A", "2B")


def suggerer(ecrit: str, departements: Iterable[Departement]) -> list[Departement]:
    """Return at most three départements that a text may mean, the likeliest first; none when nothing is near.

    Read are a code in another writing (`2a`, `1`, `038`), the old code of Corsica, a postal or INSEE code, and a name
    with its faults.
    """
    par_code = {d.code: d for d in departements}
    texte = ecrit.strip().upper()
    codes = [texte, texte.lstrip("0").zfill(2)]
    if texte == "20":
        codes += _CORSES
    elif _CODE_COMMUNE.fullmatch(texte):
        codes += [texte[:3], texte[:2], *departements_du_code_postal(texte)]
    trouves = [par_code[code] for code in dict.fromkeys(codes) if code in par_code]
    if not trouves and (nom := sans_article(plier(ecrit))):
        noms = {code: sans_article(plier(d.nom)) for code, d in par_code.items()}
        trouves = [par_code[code] for code in _nommes(nom, noms)]
    return trouves[:AU_PLUS]


def _nommes(nom: str, noms: dict[str, str]) -> list[str]:
    """Return the codes of the names that are this one, or else hold it, or else look like it."""
    memes = [code for code, autre in noms.items() if autre == nom]
    return (
        memes
        or [code for code, autre in noms.items() if f" {nom} " in f" {autre} "]
        or [code for _, _, code in process.extract(nom, noms, scorer=fuzz.ratio, score_cutoff=SEUIL)]
    )
