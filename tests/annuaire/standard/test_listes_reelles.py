"""The real lists, read whole: the anomalies of each are those that were reviewed by hand.

`attendus/` holds the counts by code. A change of count is read again on the list before the file changes with it:
`MAILLAGE_ATTENDUS=ecrire` writes them afresh.
"""

from __future__ import annotations

import csv
import json
import os
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from annuaire.standard.colonnes import reconnaitre_entetes
from annuaire.standard.ecriture import ligne_standard
from annuaire.standard.lecture import Lecture, lire
from annuaire.territoires.referentiel import Referentiel

ATTENDUS = Path(__file__).parent / "attendus"
AUJOURD_HUI = date(2026, 11, 24)
LISTES = {
    "cnfs-v0.json": 4930,
    "hub-du-sud-v0.json": 792,
    "hub-du-sud-v1-partiel.json": 646,
    "charente-v0.json": 188,
    "charente-v1-partiel.json": 188,
    "hinaura-v0.json": 687,
    "nouvelle-caledonie-v1-partiel.json": 90,
    "exemple-valide-v1.csv": 1,
}

pytestmark = pytest.mark.donnees_reelles


def _lignes(fichier: Path) -> list[dict[str, Any]]:
    if fichier.suffix == ".json":
        lignes: list[dict[str, Any]] = json.loads(fichier.read_text("utf-8"))
        return lignes
    with fichier.open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


def _lire(lignes: list[dict[str, Any]]) -> list[Lecture]:
    entetes = reconnaitre_entetes(list(dict.fromkeys(colonne for ligne in lignes for colonne in ligne)))
    referentiel = Referentiel.charger()
    return [lire(ligne, entetes=entetes, referentiel=referentiel, aujourd_hui=AUJOURD_HUI) for ligne in lignes]


@pytest.mark.parametrize("nom", LISTES)
def test_les_anomalies_d_une_liste_sont_celles_qui_ont_ete_relues(jeux: Path, nom: str) -> None:
    lignes = _lignes(jeux / "standard" / nom)
    debut = time.process_time()
    lectures = _lire(lignes)
    duree = time.process_time() - debut
    codes = Counter(f"{a.code} {a.champ}" for lecture in lectures for a in lecture.anomalies)
    compte = {
        "lignes": len(lignes),
        "rejetees": sum(lecture.normalise is None for lecture in lectures),
        "anomalies": dict(sorted(codes.items())),
    }
    print(f"\n{nom} : {len(lignes)} lignes, {len(lignes) / duree:.0f} par seconde, {compte['anomalies']}")
    attendu = ATTENDUS / f"{Path(nom).stem}.json"
    if os.environ.get("MAILLAGE_ATTENDUS") == "ecrire":
        attendu.write_text(json.dumps(compte, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert len(lignes) == LISTES[nom]
    assert compte == json.loads(attendu.read_text("utf-8"))


@pytest.mark.parametrize("nom", LISTES)
def test_une_liste_ecrite_puis_relue_est_la_meme(jeux: Path, nom: str) -> None:
    lues = [lecture for lecture in _lire(_lignes(jeux / "standard" / nom)) if lecture.normalise]
    relues = _lire([ligne_standard({"id": lu.cle, **lu.normalise.en_dict()}) for lu in lues if lu.normalise])
    assert [(r.cle, r.normalise) for r in relues] == [(lu.cle, lu.normalise) for lu in lues]


def test_l_exemple_du_standard_est_lu_en_entier(jeux: Path) -> None:
    (lecture,) = _lire(_lignes(jeux / "standard" / "exemple-valide-v1.csv"))
    assert lecture.normalise is not None
    vides = {nom for nom, valeur in lecture.normalise.en_dict().items() if valeur in (None, [])}
    assert vides == {"horaires_brut"}
