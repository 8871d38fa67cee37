"""The reserve of packs: bounded, and true to the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from annuaire.paquets.reserve import Etat, Paquet, Reserve

MATIN = datetime(2026, 3, 10, 8, tzinfo=UTC)
MINUIT = datetime(2026, 3, 10, 23, tzinfo=UTC)


def paquet(departement: str, octets: int = 10) -> Paquet:
    return Paquet(
        departement=departement, corps=bytes(octets), etag=f'W/"{departement}"', numero=1, signature=(0, 0),
        vu=Etat(numero=1, fermetures=0), construit_le=MATIN, perime_le=MINUIT,
    )  # fmt: skip


def gardes(reserve: Reserve, *codes: str) -> str:
    return " ".join(code for code in codes if reserve.prendre(code, MATIN))


def test_au_dela_du_nombre_le_moins_demande_s_en_va() -> None:
    reserve = Reserve(entrees=2)
    reserve.ranger(paquet("01"))
    reserve.ranger(paquet("02"))
    assert reserve.prendre("01", MATIN)
    reserve.ranger(paquet("03"))
    assert gardes(reserve, "01", "02", "03") == "01 03"
    assert reserve.taille == (2, 20)


def test_au_dela_des_octets_le_moins_demande_s_en_va() -> None:
    reserve = Reserve(octets=100)
    for code in ("01", "02", "03"):
        reserve.ranger(paquet(code, 40))
    assert gardes(reserve, "01", "02", "03") == "02 03"
    assert reserve.taille == (2, 80)


def test_un_paquet_plus_grand_que_la_reserve_n_est_pas_garde_et_ne_chasse_personne() -> None:
    reserve = Reserve(octets=100)
    reserve.ranger(paquet("01", 40))
    reserve.ranger(paquet("02", 101))
    assert gardes(reserve, "01", "02") == "01"
    reserve.ranger(paquet("01", 101))
    assert reserve.taille == (0, 0)


def test_un_paquet_refait_prend_la_place_du_precedent() -> None:
    reserve = Reserve()
    reserve.ranger(paquet("01", 40))
    reserve.ranger(paquet("01", 30))
    assert reserve.taille == (1, 30)


@pytest.mark.parametrize(
    ("instant", "rendu"),
    [(MATIN, True), (MATIN - timedelta(seconds=1), False), (MINUIT - timedelta(seconds=1), True), (MINUIT, False)],
)
def test_un_paquet_ne_sert_que_le_jour_de_sa_construction(instant: datetime, rendu: bool) -> None:
    reserve = Reserve()
    reserve.ranger(paquet("01"))
    assert (reserve.prendre("01", instant) is not None) is rendu


def test_confirmer_un_paquet_deja_remplace_ne_le_remet_pas() -> None:
    reserve = Reserve()
    reserve.ranger(ancien := paquet("01"))
    reserve.ranger(nouveau := paquet("01"))
    assert reserve.confirmer(ancien, Etat(numero=9, fermetures=0)).vu.numero == 9
    assert reserve.prendre("01", MATIN) is nouveau
