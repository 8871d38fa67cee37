"""Reading of phone numbers. Numbers of 01 99 00, 02 61 91 and 06 39 98 are kept for fiction."""

from __future__ import annotations

import random
from typing import Any

import phonenumbers
import pytest
from annuaire.standard.nettoyage.telephones import nettoyer_telephones, region_de


def _lus(brut: Any, departement: str | None = None) -> tuple[tuple[str, ...], list[str]]:
    propre = nettoyer_telephones(brut, departement)
    return propre.valeur, [a.code for a in propre.anomalies]


@pytest.mark.parametrize(
    "brut",
    [
        "+33199000001",
        "01 99 00 00 01",
        "01.99.00.00.01",
        "01-99-00-00-01",
        "01/99/00/00/01",
        "0199000001",
        "01 99 00 00 01 (accueil)",
        "Tél : 01 99 00 00 01",
        "(01) 99 00 00 01",
        "+33 1 99 00 00 01",
        "+33 (0)1 99 00 00 01",
        "0033 1 99 00 00 01",
        "33199000001",
        "199000001",
        199000001,
        33199000001.0,
        "01\u00a099\u00a000\u00a000\u00a001",
    ],
)
def test_un_numero_est_lu_sous_toutes_ses_formes(brut: Any) -> None:
    assert _lus(brut) == (("+33199000001",), [])


@pytest.mark.parametrize("brut", ["+330199000001", "+0199000001"])
def test_un_zero_de_trop_est_retire_et_dit(brut: str) -> None:
    assert _lus(brut) == (("+33199000001",), ["telephone_corrige"])


@pytest.mark.parametrize(
    ("brut", "departement", "attendu"),
    [
        ("0262 20 12 34", "974", "+262262201234"),
        ("0262 20 12 34", None, "+262262201234"),
        ("0692 12 34 56", "974", "+262692123456"),
        ("0269 61 12 34", "976", "+262269611234"),
        ("0639 69 12 34", "976", "+262639691234"),
        ("0590 38 12 34", "971", "+590590381234"),
        ("0590 27 12 34", "977", "+590590271234"),
        ("0590 87 12 34", "978", "+590590871234"),
        ("0596 70 12 34", "972", "+596596701234"),
        ("0594 30 12 34", "973", "+594594301234"),
        ("41 12 34", "975", "+508411234"),
        ("25 12 34", "988", "+687251234"),
        ("40 50 12 34", "987", "+68940501234"),
        ("72 12 34", "986", "+681721234"),
        ("262201234", "974", "+262262201234"),
    ],
)
def test_la_region_du_lieu_choisit_le_plan_de_numerotation(brut: str, departement: str | None, attendu: str) -> None:
    assert _lus(brut, departement)[0] == (attendu,)


def test_un_numero_de_guyane_sous_l_indicatif_de_la_metropole_est_corrige() -> None:
    assert _lus("+33594301234") == (("+594594301234",), ["telephone_corrige"])


def test_l_indicatif_des_comores_est_lu_mayotte() -> None:
    assert _lus("+269269611234") == (("+262269611234",), ["telephone_corrige"])


@pytest.mark.parametrize(
    "brut",
    [
        "01 99 00 00 01 / 02 61 91 00 02",
        "01 99 00 00 01 ou 02 61 91 00 02",
        "01 99 00 00 01;02 61 91 00 02",
        "01 99 00 00 01|02 61 91 00 02",
        "01 99 00 00 01, 02 61 91 00 02",
        "01 99 00 00 01\n02 61 91 00 02",
        "01 99 00 00 01 - 02 61 91 00 02",
        "01.99.00.00.01//02.61.91.00.02",
        "0199000001 0261910002",
        ["01 99 00 00 01", "0261910002"],
    ],
)
def test_plusieurs_numeros_sont_tous_gardes(brut: Any) -> None:
    assert _lus(brut) == (("+33199000001", "+33261910002"), [])


def test_un_numero_repete_n_est_garde_qu_une_fois() -> None:
    assert _lus("01 99 00 00 01 / 0199000001") == (("+33199000001",), [])


@pytest.mark.parametrize(
    ("brut", "attendu"), [("3919", "3919"), ("36 46", "3646"), ("39.49", "3949"), (3631, "3631"), ("115", "115")]
)
def test_un_numero_court_est_garde(brut: Any, attendu: str) -> None:
    assert _lus(brut) == ((attendu,), [])


@pytest.mark.parametrize("brut", ["1234", "0000000000", "01 99 00", "01 99 00 00 01 23 45 67", "+1 202 555 0100", "12"])
def test_un_faux_numero_est_vide_et_dit(brut: str) -> None:
    assert _lus(brut) == ((), ["telephone_invalide"])


@pytest.mark.parametrize("brut", ["sur place", "voir le site"])
def test_une_phrase_sans_numero_est_vide_et_dite(brut: str) -> None:
    assert _lus(brut) == ((), ["telephone_invalide"])


def test_un_bon_numero_survit_a_un_mauvais() -> None:
    assert _lus("01 99 00 00 01 / 12345678") == (("+33199000001",), ["telephone_invalide"])


def test_une_cellule_enorme_est_refusee() -> None:
    assert _lus("0199000001 " * 1000) == ((), ["telephone_invalide"])


def test_le_dixieme_numero_est_le_dernier() -> None:
    numeros = [f"01 99 00 00 {n:02d}" for n in range(12)]
    assert len(_lus(numeros)[0]) == 10
    assert _lus(numeros)[1] == ["type_inattendu"]


def test_un_departement_inconnu_a_la_region_de_la_metropole() -> None:
    assert (region_de(None), region_de("51"), region_de("974")) == ("FR", "FR", "RE")


def test_les_chiffres_d_un_courriel_ne_sont_pas_un_numero() -> None:
    lus = nettoyer_telephones("accueil115@exemple.fr")
    assert (lus.valeur, [a.code for a in lus.anomalies]) == ((), ["telephone_invalide"])


def test_un_numero_deja_canonique_se_lit_comme_les_autres() -> None:
    hasard = random.Random(3)
    for indicatif in ("33", "262", "590", "594", "596"):
        for _ in range(200):
            ecrit = f"+{indicatif}{hasard.randrange(10**8, 10**9)}"
            numero = phonenumbers.parse(ecrit, "FR")
            assert phonenumbers.format_number(numero, phonenumbers.PhoneNumberFormat.E164) == ecrit
            admis = phonenumbers.is_valid_number(numero) or ecrit.startswith("+3363998")
            assert (ecrit in _lus(ecrit)[0]) == admis


def test_un_poste_interieur_retire_est_dit() -> None:
    lus = nettoyer_telephones("01 99 00 00 01 poste 123")
    assert (lus.valeur, [a.code for a in lus.anomalies]) == (("+33199000001",), ["telephone_corrige"])
