"""Street addresses and postal codes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from annuaire.referentiels.rules import cle_de_lecture

from ..anomalies import Anomalie
from .nettoye import Nettoye, anomalie
from .textes import en_texte, nettoyer_court, nettoyer_texte

_CODE_POSTAL: Final = re.compile(r"(?<!\d)(\d{2}\s?\d{3})(?!\d)")
_CODE_POSTAL_ENTIER: Final = re.compile(r"(\d{4,5})(?:[.,]0{1,3})?")
# Each run of whitespace is taken whole: shared between neighbours, a long one would cost its square.
_CP_VILLE: Final = r"(?:F\s?-\s?)?(\d{2}\s?\d{3})(?:\s*+[,\-–])?\s++([^\d,;()]{2,60}?)(?:\s+CEDEX(?:\s+\d{1,2})?)?"
_FIN_CP_VILLE: Final = re.compile(
    rf"(?<![\s,;\-–(])[\s,;\-–(]++{_CP_VILLE}\s*+\)?[\s,;]*+(?:France)?[\s.,;]*+$", re.IGNORECASE
)
_SEUL_CP_VILLE: Final = re.compile(rf"{_CP_VILLE}[\s.,;]*+", re.IGNORECASE)
_ZERO_DEVANT: Final = re.compile(r"^0{1,3}\s+(?=[A-Za-zÀ-ÿ])")
_NULL_DEVANT: Final = re.compile(r"^(?:null|none|undefined)\s+(?=\S)", re.IGNORECASE)
_PASSES: Final = 6
_BORDS: Final = ' ,;"²'
_MOT_DE_VOIE: Final = re.compile(
    r"(?:rue|route|rte|avenue|av|boulevard|bd|bld|place|pl|chemin|che|impasse|imp|all[ée]e|quai|cours|square|lieu)\b",
    re.IGNORECASE,
)
#: Addresses that name no street, folded.
_VIDES: Final = frozenset({"rue", "avenue", "place", "adresse", "13", "nonadresse", "pasdadresse", "adresseinconnue"})


@dataclass(frozen=True, slots=True)
class AdresseNettoyee:
    """A street line, with the postal code and the town that stood at its end, if any."""

    adresse: str | None
    code_postal: str | None = None
    commune: str | None = None
    anomalies: tuple[Anomalie, ...] = ()


def nettoyer_adresse(brut: Any, *, code_postal: str | None = None, commune: str | None = None) -> AdresseNettoyee:
    """Read a street line (`<number> <type> <name>`), at most 255 characters.

    A postal code and a town at the end are taken out and given apart (`adresse_coupee`) when they repeat those of the
    row, or when the row has neither: `10245 route de Nice` isn't a postal code. The leading `0 ` or `null ` of some
    exports goes; a line that names no street (`Rue`, `-`) is emptied (`adresse_vide`).
    """
    propre = nettoyer_court(brut, "adresse")
    if propre.valeur is None:
        return AdresseNettoyee(None, anomalies=propre.anomalies)
    ecrit = propre.valeur
    texte, cp_lu, ville_lue = ecrit, None, None
    for _ in range(_PASSES):
        avant = texte
        texte = _NULL_DEVANT.sub("", _ZERO_DEVANT.sub("", texte.strip(_BORDS)))
        fin = _SEUL_CP_VILLE.fullmatch(texte) or _FIN_CP_VILLE.search(texte)
        if fin and _est_la_ville(fin[1], fin[2], code_postal or cp_lu, commune or ville_lue):
            cp_lu = cp_lu or fin[1].replace(" ", "")
            ville_lue = ville_lue or fin[2].strip(" -–.")
            texte = texte[: fin.start()].strip(_BORDS + "-–")
        texte = nettoyer_texte(texte, "adresse").valeur or ""
        if texte == avant:
            break
    anomalies = list(propre.anomalies)
    if cp_lu:
        anomalies.append(anomalie("adresse_coupee", "adresse", ecrit, corrige=texte or None))
    if cle_de_lecture(texte) in _VIDES or not any(c.isalpha() for c in texte):
        if texte or not cp_lu:
            anomalies.append(anomalie("adresse_vide", "adresse", ecrit))
        return AdresseNettoyee(None, cp_lu, ville_lue, tuple(anomalies))
    if not cp_lu and ecrit.strip(_BORDS) != texte:
        anomalies.append(anomalie("adresse_corrigee", "adresse", ecrit, corrige=texte))
    return AdresseNettoyee(texte, cp_lu, ville_lue, tuple(anomalies))


def _est_la_ville(cp_lu: str, ville_lue: str, code_postal: str | None, commune: str | None) -> bool:
    if not _departement_possible(cp_lu):
        return False
    ville = cle_de_lecture(ville_lue)
    if commune and ville == cle_de_lecture(commune):
        return True
    if code_postal:
        return cp_lu.replace(" ", "") == code_postal and _MOT_DE_VOIE.match(ville_lue) is None
    return not commune and _MOT_DE_VOIE.match(ville_lue) is None


def nettoyer_code_postal(brut: Any) -> Nettoye[str | None]:
    """Read a postal code of five digits; a lost leading zero is put back (`code_postal_complete`)."""
    lu = en_texte(brut, "code_postal")
    if lu.valeur is None:
        return lu
    if len(lu.valeur) == 5 and lu.valeur.isascii() and lu.valeur.isdigit():
        if _departement_possible(lu.valeur):
            return Nettoye(lu.valeur)
        return Nettoye(None, (anomalie("code_postal_invalide", "code_postal", lu.valeur),))
    propre = nettoyer_texte(lu.valeur[:300], "code_postal")
    if propre.valeur is None:
        return propre
    texte = propre.valeur
    entier = _CODE_POSTAL_ENTIER.fullmatch(texte.replace(" ", ""))
    if entier and _departement_possible(entier[1].zfill(5)):
        complet = entier[1].zfill(5)
        suite = (
            () if len(entier[1]) == 5 else (anomalie("code_postal_complete", "code_postal", texte, corrige=complet),)
        )
        return Nettoye(complet, (*propre.anomalies, *suite))
    dedans = _CODE_POSTAL.search(texte)
    if dedans and _departement_possible(dedans[1]):
        complet = dedans[1].replace(" ", "")
        suite_2 = anomalie("code_postal_complete", "code_postal", texte, corrige=complet)
        return Nettoye(complet, (*propre.anomalies, suite_2))
    return Nettoye(None, (*propre.anomalies, anomalie("code_postal_invalide", "code_postal", texte)))


def _departement_possible(code_postal: str) -> bool:
    chiffres = code_postal.replace(" ", "")
    return chiffres.isascii() and "01" <= chiffres[:2] <= "98" and chiffres[:2] != "96"
