"""Stops of an itinerant place, as they come: lists, JSON in a cell, GeoJSON points, hours in French."""

from __future__ import annotations

import json
from typing import Any

import pytest
from annuaire.lieux.passages import PASSAGES_MAX, Passage
from annuaire.standard.nettoyage.passages import nettoyer_passages

ARRET: dict[str, Any] = {
    "latitude": 49.25,
    "longitude": 4.03,
    "adresse": "Place du Marché",
    "horaires": "Tu 09:00-12:00",
}
LU = Passage(latitude=49.25, longitude=4.03, adresse="Place du Marché", horaires="Tu 09:00-12:00")


@pytest.mark.parametrize(
    "point",
    [{"latitude": 49.25, "longitude": 4.03}, {"lat": "49,25", "lng": "4,03"}, {"point": [4.03, 49.25]},
     {"point": "49.25, 4.03"}, {"point": {"latitude": 49.25, "longitude": 4.03}},
     {"geometry": {"type": "Point", "coordinates": [4.03, 49.25]}}],
)  # fmt: skip
def test_un_point_s_ecrit_de_plusieurs_facons(point: dict[str, Any]) -> None:
    (passage,) = nettoyer_passages([point]).valeur
    assert (passage.latitude, passage.longitude) == (49.25, 4.03)


def test_une_liste_se_lit_aussi_dans_le_texte_d_une_cellule() -> None:
    lus = nettoyer_passages(json.dumps([ARRET, ARRET]))
    assert lus.valeur == (LU,)
    assert lus.anomalies == ()


def test_les_horaires_en_francais_et_les_jours_se_lisent() -> None:
    (passage,) = nettoyer_passages(
        [{**ARRET, "horaires": "mardi de 9h à 12h", "du": "01/09/2026", "au": "2027-06-30"}]
    ).valeur
    assert (passage.horaires, passage.du, passage.au) == ("Tu 09:00-12:00", "2026-09-01", "2027-06-30")


def test_une_date_seule_ne_vaut_que_ce_jour() -> None:
    (passage,) = nettoyer_passages([{**ARRET, "le": "24/11/2026"}]).valeur
    assert (passage.du, passage.au) == ("2026-11-24", "2026-11-24")


@pytest.mark.parametrize(
    "element",
    [{"horaires": "Tu 09:00-12:00"}, {**ARRET, "du": "bientôt"}, {**ARRET, "du": "2026-11-25", "au": "2026-11-24"},
     {**ARRET, "le": "1890-01-01"}, 3, "texte", {**ARRET, "du": {"a": 1}}],
)  # fmt: skip
def test_un_passage_sans_lieu_ou_sans_jours_lisibles_n_est_pas_garde_et_se_dit(element: Any) -> None:
    lus = nettoyer_passages([element])
    assert lus.valeur == ()
    assert "passage_illisible" in {a.code for a in lus.anomalies}


def test_des_horaires_illisibles_laissent_le_passage_sans_horaires() -> None:
    lus = nettoyer_passages([{**ARRET, "horaires": "quand il fait beau"}])
    assert lus.valeur[0].horaires is None
    assert [a.code for a in lus.anomalies] == ["horaire_illisible"]


@pytest.mark.parametrize(
    "brut", ["[[[[", "NaN", "[1e999]", '"', "[" * 10_000, 12, True, [[[]]], {"a": {"b": []}}, [None]]
)
def test_aucune_valeur_ne_fait_lever_d_exception(brut: Any) -> None:
    assert nettoyer_passages(brut).valeur == ()


def test_les_passages_sont_bornes() -> None:
    lus = nettoyer_passages([{**ARRET, "adresse": f"{n} rue"} for n in range(PASSAGES_MAX + 5)])
    assert len(lus.valeur) == PASSAGES_MAX
    assert {a.code for a in lus.anomalies} == {"liste_trop_longue"}
