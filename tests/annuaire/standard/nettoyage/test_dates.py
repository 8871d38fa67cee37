"""Reading of the date of update."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from annuaire.standard.nettoyage.dates import nettoyer_date

AUJOURD_HUI = date(2026, 11, 24)


def _lu(brut: Any) -> tuple[str | None, list[str]]:
    propre = nettoyer_date(brut, AUJOURD_HUI)
    return propre.valeur, [a.code for a in propre.anomalies]


@pytest.mark.parametrize(
    "brut",
    [
        "2024-04-02",
        "2024/04/02",
        "2024-4-2",
        "2024-04-02T10:00:00Z",
        "2024-04-02T10:00:00+02:00",
        "2024-04-02 10:00:00",
        "2024/04/02 10:00:00",
        "20240402",
        "02/04/2024",
        "2/4/2024",
        "02-04-2024",
        "02.04.2024",
        "02/04/24",
        "02/04/2024 10:00",
        "2 avril 2024",
        "mardi 2 avril 2024",
        "2 avr. 2024",
        "1712052000",
        "1712052000000",
        1712052000,
        "45384",
        45384,
        45384.5,
    ],
)
def test_une_date_est_lue_sous_toutes_ses_formes(brut: Any) -> None:
    assert _lu(brut) == ("2024-04-02", [])


@pytest.mark.parametrize(
    ("brut", "attendu"),
    [("1er août 2024", "2024-08-01"), ("15 février 2023", "2023-02-15"), ("3 déc 2022", "2022-12-03")],
)
def test_un_mois_en_lettres_est_lu(brut: str, attendu: str) -> None:
    assert _lu(brut) == (attendu, [])


@pytest.mark.parametrize("brut", ["1970-01-01", "01/01/1970", "1969-12-31", "1900-01-01", "1899-12-30"])
def test_la_date_par_defaut_d_un_logiciel_est_vide_et_dite(brut: str) -> None:
    assert _lu(brut) == (None, ["date_par_defaut"])


@pytest.mark.parametrize("brut", ["2026-11-26", "2099-01-01", "9999-12-31"])
def test_une_date_future_est_videe_et_dite(brut: str) -> None:
    assert _lu(brut) == (None, ["date_future"])


def test_demain_est_ramene_a_aujourd_hui() -> None:
    assert _lu("2026-11-25") == ("2026-11-24", ["date_ajustee"])


def test_aujourd_hui_est_garde() -> None:
    assert _lu("2026-11-24") == ("2026-11-24", [])


@pytest.mark.parametrize(
    "brut", ["31/02/2024", "2024-13-01", "hier", "12", "2024", "0000-00-00", "1985-06-01", "99999999999999999999"]
)
def test_ce_qui_n_est_pas_une_date_est_vide_et_dit(brut: str) -> None:
    assert _lu(brut) == (None, ["date_invalide"])
