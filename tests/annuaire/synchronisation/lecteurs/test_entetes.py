from __future__ import annotations

from typing import Any

import pytest
from annuaire.synchronisation.lecteurs.entetes import nom_simple, nommer_colonnes, reperer_entetes

STANDARD = ["id", "nom", "commune", "code_postal", "adresse"]


@pytest.mark.parametrize(
    ("lignes", "rang"),
    [
        ([STANDARD, ["1", "Mairie", "Lyon", "69001", "1 place"]], 0),
        ([["Annuaire", "", "", "", ""], ["", "", "", "", ""], STANDARD], 2),
        ([["Annuaire 2026", "version 3", "", "", ""], ["id", "nom", "commune", "x", "y"]], 1),
        ([["Identifiant", "Intitulé", "Ville"], ["1", "Mairie", "Lyon"]], 0),
        ([["Titre", None, None], ["Identifiant", "Intitulé", "Ville"], [1, "Mairie", "Lyon"]], 1),
        ([[2024, 2025, 2026], ["Identifiant", "Intitulé", "Ville"]], 1),
        ([["01/01/2026", "12:00", "3,5"], ["Identifiant", "Intitulé", "Ville"]], 1),
        ([["Intitulé", "Ville", "2026"], ["Mairie", "Lyon", "oui"], ["Gare", "Caen", "non"]], 0),
        ([["Intitulé", "Ville", "Jour", "Jour"], ["Mairie", "Lyon", "lundi", "mardi"]], 0),
        ([["Nom complet"], ["Mairie"]], 0),
        ([["1", "2"], ["3", "4"]], 0),
        ([[None, ""], ["1", "2"]], 1),
        ([], 0),
    ],
)
def test_la_ligne_d_entetes_est_reperee(lignes: list[list[Any]], rang: int) -> None:
    assert reperer_entetes(lignes) == rang


@pytest.mark.parametrize("texte", ["Code postal", "code_postal", " CODE-POSTAL ", "Code  Postal :"])
def test_un_en_tete_se_reconnait_malgre_sa_forme(texte: str) -> None:
    assert nom_simple(texte) == "code_postal"


def test_un_nom_en_double_evite_aussi_les_noms_deja_numerotes() -> None:
    noms, doubles = nommer_colonnes(["nom", "nom (2)", "nom", None, ""], ligne=1)
    assert noms == ["nom", "nom (2)", "nom (3)"]
    assert doubles == ["nom"]


def test_les_blancs_d_un_en_tete_sont_reduits() -> None:
    assert nommer_colonnes([" nom \n du  lieu "], ligne=1)[0] == ["nom du lieu"]
