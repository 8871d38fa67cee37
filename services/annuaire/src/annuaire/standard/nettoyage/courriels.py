"""E-mail addresses."""

from __future__ import annotations

import re
from typing import Final

from annuaire.referentiels.rules import sans_accents

from ..anomalies import Anomalie
from .nettoye import Nettoye, anomalie, memoriser
from .textes import nettoyer_texte

_SEPARATEURS: Final = re.compile(
    # Whitespace is tried from its first character only: from each, a long run would cost its square.
    r"(?:(?<!\s)\s+)?[|;,\n]\s*|(?<!\s)\s+(?:et|ou|ET|OU|-|/)\s+|(?:(?<!\s)\s+)?/\s*|(?<!\s)\s{2,}"
)
_AUTOUR: Final = " \t<>()[]{}\"'’«»,;:.!"
_PREFIXE: Final = re.compile(r"(?:mailto|courriel|e-?mail|mail|mél|contact|accueil)\s*:\s*", re.IGNORECASE)
_AROBASE: Final = re.compile(
    r"(?:(?<!\s)\s+)?(?:\[(?:at|a|arobase)\]|\((?:at|a|arobase)\)|\{at\}| arobase )\s*", re.IGNORECASE
)
_LOCALE: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
_ETIQUETTE: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_DANS_LE_TEXTE: Final = re.compile(r"[^\s<>()\[\]{}\"«»,;:|]{1,64}@[^\s<>()\[\]{}\"«»,;:|@]{3,190}")


def nettoyer_courriel(brut: str) -> Nettoye[tuple[str, ...]]:
    """Read the e-mail addresses of one value (a cell cut at `|` already).

    Lower case, unwrapped (`mailto:`, angle brackets, « Accueil : »), spaces and doubled `@` repaired with a notice.
    The words « et » and « ou » separate only when spaces surround them. What isn't an address is told
    (`courriel_invalide`) and left out. Syntax: RFC 5321 §4.1.2 without quoted local parts, and a dot in the domain.
    """
    return _lire(brut)


@memoriser(16_384)
def _lire(brut: str) -> Nettoye[tuple[str, ...]]:
    if valide(brut) and brut == brut.lower():
        return Nettoye((brut,))
    propre = nettoyer_texte(brut, "courriels", lignes=True)
    if propre.valeur is None:
        return Nettoye((), propre.anomalies)
    anomalies: list[Anomalie] = list(propre.anomalies)
    texte = _AROBASE.sub("@", propre.valeur)
    valeurs: list[str] = []
    for morceau in _SEPARATEURS.split(texte):
        if not morceau or not morceau.strip(_AUTOUR):
            continue
        trouves = _adresses(morceau)
        if not trouves:
            anomalies.append(anomalie("courriel_invalide", "courriels", morceau))
        for adresse, repare in trouves:
            valeurs.append(adresse)
            if repare:
                anomalies.append(anomalie("courriel_corrige", "courriels", morceau, corrige=adresse))
    if not valeurs and not anomalies:
        anomalies.append(anomalie("courriel_invalide", "courriels", propre.valeur))
    return Nettoye(tuple(dict.fromkeys(valeurs)), tuple(anomalies))


def _adresses(morceau: str) -> list[tuple[str, bool]]:
    simple = morceau.strip(_AUTOUR)
    if valide(simple):
        return [(simple.lower(), False)]
    sans_prefixe = _PREFIXE.sub("", simple).strip(_AUTOUR)
    if valide(sans_prefixe):
        return [(sans_prefixe.lower(), False)]
    colle = re.sub(r"@{2,}", "@", sans_accents(re.sub(r"\s+", "", sans_prefixe))).lstrip("@").strip(_AUTOUR)
    colle = re.sub(r"\.{2,}", ".", colle).replace("@.", "@").replace(".@", "@")
    if " " not in sans_prefixe.replace(" @", "@").replace("@ ", "@").replace(" .", ".").replace(". ", ".") and valide(
        colle
    ):
        return [(colle.lower(), True)]
    dedans = [a.strip(_AUTOUR).lower() for a in _DANS_LE_TEXTE.findall(simple)]
    bons = [a for a in dedans if valide(a)]
    return [(a, True) for a in bons] if bons and len(bons) == len(dedans) else []


def valide(adresse: str) -> bool:
    """Tell whether a text is one plain e-mail address with a domain that has a dot."""
    locale, arobase, domaine = adresse.rpartition("@")
    if not arobase or len(adresse) > 254 or not _LOCALE.fullmatch(locale):
        return False
    if not (locale[0].isalnum() or locale[0] == "_") or locale.endswith(".") or ".." in locale or "|" in locale:
        return False
    etiquettes = domaine.lower().split(".")
    return (
        len(etiquettes) >= 2
        and all(_ETIQUETTE.fullmatch(e) for e in etiquettes)
        and len(etiquettes[-1]) >= 2
        and not etiquettes[-1].isdigit()
    )
