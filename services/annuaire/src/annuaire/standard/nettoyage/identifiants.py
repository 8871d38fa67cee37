"""Pivot of a structure: SIRET, RNA, RIDET (New Caledonia), Tahiti number (Polynesia), or a SIREN alone."""

from __future__ import annotations

import re
from typing import Any, Final

from stdnum.fr import siren, siret

from .nettoye import Nettoye, anomalie, memoriser
from .textes import en_texte, nettoyer_texte

_SEPARATEURS: Final = re.compile(r"[\s.\-_/'’]+")
_SCIENTIFIQUE: Final = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,2}")
_DECIMALE: Final = re.compile(r"(\d{9,14})[.,]0{1,6}")
_RNA: Final = re.compile(r"W\d[0-9A-Z]\d{7}")
_RIDET: Final = re.compile(r"\d{9,10}")
_TAHITI: Final = re.compile(r"[0-9A-Z]\d{5}\d{3}")
_ZEROS: Final = re.compile(r"0+")
#: Number of an establishment that nobody has: a spreadsheet kept the first digits of a SIRET and put zeros after.
_ETABLISSEMENT_NUL: Final = "00000"
_LA_POSTE: Final = "356000000"
_DOUBLES: Final = bytes.maketrans(b"0123456789", b"0246813579")
"""Twice each digit, its digits summed."""
_PREFIXE: Final = re.compile(r"(?:SIRET|SIREN|RNA|RIDET)[\s:n°ºN]*", re.IGNORECASE)


def nettoyer_pivot(brut: Any, departement: str | None = None) -> Nettoye[str | None]:
    """Read the identifier of a structure.

    Accepted: a SIRET (14 digits, Luhn key, or the rule of La Poste's sites), an RNA number (`W` and nine characters),
    a RIDET of nine or ten digits in 988, a Tahiti number of nine characters in 987, and a SIREN alone with a notice,
    since the pattern of the standard (`^[a-zA-Z0-9]{9,14}$`) admits it and it does name the organisation. A leading
    zero lost by a spreadsheet is put back only when the key then holds. Zeros and everything else are emptied.
    `departement` is that of the place, `None` when unknown.
    """
    lu = en_texte(brut, "pivot")
    if lu.valeur is None:
        return lu
    return _lire(lu.valeur, departement)


@memoriser(4096)
def _lire(brut: str, departement: str | None) -> Nettoye[str | None]:
    propre = nettoyer_texte(brut[:300], "pivot")
    if propre.valeur is None:
        return propre
    ecrit = propre.valeur
    if _SCIENTIFIQUE.fullmatch(ecrit):
        return _vider("pivot_detruit", ecrit)
    decimale = _DECIMALE.fullmatch(ecrit)
    texte = decimale[1] if decimale else _SEPARATEURS.sub("", _PREFIXE.sub("", ecrit)).upper()
    if not texte.isascii() or not texte.isalnum():
        return _vider("pivot_invalide", ecrit)
    if _ZEROS.fullmatch(texte):
        return _vider("pivot_zero", ecrit)
    if departement == "988" and _RIDET.fullmatch(texte):
        return Nettoye(texte)
    if departement == "987" and _TAHITI.fullmatch(texte):
        return Nettoye(texte)
    if _RNA.fullmatch(texte):
        return Nettoye(texte)
    if not texte.isdigit():
        return _vider("pivot_invalide", ecrit)
    return _lire_sirene(texte, ecrit)


def _lire_sirene(chiffres: str, ecrit: str) -> Nettoye[str | None]:
    if len(chiffres) == 14 and chiffres.endswith(_ETABLISSEMENT_NUL):
        return _vider("pivot_detruit", ecrit)
    if len(chiffres) == 14:
        return Nettoye(chiffres) if _siret_juste(chiffres) else _vider("siret_invalide", ecrit)
    if len(chiffres) in (12, 13):
        complete = chiffres.zfill(14)
        if siret.is_valid(complete):
            return Nettoye(complete, (anomalie("pivot_complete", "pivot", ecrit, corrige=complete),))
        return _vider("siret_invalide", ecrit)
    if len(chiffres) == 9 and siren.is_valid(chiffres):
        return Nettoye(chiffres, (anomalie("siren_seul", "pivot", ecrit),))
    return _vider("pivot_invalide", ecrit)


def _siret_juste(chiffres: str) -> bool:
    """Check the keys of fourteen digits, here for nearly all; what does not hold is left to the register's rules."""
    if _cle_juste(chiffres) and _cle_juste(chiffres[:9]) and not chiffres.startswith(_LA_POSTE):
        return True
    return bool(siret.is_valid(chiffres))


def _cle_juste(chiffres: str) -> bool:
    """Tell whether the Luhn key of digits holds (ISO/IEC 7812-1, annex B)."""
    codes = chiffres.encode()
    return (sum(codes[-1::-2]) + sum(codes[-2::-2].translate(_DOUBLES)) - len(codes) * 48) % 10 == 0


def _vider(code: str, ecrit: str) -> Nettoye[str | None]:
    return Nettoye(None, (anomalie(code, "pivot", ecrit),))
