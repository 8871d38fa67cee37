"""What a structure is deduced from, whatever the order of its places."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import pytest
from annuaire.structures.rules import deduire, forme_du_pivot


@dataclass(frozen=True)
class Place:
    nom: str
    code_insee: str | None = "21231"
    departement: str | None = "21"
    region: str | None = "27"
    epci: str | None = None


@pytest.mark.parametrize(
    ("noms", "attendu"),
    [
        (["Seule"], "Seule"),
        (["A", "Bien plus long", "Bien plus long"], "Bien plus long"),
        (["Longue", "Bref"], "Bref"),
        (["Beta", "Alfa"], "Alfa"),
        (["Beta", "Alfa", "Beta", "Alfa", "Z"], "Alfa"),
    ],
)
def test_le_nom_est_le_plus_frequent_puis_le_plus_court_puis_le_premier(noms: list[str], attendu: str) -> None:
    assert {deduire([Place(nom) for nom in ordre]).nom for ordre in permutations(noms)} == {attendu}


def test_le_territoire_est_celui_que_tous_les_lieux_partagent() -> None:
    deduction = deduire([Place("A"), Place("B", code_insee="21054")])
    assert (deduction.code_insee, deduction.departement, deduction.region) == (None, "21", "27")


def test_un_lieu_sans_commune_connue_empeche_d_en_dire_une() -> None:
    assert deduire([Place("A"), Place("B", code_insee=None)]).code_insee is None


@pytest.mark.parametrize(
    ("pivot", "forme"),
    [
        ("1" * 14, "siret"),
        ("1" * 9, "siren"),
        ("W123456789", "rna"),
        ("1234567", "ridet"),
        ("1234567001", "ridet"),
        (None, None),
    ],
)
def test_la_forme_d_un_pivot_dit_son_registre(pivot: str | None, forme: str | None) -> None:
    assert forme_du_pivot(pivot) == forme
