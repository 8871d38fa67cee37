"""Reading of cells that hold several values."""

from __future__ import annotations

from typing import Any

import pytest
from annuaire.standard.nettoyage.listes import nettoyer_fermee, nettoyer_libre


def _lu(brut: Any, colonne: str) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    propre = nettoyer_fermee(brut, colonne)
    return dict(propre.valeur), [a.code for a in propre.anomalies]


@pytest.mark.parametrize(
    "brut",
    [
        "Jeunes|Femmes",
        "Jeunes;Femmes",
        "Jeunes; Femmes",
        "Jeunes, Femmes",
        "Jeunes / Femmes",
        "jeunes|FEMMES",
        ["Jeunes", "Femmes"],
        "Jeunes\nFemmes",
        "Jeunes|Femmes|Jeunes",
        "|Jeunes||Femmes|",
    ],
)
def test_les_valeurs_sont_separees_quel_que_soit_le_separateur(brut: Any) -> None:
    assert _lu(brut, "publics_specifiquement_adresses") == (
        {"publics_specifiquement_adresses": ("Jeunes", "Femmes")},
        [],
    )


def test_l_ordre_de_la_source_est_garde() -> None:
    assert _lu("Payant|Gratuit", "frais_a_charge")[0]["frais_a_charge"] == ("Payant", "Gratuit")


def test_une_valeur_qui_contient_une_barre_oblique_n_est_pas_coupee() -> None:
    assert _lu("Familles et/ou enfants", "publics_specifiquement_adresses") == (
        {"publics_specifiquement_adresses": ("Familles et/ou enfants",)},
        [],
    )


@pytest.mark.parametrize("brut", ["n'importe quoi|Gratuit", "Gratuit|n'importe quoi"])
def test_une_valeur_hors_liste_est_dite_meme_en_tete(brut: str) -> None:
    assert _lu(brut, "frais_a_charge") == ({"frais_a_charge": ("Gratuit",)}, ["valeur_hors_liste"])


def test_une_valeur_hors_liste_recoit_une_suggestion() -> None:
    (anomalie,) = nettoyer_fermee("Gratuite", "frais_a_charge").anomalies
    assert (anomalie.code, anomalie.suggestion) == ("valeur_hors_liste", "Gratuit")


def test_la_faute_de_la_description_des_services_est_lue() -> None:
    assert _lu("Comprehension du monde numérique", "services") == (
        {"services": ("Compréhension du monde numérique",)},
        [],
    )


@pytest.mark.parametrize("brut", ["Étapes numériques(La Poste)", "Étapes numériques (La Poste)"])
def test_le_motif_et_la_description_des_etapes_numeriques_sont_lus(brut: str) -> None:
    assert _lu(brut, "formations_labels") == ({"formations_labels": ("Étapes numériques (La Poste)",)}, [])


def test_deficience_visuelle_est_une_valeur_malgre_la_phrase_corrompue_du_schema() -> None:
    assert _lu("Déficience visuelle", "prise_en_charge_specifique")[1] == []


def test_les_deux_itinerances_ensemble_sont_permises() -> None:
    assert _lu("Itinérant|Fixe", "itinerance") == ({"itinerance": ("Itinérant", "Fixe")}, [])


def test_une_valeur_d_un_autre_champ_y_est_deplacee_et_le_dit() -> None:
    assert _lu("Jeunes|Illettrisme", "publics_specifiquement_adresses") == (
        {"publics_specifiquement_adresses": ("Jeunes",), "prise_en_charge_specifique": ("Illettrisme",)},
        ["valeur_deplacee"],
    )


def test_une_colonne_de_la_v0_se_repartit_sans_le_dire() -> None:
    assert _lu("CNFS;Fabriques de Territoire", "labels_nationaux") == (
        {
            "dispositif_programmes_nationaux": ("Conseillers numériques",),
            "formations_labels": ("Fabriques de Territoire",),
        },
        [],
    )


@pytest.mark.parametrize("brut", [None, "", "  ", []])
def test_une_cellule_vide_ne_dit_rien(brut: Any) -> None:
    assert _lu(brut, "services") == ({}, [])


@pytest.mark.parametrize("brut", ["|", ";;", "NEANT", "-"])
def test_une_cellule_qui_ne_dit_rien_est_dite(brut: str) -> None:
    assert _lu(brut, "services") == ({}, ["mention_sans_valeur"])


def test_une_liste_demesuree_est_bornee_et_dite() -> None:
    assert _lu("Jeunes|" * 1000, "publics_specifiquement_adresses") == (
        {"publics_specifiquement_adresses": ("Jeunes",)},
        ["liste_trop_longue"],
    )


def _libre(brut: Any, *, v0: bool = False) -> tuple[tuple[str, ...], list[str]]:
    propre = nettoyer_libre(brut, "autres_formations_labels", separateur_v0=v0)
    return propre.valeur, [a.code for a in propre.anomalies]


def test_une_liste_libre_de_la_v1_ne_se_coupe_qu_a_la_barre() -> None:
    assert _libre("QPV|Label A; B") == (("QPV", "Label A; B"), [])


def test_une_liste_libre_de_la_v0_se_coupe_au_point_virgule() -> None:
    assert _libre("QPV;Label A", v0=True) == (("QPV", "Label A"), [])


def test_une_barre_cachee_dans_une_entite_separe_aussi() -> None:
    assert _libre("A&#124;B")[0] == ("A", "B")


def test_une_liste_libre_accepte_un_tableau() -> None:
    assert _libre(["QPV", "FRR", None, "QPV"]) == (("QPV", "FRR"), [])


@pytest.mark.parametrize("brut", ["|".join(f"label {n}" for n in range(150)), [f"label {n}" for n in range(150)]])
def test_une_liste_libre_demesuree_est_bornee_et_dite(brut: Any) -> None:
    valeurs, codes = _libre(brut)
    assert len(valeurs) == 100
    assert codes == ["liste_trop_longue"]
