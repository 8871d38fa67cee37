"""The list of Hinaura as its Hub publishes it, against ours read from the same export: each difference has its class.

The published list is in the standard v0; its `id` is the rank of the row of the export. Counts only are written here
and in the guide « Listes réelles »: no difference is shown with its row.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from annuaire.referentiels.rules import cle_de_lecture
from annuaire.territoires.noms import lire_nom
from annuaire.territoires.referentiel import Referentiel
from annuaire.territoires.resolution import resoudre
from opening_hours import OpeningHours, validate

from tests.fabriques.listes_reelles import LigneLue, lignes_brutes, lire_lignes
from tests.fabriques.maillage import RACINE

pytestmark = pytest.mark.donnees_reelles

#: Field → least part of the common rows that must agree.
ACCORDS = {"nom": 0.99, "commune": 0.99, "code_postal": 0.99, "telephone": 0.95, "horaires": 0.90}
EUX, DEFENDABLE = "ils se trompent", "les deux se défendent"
_REGLES_DE_FIN = re.compile(r"(?:; )?(?:SH|PH) off")
_SEMAINES = (datetime.fromisoformat("2026-11-09"), datetime.fromisoformat("2026-11-23"))

Classe = tuple[str, str, str]
#: What was reviewed: (field, class, reason) → differences.
RELUES: dict[Classe, int] = {
    ("nom", EUX, "code HTML laissé dans le nom"): 2,
    ("code_postal", DEFENDABLE, "ils le déduisent de la commune"): 1,
    ("telephone", EUX, "deux numéros dans la case, aucun gardé"): 4,
    ("telephone", EUX, "numéro court remplacé par un autre"): 2,
    ("telephone", EUX, "numéro perdu"): 1,
    ("telephone", DEFENDABLE, "autre numéro"): 1,
    ("horaires", EUX, "condition perdue : semaines, rang dans le mois, rendez-vous"): 17,
    ("horaires", EUX, "« sur rendez-vous » ou alternance perdus"): 8,
    ("horaires", EUX, "leurs règles s'annulent l'une l'autre"): 1,
    ("horaires", DEFENDABLE, "une case mal écrite : ils devinent, nous le disons"): 6,
}


@pytest.fixture(scope="module")
def paires(jeux: Path) -> list[tuple[dict[str, Any], LigneLue]]:
    """Each row that the Hub publishes, with ours."""
    nos_lignes = list(lire_lignes("hinaura", lignes_brutes(jeux, "hinaura")))
    publiees = json.loads((jeux / "standard" / "hinaura-v0.json").read_text("utf-8"))
    return [(publiee, nos_lignes[int(publiee["id"])]) for publiee in publiees]


def test_nos_fiches_et_celles_du_hub_disent_la_meme_chose(paires: list[tuple[dict[str, Any], LigneLue]]) -> None:
    accords: Counter[str] = Counter()
    classes: Counter[Classe] = Counter()
    for publiee, ligne in paires:
        for champ, classe in _comparer(publiee, ligne).items():
            accords[champ] += classe is None
            if classe is not None:
                classes[(champ, *classe)] += 1
    for champ in ACCORDS:
        print(f"\n{champ} : {accords[champ]} sur {len(paires)} ({accords[champ] / len(paires):.2%})")
    memes = sum(
        lire_nom(publiee["commune"]).plie == lire_nom(ligne.lecture.normalise.commune).plie
        for publiee, ligne in paires
        if ligne.lecture.normalise
    )
    print(f"\ncommune écrite pareil : {memes} sur {len(paires)}")
    for (champ, qui, raison), combien in sorted(classes.items()):
        print(f"   {champ} : {qui} : {raison} : {combien}")
    assert all(accords[champ] >= part * len(paires) for champ, part in ACCORDS.items())
    assert dict(classes) == RELUES


def _comparer(publiee: dict[str, Any], ligne: LigneLue) -> dict[str, tuple[str, str] | None]:
    """Compare one row, field by field: `None` where both agree, else the class of the difference and its reason."""
    lieu = ligne.lecture.normalise
    assert lieu is not None
    codes = {a.code for a in ligne.lecture.anomalies}
    return {
        "nom": _si(cle_de_lecture(publiee["nom"]) != cle_de_lecture(lieu.nom), EUX, "code HTML laissé dans le nom"),
        "commune": _si(_insee(publiee, ligne) != lieu.code_insee, DEFENDABLE, "autre commune"),
        "code_postal": _si(publiee["code_postal"] != lieu.code_postal, DEFENDABLE, "ils le déduisent de la commune"),
        "telephone": _telephone(publiee.get("telephone"), lieu.telephones),
        "horaires": _horaires(publiee.get("horaires"), lieu.horaires, codes),
    }


def _si(differe: bool, classe: str, raison: str) -> tuple[str, str] | None:
    return (classe, raison) if differe else None


def _insee(publiee: dict[str, Any], ligne: LigneLue) -> str | None:
    """INSEE code of the commune that the Hub names: old communes count for those that they joined."""
    lue = resoudre(
        Referentiel.charger(),
        nom=publiee["commune"],
        code_postal=publiee["code_postal"],
        code_insee=None,
        latitude=publiee["latitude"],
        longitude=publiee["longitude"],
    )
    return lue.arrondissement or (lue.commune.code if lue.commune else None)


def _telephone(publie: str | None, notres: tuple[str, ...]) -> tuple[str, str] | None:
    if (publie is None and not notres) or publie in notres[:1]:
        return None
    if publie is None:
        return (EUX, "numéro perdu" if len(notres) == 1 else "deux numéros dans la case, aucun gardé")
    if notres and len(notres[0]) <= 6:
        return (EUX, "numéro court remplacé par un autre")
    return (DEFENDABLE, "autre numéro")


def _horaires(publies: str | None, notres: str | None, codes: set[str]) -> tuple[str, str] | None:
    if _ouvertures(publies) == _ouvertures(notres):
        return None
    if {"jour_illisible", "horaire_illisible"} & codes:
        return (DEFENDABLE, "une case mal écrite : ils devinent, nous le disons")
    if publies is None:
        return (EUX, "« sur rendez-vous » ou alternance perdus")
    if notres is not None and re.search(r'week|\[|unknown|"', notres):
        return (EUX, "condition perdue : semaines, rang dans le mois, rendez-vous")
    if "off" in publies or ";" in publies:
        return (EUX, "leurs règles s'annulent l'une l'autre")
    return (DEFENDABLE, "autres heures")


def _ouvertures(horaires: str | None) -> tuple[Any, ...]:
    """The openings of two ordinary weeks, those on condition included."""
    if horaires is None:
        return ()
    sans_fin = _REGLES_DE_FIN.sub("", horaires)
    assert validate(sans_fin)
    ouvertures: list[tuple[Any, Any]] = []
    for debut, fin, etat, _ in OpeningHours(sans_fin).intervals(*_SEMAINES):
        if "losed" in str(etat):
            continue
        if ouvertures and ouvertures[-1][1] == debut:
            ouvertures[-1] = (ouvertures[-1][0], fin)
        else:
            ouvertures.append((debut, fin))
    return tuple(ouvertures)


def test_le_guide_donne_les_memes_comptes() -> None:
    guide = (RACINE / "docs" / "guides" / "listes-reelles.md").read_text("utf-8")
    for (champ, classe, raison), combien in RELUES.items():
        assert f"| {champ} | {classe} | {raison} | {combien} |" in guide
