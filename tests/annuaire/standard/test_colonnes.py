"""Recognition of the headers of a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from annuaire.standard.colonnes import COLONNES, MULTIVALUEES, reconnaitre_entetes
from annuaire.standard.errors import FichierHorsStandard


def test_le_standard_a_trente_deux_colonnes() -> None:
    assert len(COLONNES) == len(set(COLONNES)) == 32
    assert set(COLONNES) >= MULTIVALUEES


@pytest.mark.parametrize(
    ("colonne", "champ"),
    [
        ("courriel", "courriels"),
        ("conditions_acces", "conditions_acces"),
        ("conditions_access", "conditions_acces"),
        ("labels_nationaux", "labels_nationaux"),
        ("labels_autres", "autres_formations_labels"),
        ("publics_accueillis", "publics_accueillis"),
        ("accessibilite", "fiche_acces_libre"),
        ("telephones", "telephone"),
        ("Code postal", "code_postal"),
        ("CODE-INSEE", "code_insee"),
        (" Téléphone ", "telephone"),
        ("\ufeffid", "id"),
        ("Site Web", "site_web"),
        ("Date_MAJ", "date_maj"),
    ],
)
def test_une_colonne_est_reconnue_sous_ses_autres_noms(colonne: str, champ: str) -> None:
    assert reconnaitre_entetes(["nom", "commune", "adresse", colonne]).reconnues[colonne] == champ


def test_une_colonne_inconnue_est_dite_et_ne_refuse_pas_le_fichier() -> None:
    entetes = reconnaitre_entetes(["id", "nom", "commune", "météo du jour", ""])
    assert entetes.inconnues == ("météo du jour",)


def test_les_colonnes_que_la_v1_a_supprimees_sont_mises_a_part() -> None:
    entetes = reconnaitre_entetes(["id", "nom", "commune", "cle_ban", "aidants", "structureId"])
    assert entetes.abandonnees == ("cle_ban", "aidants", "structureId")
    assert entetes.inconnues == ()


@pytest.mark.parametrize(
    ("colonnes", "version"),
    [
        (["id", "nom", "commune", "courriels"], "v1"),
        (["id", "nom", "commune"], "v1"),
        (["id", "nom", "commune", "courriel"], "v0"),
        (["id", "nom", "commune", "cle_ban"], "v0"),
        (["id", "nom", "courriel", "frais_a_charge"], "mixte"),
    ],
)
def test_la_version_se_lit_aux_noms_des_colonnes(colonnes: list[str], version: str) -> None:
    assert reconnaitre_entetes(colonnes).version == version


def test_un_fichier_qui_n_a_que_deux_colonnes_du_standard_est_refuse() -> None:
    with pytest.raises(FichierHorsStandard, match="« prénom »") as refus:
        reconnaitre_entetes(["prénom", "nom", "commune"])
    assert refus.value.statut == 422
    assert refus.value.extra["colonnes_lues"] == ["prénom", "nom", "commune"]


def test_deux_noms_de_la_meme_colonne_ne_comptent_qu_une_fois() -> None:
    with pytest.raises(FichierHorsStandard):
        reconnaitre_entetes(["courriel", "courriels", "Courriels", "nom"])


def test_un_fichier_sans_colonne_est_refuse_avec_un_message() -> None:
    with pytest.raises(FichierHorsStandard, match="Colonnes lues : aucune"):
        reconnaitre_entetes([])


@pytest.mark.donnees_reelles
def test_les_colonnes_sont_celles_du_schema_publie(jeux: Path) -> None:
    schema = json.loads((jeux / "standard" / "schema-v1.0.2.json").read_text("utf-8"))
    assert [champ["name"] for champ in schema["fields"]] == list(COLONNES)


@pytest.mark.donnees_reelles
def test_toutes_les_colonnes_de_la_v0_sont_connues(jeux: Path) -> None:
    schema = json.loads((jeux / "standard" / "schema-v0.1.0.json").read_text("utf-8"))
    assert reconnaitre_entetes([champ["name"] for champ in schema["fields"]]).inconnues == ()
