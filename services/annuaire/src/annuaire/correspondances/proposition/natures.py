"""What a cell looks like, whatever its header: a phone, an address of the web, a date, an hour. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from stdnum.fr import siret

from annuaire.referentiels.rules import sans_accents

_NON_CHIFFRES: Final = re.compile(r"\D")
_TELEPHONE: Final = re.compile(r"[+(]?[\d\s.()/-]{6,25}\d(?:\s*(?:[/;,|]|ou|et|-).*)?", re.ASCII | re.DOTALL)
_COURRIEL: Final = re.compile(r"[^\s@]{1,64}@[^\s@.]{1,64}\.[^\s@]{1,200}")
_URL: Final = re.compile(
    r"(?:https?:/?/?|www\.)\S*|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:fr|com|org|net|eu|info|nc|re|gouv|bzh)(?:/\S*)?", re.I
)
_CARTE: Final = re.compile(
    r"google\.[a-z]+/maps|openstreetmap\.org|\.(?:jpe?g|png|gif|svg|pdf)$|facebook\.com|instagram|twitter\.com|linkedin",
    re.I,
)
_ACCESLIBRE: Final = re.compile(r"https?://(?:www\.)?acceslibre\.", re.I)
_CODE: Final = re.compile(r"(?:\d{4,5}|2[AB]\d{3})(?:\.0)?", re.ASCII | re.I)
_NOMBRE: Final = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{0,20})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_SCIENTIFIQUE: Final = re.compile(r"\d[.,]\d{1,12}[eE]\+?1[34]", re.ASCII)
_RNA: Final = re.compile(r"W\d{9}", re.I)
_DATE_ISO: Final = re.compile(r"(?:19|20)\d\d[-/]\d{1,2}[-/]\d{1,2}(?:[T ].{0,20})?", re.ASCII)
_DATE: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](?:\d{4}|\d{2})(?:[ T].{0,20})?", re.ASCII)
_DATE_DITE: Final = re.compile(r"(?:\w{1,10} )?\d{1,2}(?:er)? [a-zéû]{3,9}\.? \d{4}", re.I)
_EPOQUE: Final = re.compile(r"1\d{9}(?:\d{3})?", re.ASCII)
_HEURE: Final = re.compile(r"(?<![\d:.])\d{1,2}\s?(?:[hH](?:\d{2})?|:\d{2})(?!\w)")
_FERME: Final = re.compile(r"ferm|sur r(?:dv|endez)|^[-x/]$|^(?:non|neant|na)$|closed", re.I)
_POINT: Final = re.compile(
    r"[\[({]?\s{0,3}-?\d{1,3}[.,]\d{1,20}\s{0,3}[,;| ]\s{0,3}-?\d{1,3}[.,]\d{1,20}\s{0,3}[\])}]?"
    r"|POINT\s?Z?\s?\(.{3,60}\)",
    re.I,
)
_HTML: Final = re.compile(r"<[a-z/][^>]{0,200}>", re.I)
_VOIE: Final = re.compile(
    r"\b(?:rue|avenue|av|bd|bld|boulevard|place|pl|chemin|che|route|rte|allees?|impasse|imp|quai|cours|square|"
    r"passage|sentier|faubourg|fbg|esplanade|promenade|rond-point|lieu[- ]dit|zac|za|zi|bourg|hameau|villa|residence|"
    r"parvis|lotissement|montee|traverse|ruelle|mail|voie|cite|centre bourg|bp)\b"
)
_VOIE_NUMEROTEE: Final = re.compile(r"\d{1,4}\s?(?:bis|ter|quater|[a-d])?[ ,]", re.I)
OUI: Final = frozenset({"oui", "o", "yes", "y", "true", "vrai", "1", "x", "ok", "v", "1.0", "on", "✓", "✔"})
NON: Final = frozenset({"non", "n", "no", "false", "faux", "0", "-", "0.0", "off", "aucun"})


def natures(texte: str) -> frozenset[str]:
    """Return the natures of a cell that is not empty."""
    plie = sans_accents(texte)
    vues = {nom for nom, motif in _MOTIFS.items() if motif.fullmatch(texte)}
    if "telephone" in vues and not _est_un_telephone(texte):
        vues.discard("telephone")
    if _CARTE.search(texte):
        vues.discard("url")
        vues.add("carte")
    if _COURRIEL.search(texte):
        vues.add("courriel")
        vues.discard("url")
    if _ACCESLIBRE.match(texte):
        vues.add("acceslibre")
    if _URL.match(texte) and "carte" not in vues and "courriel" not in vues:
        vues.add("url")
    if _VOIE.search(plie) or _VOIE_NUMEROTEE.match(texte):
        vues.add("voie")
    if _HEURE.search(texte) or _FERME.search(plie):
        vues.add("heure")
    if _HEURE.search(texte):
        vues.add("heure_ecrite")
    if plie in OUI or plie in NON or plie.startswith(("oui", "non ", "non,")):
        vues.add("oui_non")
    if _HTML.search(texte):
        vues.add("html")
    if len(texte) >= 14 and _est_un_siret(texte):
        vues.add("siret")
    if "date" in vues:
        vues |= _ordre_de_la_date(texte)
    if " " in texte.strip():
        vues.add("mots")
    if any(c.isalpha() for c in texte):
        vues.add("lettres")
    return frozenset(vues)


_MOTIFS: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "telephone": _TELEPHONE,
        "url": _URL,
        "code": _CODE,
        "nombre": _NOMBRE,
        "siret_abime": _SCIENTIFIQUE,
        "rna": _RNA,
        "date_iso": _DATE_ISO,
        "date": _DATE,
        "date_dite": _DATE_DITE,
        "epoque": _EPOQUE,
        "point": _POINT,
    }
)


def _est_un_telephone(texte: str) -> bool:
    premier = re.split(r"[/;,|]| ou | et | - ", texte, maxsplit=1)[0]
    chiffres = _NON_CHIFFRES.sub("", premier)
    if premier.strip().startswith(("+", "00")):
        return 9 <= len(chiffres) <= 15
    return len(chiffres) == 10 and chiffres[0] == "0"


def _est_un_siret(texte: str) -> bool:
    chiffres = re.sub(r"[\s.]", "", texte)
    return len(chiffres) == 14 and chiffres.isdigit() and (siret.is_valid(chiffres) or chiffres.startswith("356000000"))


def _ordre_de_la_date(texte: str) -> set[str]:
    trouve = _DATE.fullmatch(texte)
    if trouve is None:
        return set()
    premier, second = int(trouve.group(1)), int(trouve.group(2))
    if premier > 12 >= second:
        return {"jour_devant"}
    return {"mois_devant"} if second > 12 >= premier else set()
