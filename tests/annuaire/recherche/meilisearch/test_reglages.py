"""The settings of an index: what they say, and that a server takes them."""

from __future__ import annotations

import pytest
from annuaire.recherche.francais.vocabulaire import charger
from annuaire.recherche.meilisearch import reglages as module
from annuaire.recherche.meilisearch.reglages import CLASSEMENT, empreinte, reglages
from annuaire.recherche.port import ATTRIBUTS, FACETTES

from tests.fabriques.faux_meilisearch.filtres import filtrable


def test_les_attributs_sont_cherches_dans_l_ordre_de_leur_poids() -> None:
    assert reglages()["searchableAttributes"] == list(ATTRIBUTS)


def test_l_ordre_est_ecrit_en_entier_et_finit_par_le_notre() -> None:
    assert reglages()["rankingRules"] == list(CLASSEMENT)
    assert CLASSEMENT[-2:] == ("completude:desc", "maj:desc")
    assert CLASSEMENT[0] == "sort"


def test_chaque_attribut_ne_permet_que_ce_qui_sert() -> None:
    regles = reglages()["filterableAttributes"]
    for nom in FACETTES:
        assert filtrable(f"f_{nom}", regles) == {"facetSearch": True, "equality": True, "comparison": False}
    assert filtrable("maj", regles) == {"facetSearch": False, "equality": True, "comparison": True}
    assert "_geo" in regles
    assert all(filtrable(nom, regles) is None for nom in ATTRIBUTS)


def test_les_elisions_sont_des_mots_vides() -> None:
    assert {"l", "d", "qu", "jusqu", "lorsqu", "puisqu"} <= set(reglages()["stopWords"])


def test_les_synonymes_sont_des_deux_cotes_ce_que_donne_le_normaliseur() -> None:
    synonymes = reglages()["synonyms"]
    utiles = charger().utiles
    assert "caf" in synonymes["caisse allocations familiales"]
    assert "caisse allocations familiales" in synonymes["caf"]
    for terme, vers in synonymes.items():
        assert 1 <= len(terme.split()) <= 3
        assert len(vers) <= 50
        assert sum(len(v.split()) for v in vers) <= 100
        assert all(" ".join(utiles(texte)) == texte for texte in (terme, *vers))


def test_un_abrege_vaut_le_mot_entier_et_ce_qu_il_veut_dire() -> None:
    synonymes = reglages()["synonyms"]
    assert synonymes["ordi"][0] == "ordinateur"
    assert "insertion professionnelle" in synonymes["boulot"]
    assert set(charger().abreges) <= {tuple(terme.split()) for terme in synonymes}


def test_l_empreinte_change_avec_les_reglages(monkeypatch: pytest.MonkeyPatch) -> None:
    avant = empreinte()
    monkeypatch.setattr(module, "reglages", lambda: {**reglages(), "searchCutoffMs": 151})
    assert empreinte.__wrapped__() != avant
