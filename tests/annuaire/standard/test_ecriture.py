"""Writing of a place as a row of the standard."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from annuaire.standard.colonnes import COLONNES
from annuaire.standard.ecriture import ligne_standard, pertes_strictes

LIEU = {
    "id": "0192f000-0000-7000-8000-000000000001",
    "nom": "Espace numérique",
    "latitude": 48.85,
    "longitude": -0.00002,
    "telephones": ["+33199000001", "3919"],
    "courriels": ["a@exemple.fr", "b@exemple.fr"],
    "horaires": None,
    "horaires_brut": "sur rendez-vous",
    "formations_labels": ["Étapes numériques (La Poste)", "ORDI 3.0"],
    "date_maj": None,
    "services": [],
}


def test_les_trente_deux_colonnes_sont_ecrites_dans_l_ordre() -> None:
    assert tuple(ligne_standard(LIEU)) == COLONNES


def test_ce_qui_est_inconnu_est_ecrit_vide() -> None:
    ligne = ligne_standard(LIEU)
    assert (ligne["date_maj"], ligne["services"], ligne["pivot"]) == ("", "", "")


def test_les_valeurs_multiples_sont_jointes_par_une_barre() -> None:
    ligne = ligne_standard(LIEU)
    assert ligne["courriels"] == "a@exemple.fr|b@exemple.fr"
    assert ligne["telephone"] == "+33199000001|3919"


def test_un_nombre_s_ecrit_sans_exposant() -> None:
    ligne = ligne_standard(LIEU)
    assert (ligne["latitude"], ligne["longitude"]) == ("48.85", "-0.00002")


def test_un_horaire_illisible_revient_comme_il_etait_ecrit() -> None:
    assert ligne_standard(LIEU)["horaires"] == "sur rendez-vous"


def test_l_ecriture_stricte_obeit_aux_motifs_du_schema() -> None:
    ligne = ligne_standard(LIEU, strict=True)
    assert ligne["telephone"] == "+33199000001"
    assert ligne["horaires"] == ""
    assert ligne["formations_labels"] == "Étapes numériques(La Poste)|ORDI 3.0"


def test_les_pertes_de_l_ecriture_stricte_sont_nommees() -> None:
    assert pertes_strictes(LIEU) == ("telephone", "horaires")


def test_un_numero_hors_du_motif_n_est_pas_ecrit_en_strict() -> None:
    assert ligne_standard({"telephones": ["3919"]}, strict=True)["telephone"] == ""


def test_un_document_public_a_un_seul_telephone_s_ecrit_aussi() -> None:
    assert ligne_standard({"telephone": "+33199000001"})["telephone"] == "+33199000001"


@pytest.mark.donnees_reelles
def test_l_ecriture_stricte_passe_le_schema_publie(jeux: Path) -> None:
    schema = json.loads((jeux / "standard" / "schema-v1.0.2.json").read_text("utf-8"))
    ligne = ligne_standard({**LIEU, "typologie": ["BIB"], "frais_a_charge": ["Gratuit", "Payant"]}, strict=True)
    for champ in schema["fields"]:
        motif, valeur = champ.get("constraints", {}).get("pattern"), ligne[champ["name"]]
        assert not motif or not valeur or re.search(motif, valeur), champ["name"]
