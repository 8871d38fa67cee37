"""Full collections wait while a long treatment lives, and what must live long is left out of them."""

from __future__ import annotations

import ctypes
import gc
import sys
from typing import Any

import pytest
from socle.patience import JAMAIS, TOUR, menager, rendre, retenir


def test_les_collectes_entieres_attendent_la_fin_du_dernier_traitement() -> None:
    seuils, tour = gc.get_threshold(), sys.getswitchinterval()
    with menager():
        with menager():
            assert gc.get_threshold() == (*seuils[:2], JAMAIS)
            assert sys.getswitchinterval() == pytest.approx(TOUR)
        assert gc.get_threshold()[2] == JAMAIS
    assert (gc.get_threshold(), sys.getswitchinterval()) == (seuils, pytest.approx(tour))


def test_un_traitement_qui_echoue_rend_les_collectes() -> None:
    seuils = gc.get_threshold()
    with pytest.raises(ValueError, match="panne"), menager():
        raise ValueError("panne")
    assert gc.get_threshold() == seuils


def test_aucune_collecte_entiere_pendant_un_traitement() -> None:
    entieres = 0

    def compter(phase: str, infos: dict[str, int]) -> None:
        nonlocal entieres
        entieres += phase == "start" and infos["generation"] == 2

    gc.callbacks.append(compter)
    try:
        with menager():
            gardes = [[rang] for rang in range(300_000)]
    finally:
        gc.callbacks.remove(compter)
    assert len(gardes) == 300_000
    assert entieres == 0


def test_ce_qui_est_retenu_n_est_plus_parcouru() -> None:
    try:
        gardes = [[rang] for rang in range(1_000)]
        retenir()
        assert gc.get_freeze_count() >= len(gardes)
    finally:
        gc.unfreeze()


def test_la_memoire_n_est_rendue_que_la_ou_l_allocateur_sait_le_faire(monkeypatch: pytest.MonkeyPatch) -> None:
    demandes: list[int] = []

    class Allocateur:
        def malloc_trim(self, reste: int) -> None:
            demandes.append(reste)

    monkeypatch.setattr(ctypes, "CDLL", lambda _nom: Allocateur())
    rendre()
    assert demandes == [0]
    monkeypatch.setattr(ctypes, "CDLL", lambda _nom: object())
    rendre()

    def absent(_nom: Any) -> Any:
        raise OSError

    monkeypatch.setattr(ctypes, "CDLL", absent)
    rendre()
    assert demandes == [0]
