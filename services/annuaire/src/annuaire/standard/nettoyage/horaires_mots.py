"""The words of French opening hours: a text cut into days, hours, closures, conditions, links and the rest."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

Genre = Literal[
    "jour",
    "heure",
    "rang",
    "mois",
    "parite",
    "incertain",
    "rdv",
    "vacances",
    "hors_vacances",
    "feries",
    "ferme",
    "sauf",
    "depuis",
    "demi",
    "a",
    "tiret",
    "barre",
    "et",
    "plus",
    "deux_points",
    "fin",
    "ouvre",
    "referme",
    "vide",
    "mot",
]

#: Minutes since midnight; a day ends at 1440.
FIN_DE_JOURNEE: Final = 1440
JOURS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_JOURS_DITS: Final = {
    "mo": 0, "lu": 0, "tu": 1, "ma": 1, "we": 2, "me": 2, "th": 3, "je": 3, "fr": 4, "ve": 4, "sa": 5, "su": 6, "di": 6,
}  # fmt: skip
_MOIS: Final = {
    "jan": "Jan", "fev": "Feb", "mars": "Mar", "avr": "Apr", "mai": "May", "juin": "Jun", "juil": "Jul", "aou": "Aug",
    "sep": "Sep", "oct": "Oct", "nov": "Nov", "dec": "Dec",
}  # fmt: skip
_RANGS: Final = {"p": 1, "d": 2, "s": 2, "t": 3, "q": 4, "c": 5}


@dataclass(frozen=True, slots=True)
class Mot:
    """One word read. `valeur` is the day (0 Monday to 6), the minutes since midnight, the rank in the month (-1 the
    last) or the OSM spelling; `debut` and `fin` place it in the text."""

    genre: Genre
    debut: int
    fin: int
    valeur: int | str | tuple[int, ...] | None = None


_RDV: Final = r"(?:rdvs?|r\.d\.v\.?|rendez ?-? ?vous)"
_VAC: Final = r"(?:periodes? (?:de |des )?)?vac(?:ances|\.)?(?: scolaires?| sco\.?)?"
_ORDINAL: Final = (
    r"(?:1ers?|1eres?|[2-5] ?(?:e|emes?|nde?)|premi(?:ers?|eres?)|deuxiemes?|seconde?s?|troisiemes?|quatriemes?"
    r"|cinquiemes?|derni(?:ers?|eres?))"
)
_JOUR_ENTIER: Final = r"(?:lundis?|mardis?|mercredis?|jeudis?|vendredis?|samedis?|dimanches?)"

#: Tried in this order at each place; a text is always ASCII, folded, with single spaces.
_GENRES: Final = {
    "telephone": r"(?<![\d:])(?:\+33 ?\d|0\d)(?:[ .\-]?\d\d){4}(?!\d)",
    "date": r"\d{2}/\d{2}/\d{4}|\d{1,2} (?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre"
    r"|novembre|decembre)\b(?: \d{4})?",
    "incertain": r"(?:sauf )?(?:une?|1) ?(?:semaine|"
    + _JOUR_ENTIER
    + r") ?(?:sur|/) ?(?:deux|\d)\b|(?:tout?e?s? )?(?:les )?"
    r"(?:15|quinze) jours\b|(?:une|deux|trois|\d) ?(?:x|fois) ?(?:par|/) ?(?:mois|semaine|an)\b"
    r"|(?:sauf )?(?:un|\d) (?:"
    + _JOUR_ENTIER
    + r") ?(?:par |/ ?)mois\b|tous les \d+ jours\b|(?:une|\d) semaine ?/ ?\d\b",
    "parite": r"(?:en |les )?(?:semaines? |sem\.? )(?:im)?paires?\b",
    "sans_rdv": r"(?:avec ou )?sans " + _RDV + r"\b",
    "rdv": r"(?:(?:uniquement|seulement|exclusivement) )?(?:(?:sur|avec|prise de) )?" + _RDV + r"\b(?: uniquement"
    r"| obligatoire| seulement)?",
    "hors_vacances": r"(?:hors|sauf|ferme(?:e|s)?)(?: pendant| durant)?(?: les?)? " + _VAC + r"(?![a-z])"
    r"|(?:en |pendant la |durant la )?per(?:iode|\.)? ?(?:sco|scolaires?)\b\.?",
    "vacances": r"(?:(?:pendant|durant|en) )?(?:les )?vacances(?: scolaires?)?\b",
    "feries": r"(?:sauf|hors|ferme(?:e|s)?) (?:les )?(?:jours? )?feries?\b",
    "ferme": r"(?:ferme(?:e|s|es|ture)?|clos|conges?|(?:pas d'|pas de |non )(?:accueil|ouvert)(?: au public)?)\b"
    r"(?: au public)?(?: toute la journee)?",
    "off": r"(?:off|closed)\b",
    "sauf": r"sauf\b",
    "depuis": r"(?:apres|des|a partir de|a compter de)(?= ?\d)",
    "tous_les_jours": r"tous les jours\b|7 ?j(?:ours)? ?(?:/|sur) ?7(?: ?j)?\b",
    "rang": r"(?:(?:tous |chaque )?(?:les? )?)?" + _ORDINAL + r"\b",
    "du_mois": r"(?:du|de chaque|/|par|chaque) ?mois\b|du moi\b",
    "jour": r"(?:lundis?|mardis?|mercredis?|jeudis?|vendredis?|samedis?|dimanches?|lun|mar|mer|jeu|vend?|sam|dim|lu|ma"
    r"|me|je|ve|sa|di|mo|tu|we|th|fr|su)\b\.?",
    "mois": r"(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)\b",
    "midi": r"(?:midi|minuit)\b",
    "seconde": r"\d{1,2}:\d{2}:\d[\d.]*",
    "heure_collee": r"\d{1,2} ?h ?\d{2} ?h(?![a-z\d:])",
    "heure": r"\d{1,2} ?(?:[:.] ?\d{2}(?!\d)|h(?:eures?)?(?: ?\d{2}(?:mn|min)?(?! ?h(?![a-z])))?)",
    "heure_coupee": r"\d{1,2}:(?!\d)",
    "quatre_chiffres": r"\d{4}(?!\d)",
    "nombre": r"\d+",
    "demi": r"(?:(?:le|les|en) |l')?(?:matin(?:ee)?s?|apres[ -]?midis?|aprem|apm|ap ?midi|soir(?:ee)?s?)\b",
    "a": r"(?:jusqu'a|jusqu'au|au?|a)(?![a-z'])",
    "et": r"(?:et|ou|puis|&)(?![a-z'])|&|,",
    "vide": r"(?:du|de|des|d'|le|les|l'|la|en|entre|pour|tous|toutes|ouverte?s?|ouverture|horaires?|permanences?"
    r"|non[ -]?stop|journee(?: continue)?|continu|heures?|toute|accueil(?: du)?(?: public)?|public)(?![a-z])|(?:d'|l')",
    "tiret": r"[\-_>]+",
    "barre": r"[/|]+",
    "plus": r"\+",
    "fin": r"[;\n.]",
    "deux_points": r":",
    "ouvre": r"[(\[]",
    "referme": r"[)\]]",
    "mot": r"[a-z'][a-z0-9'@.\-]{0,60}|\S",
    "espace": r" ",
}
_UN_MOT: Final = re.compile("|".join(f"(?P<{genre}>{motif})" for genre, motif in _GENRES.items()))
_CHIFFRES: Final = re.compile(r"\d{1,4}")
_TYPOGRAPHIE: Final = str.maketrans({
    "–": "-", "—": "-", "−": "-", "‑": "-", "→": "-", "’": "'", "‘": "'", "`": "'", "\t": " ", "*": " ", '"': " ",
    "«": " ", "»": " ", "\u00a0": " ", "\u202f": " ",
})  # fmt: skip


def plier(texte: str) -> str:
    """Fold a text letter by letter (accents, case, dashes, quotes): what is at a place stays at that place."""
    plie = []
    for c in texte.translate(_TYPOGRAPHIE):
        base = unicodedata.normalize("NFD", c)[0].lower() if not c.isascii() else c.lower()
        plie.append(base if len(base) == 1 else "?")
    return "".join(plie)


def lire_mots(texte: str) -> list[Mot] | None:
    """Cut a text into words; `None` when an hour in it can't be one (`25h`, `13:16:59.9`)."""
    mots: list[Mot] = []
    for trouve in _UN_MOT.finditer(plier(texte)):
        lus = _lire(trouve)
        if lus is None:
            return None
        mots.extend(lus)
    return mots


def _lire(trouve: re.Match[str]) -> list[Mot] | None:
    genre, ecrit = str(trouve.lastgroup), trouve[0]
    debut, fin = trouve.span()

    def mot(genre: Genre, valeur: int | str | tuple[int, ...] | None = None) -> list[Mot]:
        return [Mot(genre, debut, fin, valeur)]

    match genre:
        case "espace":
            return []
        case "jour":
            return mot("jour", _JOURS_DITS[ecrit[:2]])
        case "tous_les_jours":
            return [Mot("jour", debut, fin, 0), Mot("a", fin, fin), Mot("jour", fin, fin, 6)]
        case "rang":
            return mot("rang", _rang(ecrit))
        case "mois":
            return mot("mois", next(osm for debut_mois, osm in _MOIS.items() if ecrit.startswith(debut_mois)))
        case "parite":
            return mot("parite", "week 1-53/2" if "impaire" in ecrit else "week 2-52/2")
        case "rdv":
            return mot("rdv", "sur rendez-vous")
        case "sans_rdv":
            return mot("rdv", "avec ou sans rendez-vous" if ecrit.startswith("avec") else "sans rendez-vous")
        case "off":
            return mot("ferme")
        case "date" | "telephone":
            return mot("mot")
        case "nombre" if not 1 <= int(ecrit[:5]) <= 24:
            return None
        case "du_mois":
            return mot("vide")
        case "midi" | "heure" | "heure_coupee" | "heure_collee" | "quatre_chiffres" | "nombre" | "seconde":
            return _heures(genre, ecrit, debut, fin)
        case _:
            return [Mot(genre, debut, fin)]  # type: ignore[arg-type]


def _rang(ecrit: str) -> int:
    chiffre = next((c for c in ecrit if c.isdigit()), None)
    dernier = ecrit.split()[-1]
    if chiffre is not None:
        return int(chiffre)
    return -1 if dernier.startswith("dern") else _RANGS[dernier[0]]


def _heures(genre: str, ecrit: str, debut: int, fin: int) -> list[Mot] | None:
    """The hours of one run of digits: one, or two stuck together (`9h12h`)."""
    chiffres = [int(n) for n in _CHIFFRES.findall(ecrit)]
    match genre:
        case "midi":
            minutes = [720 if ecrit == "midi" else FIN_DE_JOURNEE]
        case "seconde":
            return None
        case "quatre_chiffres":
            minutes = [_minutes(chiffres[0] // 100, chiffres[0] % 100)]
        case "heure_collee" if 0 < chiffres[1] <= 24:
            minutes = [_minutes(chiffres[0]), _minutes(chiffres[1])]
        case _:
            minutes = [_minutes(chiffres[0], chiffres[1] if len(chiffres) > 1 else 0)]
    return None if -1 in minutes else [Mot("heure", debut, fin, m) for m in minutes]


def _minutes(heures: int, minutes: int = 0) -> int:
    return heures * 60 + minutes if heures < 24 and minutes < 60 else (FIN_DE_JOURNEE if heures == 24 else -1)
