"""Opening hours: validity in the OSM syntax, light repairs, and what surprises those who write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from opening_hours import validate

from ..anomalies import Anomalie
from .horaires_colonnes import SemaineLue, lire_semaine
from .horaires_phrases import lire_phrase
from .nettoye import anomalie, memoriser
from .textes import en_texte, nettoyer_texte

LONGUEUR_HORAIRES: Final = 1000
JOURS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")

_HEURE_H: Final = re.compile(r"(?<![\d:.])(\d{1,2})\s?[hH]\s?(\d{2})?(?![\w:])")
_HEURE_POINT: Final = re.compile(r"(?<![\d:.])(\d{1,2})\.(\d{2})(?![\d:.])")
_HEURE_COURTE: Final = re.compile(r"(?<![\d:])(\d):(\d{2})(?!\d)")
_SUN: Final = re.compile(r"\bSun\b")
_PLAGE: Final = re.compile(r"(\d{2}):(\d{2})\s?-\s?(\d{2}):(\d{2})(?![\d:])")
_TOUTE_HEURE: Final = re.compile(r"(?:Mo-Su\s+)?00:00-(?:00:00|24:00)")
_VIRGULES: Final = re.compile(r"(?<![\s,;])[\s,;]++$|^[\s,;]+")
_DOUBLES: Final = re.compile(r"(?:(?<!\s)\s++)?([;,])(?:\s*+[;,])++\s*+")
_JOURS_SEULS: Final = re.compile(r"(Mo|Tu|We|Th|Fr|Sa|Su)(?:\s?-\s?(Mo|Tu|We|Th|Fr|Sa|Su))?")
_REGLE_SIMPLE: Final = re.compile(
    r"(?P<jours>(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:\s?[-,]\s?(?:Mo|Tu|We|Th|Fr|Sa|Su))*)\s+"
    r"(?P<heures>\d{2}:\d{2}\s?-\s?\d{2}:\d{2}(?:\s?,\s?\d{2}:\d{2}\s?-\s?\d{2}:\d{2})*)"
)
_JOURS_FRANCAIS: Final = {"lu": "Mo", "ma": "Tu", "me": "We", "je": "Th", "ve": "Fr", "sa": "Sa", "di": "Su"}
_MOT_JOUR: Final = re.compile(
    r"\b(lundis?|mardis?|mercredis?|jeudis?|vendredis?|samedis?|dimanches?|lun|mar|mer|jeu|ven|sam|dim|lu|ma|me|je|ve|di)\b\.?",
    re.IGNORECASE,
)
_SANS_CESSE: Final = re.compile(
    r"(?:7\s?j(?:ours)?\s?(?:/|sur)\s?7\s?j?[\s,;-]+)?24\s?h?\s?(?:/|sur)\s?24\s?h?"
    r"(?:[\s,;-]+(?:et\s+)?7\s?j?(?:ours)?\s?(?:/|sur)\s?7\s?j?)?",
    re.IGNORECASE,
)
_PLAGE_NULLE: Final = re.compile(r"(?<![\d:])(?!00:00)(\d{2}:\d{2})\s?-\s?\1(?![\d:])")


@dataclass(frozen=True, slots=True)
class HorairesNettoyes:
    """`horaires` is a valid OSM expression or `None`; `brut` is the text as written when it couldn't be read."""

    horaires: str | None
    brut: str | None = None
    anomalies: tuple[Anomalie, ...] = ()


def nettoyer_horaires(brut: Any) -> HorairesNettoyes:
    """Read opening hours written in the OSM syntax (specification of `opening_hours`).

    A valid text is kept as written. Hours written `9h30`, `9.30` or `9:00`, French days and the plainest French
    phrases are put in that syntax with a notice (`horaire_corrige`); `Mo-Sun 00:00-00:00` becomes `24/7`. A span that
    ends as it begins (`14:00-14:00`) would be read as a whole day: it goes (`plage_nulle`). What still can't be read
    gives no hours, the text in `brut` and `horaire_illisible`. Overnight spans (`horaire_de_nuit`), days that a later
    rule replaces (`jour_remplace`) and days without hours (`jour_sans_heures`) are told and kept.
    """
    lu = en_texte(brut, "horaires")
    if lu.valeur is None:
        return HorairesNettoyes(None, None, lu.anomalies)
    return _lire(lu.valeur)


@memoriser(8192)
def _lire(brut: str) -> HorairesNettoyes:
    propre = nettoyer_texte(brut, "horaires", lignes=True)
    if propre.valeur is None:
        return HorairesNettoyes(None, None, propre.anomalies)
    texte = propre.valeur
    anomalies = list(propre.anomalies)
    if len(texte) > LONGUEUR_HORAIRES:
        texte = texte[: LONGUEUR_HORAIRES - 2] + " …"
        return HorairesNettoyes(None, texte, (*anomalies, anomalie("horaire_illisible", "horaires", texte)))
    semaine = lire_semaine(texte)
    if semaine is not None and (semaine.horaires or "\n" in texte or semaine.fermee):
        return _finir_la_semaine(texte, semaine, anomalies)
    horaires = " ".join(texte.split())
    if not lisible(horaires):
        horaires = reparer(texte)
        anomalies.append(anomalie("horaire_corrige", "horaires", texte, corrige=horaires))
    if _PLAGE_NULLE.search(horaires):
        avant, horaires = horaires, sans_plages_nulles(horaires)
        anomalies.append(anomalie("plage_nulle", "horaires", avant, corrige=horaires))
    if not lisible(horaires):
        return HorairesNettoyes(None, texte, (*propre.anomalies, anomalie("horaire_illisible", "horaires", texte)))
    return HorairesNettoyes(horaires, None, (*anomalies, *_avertir(horaires)))


def _finir_la_semaine(texte: str, lue: SemaineLue, anomalies: list[Anomalie]) -> HorairesNettoyes:
    """Tell what a week in columns became; a day lost keeps the whole text beside the hours."""
    horaires = lue.horaires if lue.horaires and lisible(lue.horaires) else None
    if horaires is None:
        code = "horaires_sans_ouverture" if lue.fermee else "horaire_illisible"
        return HorairesNettoyes(None, texte, (*anomalies, anomalie(code, "horaires", texte)))
    if not lue.stricte:
        anomalies.append(anomalie("horaire_corrige", "horaires", texte, corrige=horaires))
    anomalies.extend(anomalie("jour_illisible", "horaires", jour) for jour in lue.illisibles)
    return HorairesNettoyes(horaires, texte if lue.illisibles else None, (*anomalies, *_avertir(horaires)))


def lisible(texte: str) -> bool:
    """Tell whether a text is an OSM expression that says something of days or hours."""
    if not validate(texte):
        return False
    # A bare comment or a bare year parses, as « always open » with a remark: nobody meant that.
    return texte.strip() == "24/7" or _JOURS_SEULS.search(texte) is not None or ":" in texte or "off" in texte


def reparer(texte: str) -> str:
    """Bring a text to the OSM syntax by repairs that don't change its meaning; what resists comes back as it was.

    French phrases are read only when every rule ends as days and hours, or days and `off`: « fermé le lundi » says
    nothing of the other days.
    """
    phrase, texte = texte, " ".join(texte.split())
    if _SANS_CESSE.fullmatch(texte):
        return "24/7"
    simple = _VIRGULES.sub("", texte.replace("–", "-").replace("—", "-").replace("−", "-"))
    simple = _MOT_JOUR.sub(lambda mot: _JOURS_FRANCAIS[mot[1][:2].lower()], _SUN.sub("Su", simple))
    simple = _HEURE_H.sub(lambda h: f"{int(h[1]):02d}:{h[2] or '00'}", simple)
    simple = _HEURE_POINT.sub(lambda h: f"{int(h[1]):02d}:{h[2]}", simple)
    simple = _DOUBLES.sub(r"\1 ", _HEURE_COURTE.sub(r"0\1:\2", simple))
    if _TOUTE_HEURE.fullmatch(simple):
        return "24/7"
    if ":" in simple and lisible(simple):
        return " ".join(simple.split())
    semaine = lire_phrase(phrase)
    return semaine.ecrire() if semaine is not None else texte


def sans_plages_nulles(texte: str) -> str:
    """Take out the spans that end as they begin, and the rules left without hours."""
    regles: list[str] = []
    for regle in texte.split(";"):
        if not _PLAGE_NULLE.search(regle):
            regles.append(regle.strip())
            continue
        reste = _VIRGULES.sub("", _DOUBLES.sub(r"\1", _PLAGE_NULLE.sub("", regle)))
        reste = re.sub(r"(?<=[a-z])\s+,\s*(?=\d)", " ", reste)
        if ":" in reste or "off" in reste:
            regles.append(reste.strip())
    return "; ".join(regle for regle in regles if regle)


def _avertir(texte: str) -> tuple[Anomalie, ...]:
    anomalies: list[Anomalie] = []
    if texte != "24/7" and any(fin <= debut and fin != "00:00" for debut, fin in _plages(texte)):
        anomalies.append(anomalie("horaire_de_nuit", "horaires", texte))
    if ":" not in texte and "off" not in texte and "unknown" not in texte and texte != "24/7":
        anomalies.append(anomalie("jour_sans_heures", "horaires", texte))
    remplaces = jours_remplaces(texte)
    if remplaces:
        anomalies.append(anomalie("jour_remplace", "horaires", texte, suggestion=", ".join(remplaces)))
    return tuple(anomalies)


def _plages(texte: str) -> list[tuple[str, str]]:
    return [(f"{p[1]}:{p[2]}", f"{p[3]}:{p[4]}") for p in _PLAGE.finditer(texte)]


def jours_remplaces(texte: str) -> list[str]:
    """List the days given hours by one rule and other hours by a later one, which replaces them (OSM `;`).

    `Mo-Th 09:00-12:00; Mo 14:00-17:00` is closed on Monday morning. A day whose new hours meet the
    former ones is an exception that the author meant, and isn't listed. Rules with months, weeks or holidays are left
    alone.
    """
    vus: dict[str, list[tuple[str, str]]] = {}
    remplaces: list[str] = []
    for regle in texte.split(";"):
        lue = _REGLE_SIMPLE.fullmatch(regle.strip())
        if lue is None:
            continue
        plages = _plages(lue["heures"])
        for jour in _jours(lue["jours"]):
            avant = vus.get(jour)
            if avant and not _recouvre(plages, avant) and jour not in remplaces:
                remplaces.append(jour)
            vus[jour] = plages
    return remplaces


def _recouvre(apres: list[tuple[str, str]], avant: list[tuple[str, str]]) -> bool:
    """Tell whether new hours meet the former ones: they then read as hours of their own, not as hours to add."""
    return any(d1 < f2 and d2 < f1 for d1, f1 in apres for d2, f2 in avant)


def _jours(texte: str) -> list[str]:
    jours: list[str] = []
    for trouve in _JOURS_SEULS.finditer(texte):
        debut = JOURS.index(trouve[1])
        fin = JOURS.index(trouve[2]) if trouve[2] else debut
        etendue = range(debut, fin + 1) if debut <= fin else (*range(debut, 7), *range(fin + 1))
        jours.extend(JOURS[i] for i in etendue)
    return jours
