"""Reading of opening hours."""

from __future__ import annotations

from typing import Any

import pytest
from annuaire.standard.nettoyage.horaires import jours_remplaces, nettoyer_horaires


def _lu(brut: Any) -> tuple[str | None, str | None, list[str]]:
    lus = nettoyer_horaires(brut)
    return lus.horaires, lus.brut, [a.code for a in lus.anomalies]


@pytest.mark.parametrize(
    "brut",
    [
        "Mo-Fr 09:00-12:00,14:00-18:30; Sa 08:30-12:00",
        "24/7",
        "Mo-Fr 09:00-17:00; PH off",
        "week 1-53/2 Mo 09:00-12:00",
        "Mo[1] 10:00-12:00",
        "Jul-Aug off; Mo-Fr 09:00-17:00",
        'Mo-Fr 09:00-12:00 "sur rendez-vous"',
        "Mo-Fr 00:00-24:00",
        "Mo 18:00-00:00",
    ],
)
def test_des_horaires_osm_sont_gardes_tels_quels(brut: str) -> None:
    assert _lu(brut) == (brut, None, [])


@pytest.mark.parametrize(
    ("brut", "attendu"),
    [
        ("Mo-Fr 9h-12h30,13h30-17h", "Mo-Fr 09:00-12:30,13:30-17:00"),
        ("Mo-Fr 9h00-12h00", "Mo-Fr 09:00-12:00"),
        ("Mo-Fr 9.30-12.00", "Mo-Fr 09:30-12:00"),
        ("Lu-Ve 09:00-12:00", "Mo-Fr 09:00-12:00"),
        ("Lundi-Vendredi 9h-12h", "Mo-Fr 09:00-12:00"),
        ("Mo-Fr 09:00-12:00;", "Mo-Fr 09:00-12:00"),
        ("Mo-Fr 09:00-12:00,,14:00-17:00", "Mo-Fr 09:00-12:00, 14:00-17:00"),
        ("Mo-Fr 09:00–12:00", "Mo-Fr 09:00-12:00"),
        ("Mo-Sun 00:00-00:00", "24/7"),
        ("24h/24 7j/7", "24/7"),
        ("7j/7 - 24h/24", "24/7"),
        ("du lundi au vendredi de 9h à 12h et de 14h à 17h30", "Mo-Fr 09:00-12:00,14:00-17:30"),
        ("Lundi : 9h-12h / 14h-17h", "Mo 09:00-12:00,14:00-17:00"),
        ("lundi, mercredi et vendredi de 14h à 17h", "Mo,We,Fr 14:00-17:00"),
        ("Lundi: 9h-12h\nMardi: 14h-17h", "Mo 09:00-12:00; Tu 14:00-17:00"),
        ("Lundi : 9h à midi, mardi : fermé", "Mo 09:00-12:00; Tu off"),
        (
            "Lundi au vendredi : 8h30-12h00/13h30-17h00 - Samedi : 9h-12h",
            "Mo-Fr 08:30-12:00,13:30-17:00; Sa 09:00-12:00",
        ),
    ],
)
def test_des_horaires_presque_osm_sont_repares_et_le_disent(brut: str, attendu: str) -> None:
    assert _lu(brut) == (attendu, None, ["horaire_corrige"])


@pytest.mark.parametrize(
    "brut",
    [
        "sur rendez-vous",
        "Mo 09:00-13:00-14:00",
        "2024",
        "9",
        "tous les jours",
        '"sur RDV"',
        "Fermé le lundi",
        "fermé",
        "Lundi au vendredi",
        "les lundis et mardis matins en période scolaire",
        "9h-12h / 14h-18h",
        "le lundi de 13h30 à 17h, le mardi et jeudi de 9h0",
        "Du lundi au vendredi de 9h à 12h et d",
        "jeudi 25h-26h",
        "le samedi matin",
        "Mo 09:00-09:00",
    ],
)
def test_des_horaires_illisibles_sont_gardes_en_texte_et_dits(brut: str) -> None:
    assert _lu(brut) == (None, brut, ["horaire_illisible"])


@pytest.mark.parametrize("brut", ["NEANT", "-"])
def test_des_horaires_qui_ne_disent_rien_sont_vides(brut: str) -> None:
    assert _lu(brut) == (None, None, ["mention_sans_valeur"])


@pytest.mark.parametrize("brut", [None, "", []])
def test_des_horaires_absents_ne_disent_rien(brut: Any) -> None:
    assert _lu(brut) == (None, None, [])


@pytest.mark.parametrize(
    ("brut", "attendu"),
    [
        ("Mo 09:00-12:00,14:00-14:00; We 14:00-14:00; Fr 10:00-12:00", "Mo 09:00-12:00; Fr 10:00-12:00"),
        ("Th 12:00-12:00,13:30-17:30", "Th 13:30-17:30"),
    ],
)
def test_une_plage_nulle_est_retiree_et_dite(brut: str, attendu: str) -> None:
    assert _lu(brut) == (attendu, None, ["plage_nulle"])


@pytest.mark.parametrize("brut", ["Mo 14:00-12:00", "Mo-Th 07:00-12:00; Fr 17:00-12:00"])
def test_une_plage_qui_passe_minuit_est_signalee(brut: str) -> None:
    assert _lu(brut) == (brut, None, ["horaire_de_nuit"])


@pytest.mark.parametrize(
    ("brut", "jours"),
    [
        ("Mo-Th 09:00-12:00; Mo 14:00-17:00", ["Mo"]),
        ("Mo-Fr 09:30-11:30; Tu,Th 17:30-19:30", ["Tu", "Th"]),
        ("Sa-Mo 09:00-12:00; Su 14:00-17:00", ["Su"]),
        ("Mo-Fr 09:00-12:00; We 08:30-12:00,14:00-17:00", []),
        ("Mo-Fr 09:00-12:00, Mo 14:00-17:00", []),
        ("Mo-Fr 09:00-12:00; We off", []),
        ("Jan-Mar Mo 09:00-12:00; Mo 14:00-17:00", []),
    ],
)
def test_un_jour_dont_les_heures_sont_remplacees_est_nomme(brut: str, jours: list[str]) -> None:
    assert jours_remplaces(brut) == jours


def test_un_jour_remplace_est_signale() -> None:
    assert _lu("Mo-Th 09:00-12:00; Mo 14:00-17:00")[2] == ["jour_remplace"]


def test_des_jours_sans_heures_sont_signales() -> None:
    assert _lu("Mo-Fr") == ("Mo-Fr", None, ["jour_sans_heures"])


def test_un_texte_enorme_est_garde_en_partie() -> None:
    horaires, brut, codes = _lu("ouvert souvent " * 200)
    assert horaires is None
    assert brut is not None
    assert len(brut) == 1000
    assert codes == ["horaire_illisible"]
