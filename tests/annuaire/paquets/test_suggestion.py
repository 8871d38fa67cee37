"""Whoever writes something else than the code of a département is told which one."""

from __future__ import annotations

import pytest
from annuaire.paquets.suggestion import AU_PLUS, suggerer
from annuaire.territoires.referentiel import Referentiel


@pytest.mark.parametrize(
    ("ecrit", "codes"),
    [
        ("1", ["01"]),
        ("038", ["38"]),
        ("0974", ["974"]),
        ("2a", ["2A"]),
        (" 2b ", ["2B"]),
        ("20", ["2A", "2B"]),
        ("38000", ["38"]),
        ("97411", ["974"]),
        ("2A004", ["2A"]),
        ("97133", ["971", "977"]),
        ("isere", ["38"]),
        ("La Réunion", ["974"]),
        ("Corse", ["2A", "2B"]),
        ("Loire", ["42"]),
        ("Cote d'or", ["21"]),
        ("Bouche-du-Rhone", ["13"]),
        ("96", []),
        ("00", []),
        ("?", []),
        ("xyzzy", []),
    ],
)
def test_le_departement_voulu_est_propose(ecrit: str, codes: list[str]) -> None:
    assert [d.code for d in suggerer(ecrit, Referentiel.charger().departements())] == codes


def test_un_mot_que_beaucoup_partagent_en_propose_trois() -> None:
    assert len(suggerer("Haute", Referentiel.charger().departements())) == AU_PLUS == 3
