"""Phone numbers: every shape found in real lists, read as E.164 with the region of the place."""

from __future__ import annotations

import re
from typing import Any, Final

from ..anomalies import Anomalie
from ..tableur import demarquer
from .nettoye import Nettoye, anomalie, memoriser
from .textes import en_texte, nettoyer_texte

MAXIMUM_NUMEROS: Final = 10

#: Region of the numbering plan of each overseas département or collectivity; everywhere else is `FR`.
REGIONS: Final = {
    "971": "GP",
    "972": "MQ",
    "973": "GF",
    "974": "RE",
    "975": "PM",
    "976": "YT",
    "977": "BL",
    "978": "MF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}
_SEPARATEURS: Final = re.compile(
    # Whitespace is tried from its first character only: from each, a long run would cost its square.
    r"(?:(?<!\s)\s+)?(?:[|;/\n]|,(?=\s*[+0(]))\s*|(?<!\s)\s+(?:(?:ou|et|OU|ET|puis)\s+|-\s+(?=[+0]))"
)
_SEPARATEUR_SUR: Final = re.compile(r"[|;\n]")
_CANDIDAT: Final = re.compile(r"\+?\(?\d[\d\s.,\-_()/]{1,40}")
_NON_CHIFFRES: Final = re.compile(r"\D+", re.ASCII)
_EXTENSION: Final = re.compile(r"(?:poste|ext\.?|p\.)\s*+(?::\s*+)?\d{1,6}\s*+$", re.IGNORECASE)
_OUTRE_MER: Final = ("262", "508", "590", "594", "596", "681", "687", "689")
#: National numbers of the overseas départements, and the country code that they take.
_DEBUTS_D_OUTRE_MER: Final = {
    "0262": "262",
    "0263": "262",
    "0269": "262",
    "0590": "590",
    "0594": "594",
    "0596": "596",
    "0639": "262",
    "0690": "590",
    "0691": "590",
    "0692": "262",
    "0693": "262",
    "0694": "594",
    "0696": "596",
    "0697": "596",
}
_METROPOLE_A_TORT: Final = tuple("33" + debut[1:] for debut in _DEBUTS_D_OUTRE_MER)
_INTERNATIONAL: Final = re.compile(r"\+\d{6,15}")


def region_de(departement: str | None) -> str:
    """Give the numbering region of a département code (`974` gives `RE`), `FR` by default."""
    return REGIONS.get(departement or "", "FR")


def nettoyer_telephones(brut: Any, departement: str | None = None) -> Nettoye[tuple[str, ...]]:
    """Read the phone numbers of a cell: E.164, or the digits of a short number (`3919`, `115`).

    Several numbers in one cell are all kept, in order, without repetition. A number is tried in the region of the
    place first, then as the country code it starts with, then as mainland France. What no region accepts is told
    (`telephone_invalide`) and left out.
    """
    if isinstance(brut, (list, tuple)):
        morceaux = [
            nettoyer_telephones(v, departement) for v in brut[:MAXIMUM_NUMEROS] if not isinstance(v, (list, tuple))
        ]
        valeurs = tuple(dict.fromkeys(v for m in morceaux for v in m.valeur))
        suite = tuple(a for m in morceaux for a in m.anomalies)
        if len(brut) > MAXIMUM_NUMEROS or any(isinstance(v, (list, tuple)) for v in brut):
            suite = (*suite, anomalie("type_inattendu", "telephone", brut))
        return Nettoye(valeurs, suite)
    lu = en_texte(brut, "telephone")
    if lu.valeur is None:
        return Nettoye((), lu.anomalies)
    if len(lu.valeur) > 1000:
        return Nettoye((), (anomalie("telephone_invalide", "telephone", lu.valeur),))
    return _lire(lu.valeur, region_de(departement))


@memoriser(16_384)
def _lire(brut: str, region: str) -> Nettoye[tuple[str, ...]]:
    if len(brut) > 8 and _INTERNATIONAL.fullmatch(brut):
        numero = _essayer(brut, region)
        if numero:
            return Nettoye((numero,)) if numero == brut else Nettoye((numero,), (_corrige(brut, numero),))
    propre = nettoyer_texte(brut, "telephone", lignes=True)
    if propre.valeur is None:
        return Nettoye((), propre.anomalies)
    texte = propre.valeur
    anomalies: list[Anomalie] = list(propre.anomalies)
    valeurs: list[str] = []
    entier = None if _SEPARATEUR_SUR.search(texte) else _essayer(texte, region)
    morceaux = [texte] if entier else [m for m in _SEPARATEURS.split(texte) if m and m.strip()]
    for morceau in map(demarquer, morceaux[:MAXIMUM_NUMEROS]):
        # The digits of an e-mail address are no number: `accueil115@` isn't an emergency service.
        trouves = [] if "@" in morceau else _numeros(morceau, region)
        if len(trouves) == 1 and morceau.lstrip().startswith("+"):
            dits = _NON_CHIFFRES.sub("", morceau.replace("(0)", ""))
            if "+" + dits != trouves[0]:
                anomalies.append(_corrige(morceau, trouves[0]))
        if trouves and _EXTENSION.search(morceau):
            # E.164 has no place for « poste 123 »: what goes is told.
            anomalies.append(_corrige(morceau, trouves[0]))
        if not trouves and any(c.isdigit() for c in morceau):
            anomalies.append(anomalie("telephone_invalide", "telephone", morceau))
        valeurs.extend(trouves)
    uniques = tuple(dict.fromkeys(valeurs))
    if (not uniques and not anomalies) or len(morceaux) > MAXIMUM_NUMEROS:
        anomalies.append(anomalie("telephone_invalide", "telephone", texte))
    return Nettoye(uniques, tuple(anomalies))


def _corrige(brut: str, numero: str) -> Anomalie:
    return anomalie("telephone_corrige", "telephone", brut, corrige=numero)


def _numeros(morceau: str, region: str) -> list[str]:
    """Every number of a piece of text: the piece itself, then what looks like a number inside a sentence."""
    numero = _essayer(morceau, region)
    if numero:
        return [numero]
    trouves: list[str] = []
    for candidat in _CANDIDAT.finditer(morceau):
        numero = _essayer(candidat[0], region)
        if numero:
            trouves.append(numero)
        else:
            trouves.extend(_colles(candidat[0], region))
    return trouves


def _colles(texte: str, region: str) -> list[str]:
    """Two or more national numbers written without a separator: `0199000001 0199000002`."""
    chiffres = _NON_CHIFFRES.sub("", texte)
    if len(chiffres) < 20 or len(chiffres) % 10 or not chiffres.startswith("0"):
        return []
    parts = [chiffres[i : i + 10] for i in range(0, len(chiffres), 10)]
    numeros = [_essayer(part, region) for part in parts]
    return [n for n in numeros if n] if all(numeros) else []


def _essayer(texte: str, region: str) -> str | None:
    """Read one number, or `None`. No text is tried as another country than those of the numbering plans of France."""
    texte = _EXTENSION.sub("", texte).replace("(0)", "").strip()
    chiffres = _NON_CHIFFRES.sub("", texte)
    if not 3 <= len(chiffres) <= 16 or sum(c.isalpha() for c in texte):
        return None
    if len(chiffres) <= 6 and not texte.startswith("+"):
        court = _essayer_court(chiffres, region)
        if court:
            return court
    for ecriture in _ecritures(texte, chiffres):
        for une_region in dict.fromkeys((region, "FR")):
            numero = _analyser(ecriture, une_region)
            if numero:
                return numero
    return None


def _ecritures(texte: str, chiffres: str) -> list[str]:
    if texte.startswith("+"):
        # "+330199…" and "+33 (0)1 99…": the trunk zero stays after the country code.
        ecritures = ["+" + chiffres]
        for indicatif in ("33", *_OUTRE_MER):
            if chiffres.startswith(indicatif + "0"):
                ecritures.append("+" + indicatif + chiffres[len(indicatif) + 1 :])
        if chiffres.startswith("0"):
            ecritures.append(chiffres)
        if len(chiffres) == 11 and chiffres.startswith(_METROPOLE_A_TORT):
            ecritures.extend(_ecritures("0" + chiffres[2:], "0" + chiffres[2:]))
        if len(chiffres) == 12 and chiffres.startswith("269"):
            # Mayotte left the code of the Comoros in 2007; the pattern of the standard still shows it.
            ecritures.append("+262" + chiffres[3:])
        return ecritures
    if chiffres.startswith("00"):
        return ["+" + chiffres[2:], *(_ecritures("+" + chiffres[2:], chiffres[2:]))]
    ecritures = [chiffres]
    if len(chiffres) == 9 and not chiffres.startswith("0"):
        # A spreadsheet took the leading zero away.
        ecritures.append("0" + chiffres)
        ecritures.extend(_ecritures("0" + chiffres, "0" + chiffres)[1:])
    if len(chiffres) == 10 and chiffres.startswith("0"):
        ecritures.extend(
            f"+{i}{chiffres[1:]}" for debut, i in _DEBUTS_D_OUTRE_MER.items() if chiffres.startswith(debut)
        )
    if len(chiffres) in (11, 12, 13) and chiffres.startswith(("33", *_OUTRE_MER)):
        ecritures.extend(_ecritures("+" + chiffres, chiffres))
    return ecritures


#: Mobile numbers that the regulator keeps for fiction: possible, never allotted.
_MOBILE_FICTIF: Final = re.compile(r"\+3363998\d{4}")
_CANONIQUE: Final = re.compile(r"\+(33|262|590|594|596)([1-9]\d{8})", re.ASCII)
_INDICATIFS: Final = frozenset({33, 262, 508, 590, 594, 596, 681, 687, 689})


def _analyser(ecriture: str, region: str) -> str | None:
    # read where it is used: who only answers questions cleans no number
    import phonenumbers
    from phonenumbers import PhoneNumber, PhoneNumberFormat

    canonique = _CANONIQUE.fullmatch(ecriture)
    if canonique:
        # nothing is left to read in such a number
        numero = PhoneNumber(country_code=int(canonique[1]), national_number=int(canonique[2]))
        return ecriture if phonenumbers.is_valid_number(numero) or _MOBILE_FICTIF.fullmatch(ecriture) else None
    try:
        numero = phonenumbers.parse(ecriture, region)
    except phonenumbers.NumberParseException:
        return None
    if numero.country_code not in _INDICATIFS:
        return None
    ecrit: str = phonenumbers.format_number(numero, PhoneNumberFormat.E164)
    return ecrit if phonenumbers.is_valid_number(numero) or _MOBILE_FICTIF.fullmatch(ecrit) else None


def _essayer_court(chiffres: str, region: str) -> str | None:
    import phonenumbers
    from phonenumbers import shortnumberinfo

    for une_region in dict.fromkeys((region, "FR")):
        try:
            numero = phonenumbers.parse(chiffres, une_region)
        except phonenumbers.NumberParseException:
            return None
        if shortnumberinfo.is_valid_short_number_for_region(numero, une_region):
            return chiffres
    return None
