"""Reading of street lines and postal codes."""

from __future__ import annotations

from typing import Any

import pytest
from annuaire.standard.nettoyage.adresses import nettoyer_adresse, nettoyer_code_postal


def _adresse(brut: Any, **contexte: str) -> tuple[str | None, str | None, str | None, list[str]]:
    lue = nettoyer_adresse(brut, **contexte)
    return lue.adresse, lue.code_postal, lue.commune, [a.code for a in lue.anomalies]


@pytest.mark.parametrize(
    "brut",
    [
        "12 BIS RUE DE LECLERCQ",
        "10 rue des Narcisses",
        "Le bourg",
        "100 Grande Rue",
        "10245 route de Nice",
        "BP 20345 Mairie",
        "2 place du 11 Novembre 1918",
    ],
)
def test_une_voie_est_gardee_telle_quelle(brut: str) -> None:
    assert _adresse(brut, code_postal="06200", commune="Nice") == (brut, None, None, [])


@pytest.mark.parametrize(
    ("brut", "attendu"),
    [
        ("12 rue de l'Exemple 51100 Reims", "12 rue de l'Exemple"),
        ("12 rue de l'Exemple, 51100 REIMS", "12 rue de l'Exemple"),
        ("12 rue de l'Exemple - 51100 REIMS CEDEX 2", "12 rue de l'Exemple"),
        ("12 rue de l'Exemple 51 100 Reims", "12 rue de l'Exemple"),
        ("12 rue de l'Exemple 51100 Reims, France", "12 rue de l'Exemple"),
        ("51100 Reims", None),
    ],
)
def test_le_code_postal_et_la_ville_repetes_sont_retires(brut: str, attendu: str | None) -> None:
    adresse, code_postal, _, codes = _adresse(brut, code_postal="51100", commune="Reims")
    assert (adresse, code_postal, codes) == (attendu, "51100", ["adresse_coupee"])


def test_le_code_postal_et_la_ville_sont_pris_dans_l_adresse_quand_ils_manquent() -> None:
    assert _adresse("12 rue de l'Exemple 51100 Reims") == (
        "12 rue de l'Exemple",
        "51100",
        "Reims",
        ["adresse_coupee"],
    )


def test_une_autre_ville_en_fin_d_adresse_n_est_pas_coupee() -> None:
    assert _adresse("Route 75001 Paris", code_postal="51100", commune="Reims")[0] == "Route 75001 Paris"


@pytest.mark.parametrize(
    ("brut", "attendu"),
    [
        ("0 Rue des Jardins", "Rue des Jardins"),
        ("00 Place Basse", "Place Basse"),
        ("null 3 rue Haute", "3 rue Haute"),
    ],
)
def test_une_voie_abimee_est_reparee_et_dite(brut: str, attendu: str) -> None:
    assert _adresse(brut) == (attendu, None, None, ["adresse_corrigee"])


def test_les_guillemets_et_les_virgules_du_bord_tombent_sans_un_mot() -> None:
    assert _adresse('"3 rue Haute",²') == ("3 rue Haute", None, None, [])


@pytest.mark.parametrize("brut", ["Rue", "1 - 3", "12", "Avenue", "place"])
def test_une_adresse_qui_ne_nomme_pas_de_voie_est_videe(brut: str) -> None:
    assert _adresse(brut) == (None, None, None, ["adresse_vide"])


def _code(brut: Any) -> tuple[str | None, list[str]]:
    propre = nettoyer_code_postal(brut)
    return propre.valeur, [a.code for a in propre.anomalies]


@pytest.mark.parametrize("brut", ["51100", 51100, 51100.0, "51 100", " 51100 ", "51100.0"])
def test_un_code_postal_est_lu_sous_ses_formes(brut: Any) -> None:
    assert _code(brut) == ("51100", [])


@pytest.mark.parametrize("brut", ["1000", 1000, "F-01000", "01000 Bourg"])
def test_un_code_postal_incomplet_est_complete_et_dit(brut: Any) -> None:
    assert _code(brut) == ("01000", ["code_postal_complete"])


@pytest.mark.parametrize("brut", ["99123", "00000", "ABCDE", "123", "96000", "٥١١٠٠"])
def test_un_faux_code_postal_est_vide_et_dit(brut: str) -> None:
    assert _code(brut) == (None, ["code_postal_invalide"])
