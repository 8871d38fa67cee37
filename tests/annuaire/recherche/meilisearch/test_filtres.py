"""No value escapes from its quotes."""

from __future__ import annotations

import pytest
from annuaire.recherche.meilisearch.filtres import filtrer, parmi
from annuaire.recherche.meilisearch.reglages import ETAT, VISIBLE, reglages
from annuaire.recherche.port import ActorQuery, Circle, Polygon
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fabriques.faux_meilisearch import filtres

REGLES = reglages()["filterableAttributes"]
VALEURS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def _garde(query: ActorQuery, document: dict[str, object]) -> bool:
    return filtres.lire(filtrer(query), REGLES)({ETAT: VISIBLE, **document})


@given(VALEURS, VALEURS)
@example('" OR etat = "cache', "x")
@example("\\", "\\\\")
@example('\\"', '"')
@example("a\\n", "a\n")
@example('"]) OR NOT (f_types IN ["', "")
def test_une_valeur_est_retrouvee_telle_quelle_et_elle_seule(valeur: str, autre: str) -> None:
    query = ActorQuery(filters={"types": (valeur,)})
    assert _garde(query, {"f_types": [valeur]})
    memes = filtres.normaliser(valeur) == filtres.normaliser(autre)
    assert _garde(query, {"f_types": [autre]}) is memes


@given(st.lists(VALEURS, min_size=1, max_size=4), st.lists(VALEURS, min_size=1, max_size=4))
def test_les_valeurs_d_un_filtre_s_ajoutent_et_les_filtres_se_cumulent(types: list[str], labels: list[str]) -> None:
    query = ActorQuery(filters={"types": tuple(types), "labels": tuple(labels)})
    assert _garde(query, {"f_types": [types[-1]], "f_labels": [labels[0]]})
    assert not _garde(query, {"f_types": [types[-1]], "f_labels": []})


@given(VALEURS)
def test_aucune_valeur_ne_montre_ce_qui_est_cache(valeur: str) -> None:
    predicat = filtres.lire(filtrer(ActorQuery(filters={"types": (valeur,)})), REGLES)
    assert not predicat({ETAT: "cache", "f_types": [valeur]})


def test_sans_doubler_les_barres_une_valeur_est_lue_autrement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annuaire.recherche.meilisearch.filtres.citer", lambda valeur: f'"{valeur}"')
    with pytest.raises(filtres.FiltreInvalide):
        filtres.lire(parmi("f_types", ['" OR etat = "cache']), REGLES)({})
    assert not filtres.lire(parmi("f_types", ["a\\n"]), REGLES)({"f_types": ["a\\n"]})


def test_un_polygone_ferme_n_est_pas_ferme_deux_fois() -> None:
    contour = ((45.0, 0.0), (49.0, 1.0), (46.0, 5.0))
    ouvert, ferme = (filtrer(ActorQuery(geo=Polygon(points))) for points in (contour, (*contour, contour[0])))
    assert ouvert == ferme
    assert ouvert[-1].count("[") == 3


def test_un_cercle_sans_rayon_ne_filtre_rien() -> None:
    assert filtrer(ActorQuery(geo=Circle(lat=46.0, lng=2.0))) == filtrer(ActorQuery())
