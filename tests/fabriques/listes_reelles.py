"""The real lists that follow no standard, read whole by their mapping: records, reports, groups."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from annuaire.correspondances.document import lire_texte
from annuaire.correspondances.moteur import Moteur, compiler
from annuaire.correspondances.moteur.groupes import Groupe, Groupes
from annuaire.standard.lecture import Lecture, lire
from annuaire.territoires.referentiel import Referentiel

from tests.fabriques.maillage import RACINE

AUJOURD_HUI = date(2026, 11, 24)
CORRESPONDANCES = RACINE / "services" / "annuaire" / "correspondances"
#: Name of the mapping → file of the list.
LISTES = {
    "hinaura": "hinaura-yeswiki.json",
    "france-services": "france-services-20221201.csv",
    "bfc": "bfc-ternum.csv",
    "haute-vienne": "haute-vienne.json",
    "le-havre": "le-havre.json",
    "nouvelle-caledonie": "nouvelle-caledonie.json",
}


@dataclass(frozen=True, slots=True)
class LigneLue:
    """A row: as written, in the terms of the standard, as a record."""

    brute: dict[str, Any]
    traduite: dict[str, Any]
    lecture: Lecture

    @property
    def acceptee(self) -> bool:
        """Whether the record has a name, an INSEE commune, and an address or a point."""
        lieu = self.lecture.normalise
        return lieu is not None and bool(lieu.code_insee) and (bool(lieu.adresse) or lieu.latitude is not None)


@cache
def moteur(nom: str) -> Moteur:
    """The compiled mapping of a list."""
    return compiler(lire_texte((CORRESPONDANCES / f"{nom}.yaml").read_bytes()))


def lignes_brutes(jeux: Path, nom: str) -> list[dict[str, Any]]:
    """The rows of a list as written."""
    fichier = jeux / "brut" / LISTES[nom]
    if fichier.suffix == ".csv":
        with fichier.open(encoding="utf-8-sig", newline="") as flux:
            return list(csv.DictReader(flux))
    lignes: list[dict[str, Any]] = json.loads(fichier.read_text("utf-8"))
    return lignes


def lire_lignes(nom: str, brutes: list[dict[str, Any]]) -> Iterator[LigneLue]:
    """Read rows by the mapping of their list; a key that is derived is left to the number of the row."""
    machine, referentiel = moteur(nom), Referentiel.charger()
    for rang, brute in enumerate(brutes):
        traduite = machine.traduire(brute)
        valeurs = {**traduite.valeurs, "id": traduite.valeurs.get("id") or f"ligne {rang}"}
        lecture = lire(valeurs, entetes=machine.entetes, referentiel=referentiel, aujourd_hui=AUJOURD_HUI)
        yield LigneLue(brute, traduite.valeurs, replace(lecture, anomalies=(*traduite.anomalies, *lecture.anomalies)))


def grouper(nom: str, lues: list[LigneLue]) -> list[Groupe]:
    """Put together the rows of one place, as the mapping asks."""
    regroupement = moteur(nom).document.regrouper
    assert regroupement is not None
    groupes = Groupes(regroupement)
    for rang, lue in enumerate(lues):
        if lue.lecture.normalise is not None:
            groupes.ajouter(Groupe(rang, None, lue.lecture.cle, lue.lecture.normalise, {}, ["{}"], {}, "maj"))
    return list(groupes)


def codes(lues: list[LigneLue]) -> Counter[str]:
    """Count what was told, by code and field."""
    return Counter(f"{a.code} {a.champ}" for lue in lues for a in lue.lecture.anomalies)
