"""What each anomaly weighs and how it is said: a closed, committed, versioned table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal, TypedDict, cast

from annuaire.lieux.confidentialite import masquer

from .anomalies import Anomalie

Gravite = Literal["erreur", "avertissement", "info"]
Effet = Literal["ligne_rejetee", "cellule_videe", "corrigee", "signalee"]
Action = Literal["rejetee", "corrigee", "ignoree"]

#: What the row report says was done (`signalee` changes nothing).
ACTIONS: Final[Mapping[Effet, Action]] = {
    "ligne_rejetee": "rejetee",
    "cellule_videe": "corrigee",
    "corrigee": "corrigee",
    "signalee": "ignoree",
}


@dataclass(frozen=True, slots=True)
class Severite:
    """Weight of a code: `severite` for who reads, `effet` on the row or the cell, `message` in French."""

    code: str
    severite: Gravite
    effet: Effet
    message: str


def severites() -> Mapping[str, Severite]:
    """Give the whole table by code; the same object for the whole process."""
    return _charger()[1]


def version() -> str:
    """Give the version of the table."""
    return _charger()[0]


def severite(code: str) -> Severite:
    """Give the weight of a code. Raises `KeyError` for a code outside the table."""
    return severites()[code]


def message(anomalie: Anomalie) -> str:
    """Say an anomaly in French, with its field, its value and, where there is one, what would be right."""
    regle = severite(anomalie.code)
    # str.replace and not str.format: a value read in a file may hold braces.
    morceaux = {
        "{champ}": anomalie.champ or "",
        "{valeur}": anomalie.valeur or "rien",
        "{suggestion}": anomalie.suggestion or "",
        "{corrige}": anomalie.corrige or "rien",
    }
    texte = "".join(morceaux.get(m, m) for m in _morceler(regle.message))
    if anomalie.suggestion and "{suggestion}" not in regle.message:
        texte = f"{texte} Vouliez-vous dire « {anomalie.suggestion} » ?"
    return texte


@cache
def _morceler(modele: str) -> tuple[str, ...]:
    morceaux: list[str] = []
    for part in modele.split("{"):
        nom, accolade, suite = part.partition("}")
        morceaux.extend(("{" + nom + "}", suite) if accolade else (part,))
    return tuple(morceaux)


class LigneDeRapport(TypedDict):
    """What the row report says of one anomaly."""

    champ: str | None
    code: str
    severite: Gravite
    valeur: str | None
    message: str
    suggestion: str | None
    action: Action


def rapporter(anomalie: Anomalie) -> LigneDeRapport:
    """Write an anomaly for the row report, personal data masked (`masquer`)."""

    def cacher(texte: str | None) -> str | None:
        return None if texte is None else masquer(texte, anomalie.champ)

    masquee = replace(
        anomalie,
        valeur=cacher(anomalie.valeur),
        suggestion=cacher(anomalie.suggestion),
        corrige=cacher(anomalie.corrige),
    )
    regle = severite(anomalie.code)
    return {
        "champ": masquee.champ,
        "code": masquee.code,
        "severite": regle.severite,
        "valeur": masquee.valeur,
        "message": message(masquee),
        "suggestion": masquee.suggestion,
        "action": ACTIONS[regle.effet],
    }


def rejette(anomalie: Anomalie) -> bool:
    """Tell whether an anomaly rejects its row."""
    return severite(anomalie.code).effet == "ligne_rejetee"


@cache
def _charger() -> tuple[str, Mapping[str, Severite]]:
    donnees = json.loads(files(__package__).joinpath("severites.json").read_text("utf-8"))
    table = {
        code: Severite(code, cast(Gravite, r["severite"]), cast(Effet, r["effet"]), r["message"])
        for code, r in donnees["codes"].items()
    }
    return donnees["version"], MappingProxyType(table)
