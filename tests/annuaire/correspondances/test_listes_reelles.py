"""The real lists that follow no standard, read by the mappings that the project publishes."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from annuaire.correspondances.document import Regroupement
from annuaire.correspondances.moteur.colonnes import Colonnes
from annuaire.correspondances.moteur.groupes import Groupe, Groupes
from annuaire.referentiels.rules import cle_de_lecture
from annuaire.standard.colonnes import reconnaitre_entetes
from annuaire.standard.lecture import lire
from annuaire.territoires.referentiel import Referentiel

from tests.fabriques.listes_reelles import (
    AUJOURD_HUI,
    LISTES,
    LigneLue,
    codes,
    grouper,
    lignes_brutes,
    lire_lignes,
    moteur,
)

pytestmark = pytest.mark.donnees_reelles

ACCEPTEES = 0.97
LIEUX_DE_HAUTE_VIENNE = 209
#: Cells whose text must come back whole, letters and digits, or be told.
_TEXTES = ("nom", "adresse", "complement_adresse", "structure_parente")
#: Fields of the mapping whose record has another name.
_NOMS = {"telephone": "telephones", "accessibilite_etat": "accessibilite"}
_CHIFFRES = re.compile(r"\D+")


@pytest.fixture(scope="module")
def lues(jeux: Path) -> dict[str, list[LigneLue]]:
    """Every list, read once."""
    return {nom: list(lire_lignes(nom, lignes_brutes(jeux, nom))) for nom in LISTES}


@pytest.mark.parametrize("nom", LISTES)
def test_presque_toutes_les_lignes_sont_acceptees(lues: dict[str, list[LigneLue]], nom: str) -> None:
    lignes = lues[nom]
    acceptees = sum(ligne.acceptee for ligne in lignes)
    print(f"\n{nom} : {acceptees} lignes acceptées sur {len(lignes)} ({acceptees / len(lignes):.2%})")
    print("   ", dict(codes(lignes).most_common()))
    assert acceptees >= ACCEPTEES * len(lignes)


@pytest.mark.parametrize("nom", LISTES)
def test_une_ligne_rejetee_dit_pourquoi(lues: dict[str, list[LigneLue]], nom: str) -> None:
    muettes = [
        rang
        for rang, ligne in enumerate(lues[nom])
        if ligne.lecture.normalise is None
        and not {"cle_absente", "nom_absent", "commune_introuvable"} & {a.code for a in ligne.lecture.anomalies}
    ]
    assert muettes == []


@pytest.mark.parametrize("nom", LISTES)
def test_une_case_lue_est_dans_la_fiche_ou_dans_le_rapport(lues: dict[str, list[LigneLue]], nom: str) -> None:
    cases, perdues = 0, Counter[str]()
    for ligne in lues[nom]:
        if ligne.lecture.normalise is None:
            continue
        dits = {a.champ for a in ligne.lecture.anomalies}
        fiche = ligne.lecture.normalise.en_dict()
        for champ, valeur in ligne.traduite.items():
            if champ == "id" or _vide(valeur):
                continue
            cases += 1
            if champ not in dits and not _tenue(champ, valeur, fiche):
                perdues[champ] += 1
    print(f"\n{nom} : {cases} cases lues, {sum(perdues.values())} perdues sans un mot {dict(perdues)}")
    assert not perdues


def _vide(valeur: Any) -> bool:
    return valeur is None or valeur == [] or (isinstance(valeur, str) and not valeur.strip())


def _tenue(champ: str, valeur: Any, fiche: dict[str, Any]) -> bool:
    """Tell whether a record keeps what a cell says."""
    gardee = fiche.get(_NOMS.get(champ, champ))
    if champ == "horaires":
        return bool(gardee or fiche["horaires_brut"])
    if gardee is None or gardee == []:
        return False
    if champ in _TEXTES:
        return cle_de_lecture(str(valeur)) == cle_de_lecture(str(gardee))
    if champ == "telephone":
        textes = [str(v) for v in valeur] if isinstance(valeur, list) else [str(valeur)]
        return all(_CHIFFRES.sub("", t)[-4:] in "".join(map(str, gardee)) for t in textes if any(map(str.isdigit, t)))
    if champ in ("courriels", "site_web"):
        textes = [str(v) for v in valeur] if isinstance(valeur, list) else [str(valeur)]
        return len(gardee) >= len([t for t in textes if t.strip()])
    return True


def test_une_case_perdue_est_vue(lues: dict[str, list[LigneLue]]) -> None:
    ligne = next(x for x in lues["bfc"] if x.traduite.get("telephone") and x.lecture.normalise)
    assert ligne.lecture.normalise is not None
    fiche = {**ligne.lecture.normalise.en_dict(), "telephones": [], "nom": "Autre"}
    assert not _tenue("telephone", ligne.traduite["telephone"], fiche)
    assert not _tenue("nom", ligne.traduite["nom"], fiche)


def test_les_lignes_de_haute_vienne_sont_des_lieux(lues: dict[str, list[LigneLue]]) -> None:
    lieux = grouper("haute-vienne", lues["haute-vienne"])
    uns = sum(groupe.lignes for groupe in lieux)
    print(f"\nhaute-vienne : {uns} lignes, {len(lieux)} lieux")
    assert abs(len(lieux) - LIEUX_DE_HAUTE_VIENNE) <= 0.02 * LIEUX_DE_HAUTE_VIENNE
    dites = {a.code for groupe in lieux if groupe.lignes > 1 for a in groupe.anomalies()}
    assert "lignes_regroupees" in dites


@pytest.mark.parametrize("nom", LISTES)
def test_chaque_colonne_remplie_est_lue_ou_laissee_sciemment(jeux: Path, nom: str) -> None:
    suivi = Colonnes.pour(moteur(nom).document)
    for brute in lignes_brutes(jeux, nom):
        suivi.suivre(brute)
    assert suivi.manquantes() == []
    assert suivi._non_lues == {}


def test_les_lignes_d_un_meme_lieu_des_conseillers_numeriques_sont_groupees_pas_rejetees(jeux: Path) -> None:
    brutes: list[dict[str, Any]] = json.loads((jeux / "standard" / "cnfs-v0.json").read_text("utf-8"))
    entetes = reconnaitre_entetes(list(dict.fromkeys(colonne for brute in brutes for colonne in brute)))
    referentiel = Referentiel.charger()
    groupes = Groupes(Regroupement(par=("nom", "adresse", "commune")))
    rejetees = 0
    for rang, brute in enumerate(brutes):
        lue = lire(brute, entetes=entetes, referentiel=referentiel, aujourd_hui=AUJOURD_HUI)
        if lue.normalise is None:
            rejetees += 1
            continue
        groupes.ajouter(Groupe(rang, None, lue.cle, lue.normalise, {}, ["{}"], {}, "maj"))
    plusieurs = [groupe for groupe in groupes if groupe.lignes > 1]
    print(
        f"\nconseillers numériques : {len(brutes)} lignes, {rejetees} rejetées, {len(list(groupes))} lieux, "
        f"{sum(g.lignes for g in plusieurs)} lignes en {len(plusieurs)} groupes"
    )
    assert rejetees == 0
    assert len(plusieurs) > 100
    assert all(groupe.anomalies()[0].code == "lignes_regroupees" for groupe in plusieurs)
