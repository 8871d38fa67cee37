"""Dates of update: every spelling found in real lists, read as `AAAA-MM-JJ`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from annuaire.referentiels.rules import sans_accents

from .nettoye import Nettoye, anomalie, memoriser
from .textes import en_texte, nettoyer_texte

#: Below that, no list of the standard existed.
PREMIERE_DATE: Final = date(2000, 1, 1)
#: What software writes in place of an unknown date.
PAR_DEFAUT: Final = frozenset(
    {date(1970, 1, 1), date(1969, 12, 31), date(1900, 1, 1), date(1899, 12, 30), date(1, 1, 1)}
)

_ISO: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s].{0,40})?")
_COMPACTE: Final = re.compile(r"(20\d{2})(\d{2})(\d{2})")
_FRANCAISE: Final = re.compile(r"(\d{1,2})[-/.\s](\d{1,2})[-/.\s](\d{4}|\d{2})(?:[\sàT,].{0,40})?")
_EN_LETTRES: Final = re.compile(r"(?:[a-z]{3,8}\.?,?\s+)?(\d{1,2})(?:er)?\s+([a-z]{3,9})\.?\s+(\d{4})(?:\s.{0,40})?")
_SECONDES: Final = re.compile(r"\d{10}(?:\.\d{1,6})?|\d{13}")
_TABLEUR: Final = re.compile(r"[2-6]\d{4}(?:[.,]\d{1,12})?")
_ORIGINE_TABLEUR: Final = date(1899, 12, 30)
_MOIS: Final = ("janv", "fevr", "mars", "avri", "mai", "juin", "juil", "aout", "sept", "octo", "nove", "dece")
_MOIS_ABREGES: Final = {"jan": 1, "fev": 2, "feb": 2, "mar": 3, "avr": 4, "apr": 4, "may": 5, "jui": 6, "jul": 7} | {
    "aou": 8, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip


def nettoyer_date(brut: Any, aujourd_hui: date) -> Nettoye[str | None]:
    """Read a date of update.

    ISO 8601 (with or without a time), French order, French month names, seconds or milliseconds since 1970, day
    numbers of a spreadsheet. The day after `aujourd_hui` is brought back to it (the source may live further east); a
    later day, a day before 2000 and the dates that software writes for « unknown » (1970-01-01…) are emptied.
    """
    lu = en_texte(brut, "date_maj")
    if lu.valeur is None:
        return lu
    return _lire(lu.valeur[:200], aujourd_hui)


@memoriser(4096)
def _lire(brut: str, aujourd_hui: date) -> Nettoye[str | None]:
    propre = nettoyer_texte(brut, "date_maj")
    if propre.valeur is None:
        return propre
    jour = analyser(propre.valeur)
    if jour is None:
        return Nettoye(None, (anomalie("date_invalide", "date_maj", propre.valeur),))
    if jour in PAR_DEFAUT:
        return Nettoye(None, (anomalie("date_par_defaut", "date_maj", propre.valeur),))
    if jour < PREMIERE_DATE:
        return Nettoye(None, (anomalie("date_invalide", "date_maj", propre.valeur),))
    if jour == aujourd_hui + timedelta(days=1):
        corrige = aujourd_hui.isoformat()
        return Nettoye(corrige, (anomalie("date_ajustee", "date_maj", propre.valeur, corrige=corrige),))
    if jour > aujourd_hui:
        return Nettoye(None, (anomalie("date_future", "date_maj", propre.valeur),))
    return Nettoye(jour.isoformat())


def analyser(texte: str) -> date | None:
    """Read a date in any known spelling, or give `None`; impossible days (31/02) are `None`."""
    try:
        return _analyser(texte.strip())
    except (ValueError, OverflowError, OSError):
        return None


def _analyser(texte: str) -> date | None:
    if trouve := _ISO.fullmatch(texte) or _COMPACTE.fullmatch(texte):
        return date(int(trouve[1]), int(trouve[2]), int(trouve[3]))
    if trouve := _FRANCAISE.fullmatch(texte):
        annee = int(trouve[3])
        return date(annee if annee > 99 else 2000 + annee, int(trouve[2]), int(trouve[1]))
    if _SECONDES.fullmatch(texte):
        secondes = float(texte) / (1000 if len(texte) == 13 and "." not in texte else 1)
        return datetime.fromtimestamp(secondes, UTC).date()
    if _TABLEUR.fullmatch(texte):
        return _ORIGINE_TABLEUR + timedelta(days=int(texte[:5]))
    if trouve := _EN_LETTRES.fullmatch(sans_accents(texte)):
        mois = _mois(trouve[2])
        return date(int(trouve[3]), mois, int(trouve[1])) if mois else None
    return None


def _mois(nom: str) -> int | None:
    for rang, debut in enumerate(_MOIS, 1):
        if nom.startswith(debut):
            return rang
    return _MOIS_ABREGES.get(nom[:3]) if len(nom) <= 4 else None
