"""Reading of the pivot. The numbers are made up, their keys are right."""

from __future__ import annotations

import random
from typing import Any

import pytest
from annuaire.standard.nettoyage.identifiants import nettoyer_pivot
from stdnum import luhn
from stdnum.fr import siret

SIRET = "12345678200010"
SIREN = "123456782"
SIRET_EN_ZERO = "01234567400019"


def _lu(brut: Any, departement: str | None = None) -> tuple[str | None, list[str]]:
    propre = nettoyer_pivot(brut, departement)
    return propre.valeur, [a.code for a in propre.anomalies]


@pytest.mark.parametrize(
    "brut",
    [
        SIRET,
        "123 456 782 00010",
        "123.456.782.00010",
        int(SIRET),
        float(SIRET),
        f"{SIRET}.0",
        f"SIRET : {SIRET}",
        f" {SIRET} ",
    ],
)
def test_un_siret_est_lu_sous_toutes_ses_formes(brut: Any) -> None:
    assert _lu(brut) == (SIRET, [])


def test_un_etablissement_de_la_poste_suit_sa_propre_regle() -> None:
    # Sum of digits multiple of 5, Luhn key wrong.
    assert _lu("35600000000002") == (None, ["siret_invalide"])
    assert _lu("35600000000010") == ("35600000000010", [])


@pytest.mark.parametrize("brut", ["12345678200011", "1234567820001", "99999999999999"])
def test_un_siret_a_la_cle_fausse_est_vide(brut: str) -> None:
    assert _lu(brut) == (None, ["siret_invalide"])


def test_le_zero_perdu_d_un_siret_est_remis_et_dit() -> None:
    assert _lu(int(SIRET_EN_ZERO)) == (SIRET_EN_ZERO, ["pivot_complete"])


@pytest.mark.parametrize("brut", ["00000000000000", "0", "000000000", 0])
def test_un_pivot_de_zeros_est_vide(brut: Any) -> None:
    assert _lu(brut) == (None, ["pivot_zero"])


@pytest.mark.parametrize("brut", ["1.3E+13", "1,30026E+13", "2E13", "12345600000000", 12345600000000])
def test_un_pivot_detruit_par_un_tableur_est_reconnu(brut: str) -> None:
    assert _lu(brut) == (None, ["pivot_detruit"])


@pytest.mark.parametrize("brut", ["W123456789", "w123456789", "W9R1234567", "W2A1234567", "W 123 456 789"])
def test_un_rna_est_lu(brut: str) -> None:
    assert _lu(brut) == (brut.replace(" ", "").upper(), [])


@pytest.mark.parametrize("brut", ["0123456001", "012345601", "0 123 456.001"])
def test_un_ridet_n_est_lu_qu_en_nouvelle_caledonie(brut: str) -> None:
    ridet = brut.replace(" ", "").replace(".", "")
    assert _lu(brut, "988") == (ridet, [])
    assert _lu(brut, "51")[0] is None


def test_un_numero_tahiti_n_est_lu_qu_en_polynesie() -> None:
    assert _lu("A12345001", "987") == ("A12345001", [])
    assert _lu("A12345001", "75") == (None, ["pivot_invalide"])


def test_un_siren_seul_est_garde_et_dit() -> None:
    assert _lu(SIREN) == (SIREN, ["siren_seul"])


@pytest.mark.parametrize("brut", ["ABCDEFGHIJK", "123456789", "12345", "FR12345678200010", "é" * 14, "¹²³⁴⁵⁶⁷⁸⁹"])
def test_ce_que_le_motif_laisse_passer_a_tort_est_vide(brut: str) -> None:
    assert _lu(brut)[0] is None
    assert _lu(brut)[1] != []


def test_une_cle_se_verifie_ici_comme_dans_le_registre() -> None:
    hasard, justes = random.Random(14), 0
    for _ in range(2_000):
        debut = hasard.choice(("356000000", "".join(hasard.choices("123456789", k=8))))
        siren = debut if len(debut) == 9 else debut + luhn.calc_check_digit(debut)
        court = siren + "".join(hasard.choices("123456789", k=4))
        chiffres = court + hasard.choice((luhn.calc_check_digit(court), "1"))
        if hasard.random() < 0.3:
            chiffres = chiffres[:3] + hasard.choice("123456789") + chiffres[4:]
        justes += siret.is_valid(chiffres)
        assert _lu(chiffres)[0] == (chiffres if siret.is_valid(chiffres) else None)
    assert 400 < justes < 1_600
