"""The stand-in refuses what the server refuses."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from annuaire.recherche.meilisearch.reglages import reglages
from meilisearch import Client

from tests.fabriques.faux_meilisearch import FauxMeilisearch


@pytest.fixture(scope="module")
def faux() -> Iterator[FauxMeilisearch]:
    with FauxMeilisearch() as ouvert:
        client = Client(ouvert.url, ouvert.maitresse)
        client.create_index("a", {"primaryKey": "id"})
        client.index("a").update_settings(reglages())
        tache = client.index("a").add_documents([{"id": 1, "nom": ["mairie"], "etat": "visible"}])
        assert client.wait_for_task(tache.task_uid).status == "succeeded"
        yield ouvert


def _appeler(
    faux: FauxMeilisearch, methode: str, chemin: str, corps: Any = None, *, genre: str | None = "application/json",
    cle: str | None = "maitresse",
) -> tuple[int, str | None]:  # fmt: skip
    octets = corps if isinstance(corps, bytes) else None if corps is None else json.dumps(corps).encode()
    entetes = {"Content-Type": genre or ""}
    if cle is not None:
        entetes["Authorization"] = f"Bearer {faux.maitresse if cle == 'maitresse' else cle}"
    requete = urllib.request.Request(faux.url + chemin, data=octets, method=methode, headers=entetes)
    try:
        with urllib.request.urlopen(requete, timeout=5) as reponse:
            return reponse.status, None
    except urllib.error.HTTPError as erreur:
        with erreur:
            return erreur.code, json.loads(erreur.read())["code"]


@pytest.mark.parametrize(
    ("chemin", "corps", "attendu"),
    [
        ("/indexes/a/search", {"filter": "nom = mairie"}, (400, "invalid_search_filter")),
        ("/indexes/a/search", {"filter": "f_types > 3"}, (400, "invalid_search_filter")),
        ("/indexes/a/search", {"filter": "etat = "}, (400, "invalid_search_filter")),
        ("/indexes/a/search", {"filter": "etat = AND"}, (400, "invalid_search_filter")),
        ("/indexes/a/search", {"filter": 'etat = "visible'}, (400, "invalid_search_filter")),
        ("/indexes/a/search", {"filter": "_geoRadius(91, 0, 3)"}, (400, "invalid_search_filter")),
        ("/indexes/a/search", {"filter": "_geoPolygon([1,1],[2,2])"}, (400, "invalid_search_filter")),
        ("/indexes/a/search", {"filter": "(" * 300 + "etat = visible" + ")" * 300}, (400, "invalid_search_filter")),
        ("/indexes/a/search", {"sort": ["nom:asc"]}, (400, "invalid_search_sort")),
        ("/indexes/a/search", {"sort": ["maj"]}, (400, "invalid_search_sort")),
        ("/indexes/a/search", {"facets": ["nom"]}, (400, "invalid_search_facets")),
        ("/indexes/a/search", {"attributesToSearchOn": ["etat"]}, (400, "invalid_search_attributes_to_search_on")),
        ("/indexes/a/search", {"matchingStrategy": "any"}, (400, "invalid_search_matching_strategy")),
        ("/indexes/a/search", {"page": -1}, (400, "invalid_search_page")),
        ("/indexes/a/search", {"q": 3}, (400, "invalid_search_q")),
        ("/indexes/a/search", {"Q": "x"}, (400, "bad_request")),
        ("/indexes/absent/search", {}, (404, "index_not_found")),
        ("/multi-search", {"queries": [{"q": "x"}]}, (400, "missing_index_uid")),
        ("/multi-search", {"queries": [{"indexUid": "absent"}]}, (404, "index_not_found")),
        ("/multi-search", {"queries": [{"indexUid": "a", "size": 3}]}, (400, "bad_request")),
        ("/indexes/a/facet-search", {"facetQuery": "x"}, (400, "missing_facet_search_facet_name")),
        ("/indexes/a/facet-search", {"facetName": "nom"}, (400, "invalid_facet_search_facet_name")),
        ("/indexes/a/facet-search", {"facetName": "etat"}, (400, "invalid_facet_search_facet_name")),
        ("/indexes/a/documents/fetch", {"size": 3}, (400, "bad_request")),
        ("/swap-indexes", [{"indexes": ["a"]}], (400, "invalid_swap_indexes")),
        ("/swap-indexes", [{"indexes": ["a", "a"]}], (400, "invalid_swap_duplicate_index_found")),
        ("/indexes", {"uid": "à"}, (400, "invalid_index_uid")),
        ("/keys", {"actions": ["lire"], "indexes": ["*"], "expiresAt": None}, (400, "invalid_api_key_actions")),
        ("/keys", {"actions": ["search"], "indexes": ["*"]}, (400, "missing_api_key_expires_at")),
    ],
)  # fmt: skip
def test_un_corps_fautif_est_refuse(faux: FauxMeilisearch, chemin: str, corps: Any, attendu: tuple[int, str]) -> None:
    assert _appeler(faux, "POST", chemin, corps) == attendu


@pytest.mark.parametrize(
    ("corps", "code"),
    [
        ({"rankingRules": ["pertinence"]}, "invalid_settings_ranking_rules"),
        ({"filterableAttributes": [{"attributePatterns": ["_geo"]}]}, "invalid_settings_filterable_attributes"),
        ({"typoTolerance": {"oneTypo": 3}}, "invalid_settings_typo_tolerance"),
        ({"facettes": {}}, "bad_request"),
    ],
)
def test_des_reglages_fautifs_sont_refuses(faux: FauxMeilisearch, corps: Any, code: str) -> None:
    assert _appeler(faux, "PATCH", "/indexes/a/settings", corps) == (400, code)


def test_un_envoi_sans_type_ou_mal_forme_est_refuse(faux: FauxMeilisearch) -> None:
    ndjson = "application/x-ndjson"
    assert _appeler(faux, "POST", "/indexes/a/documents", b"{}", genre="text/plain") == (415, "invalid_content_type")
    assert _appeler(faux, "POST", "/indexes/a/documents", b"{", genre=ndjson) == (400, "malformed_payload")
    assert _appeler(faux, "POST", "/indexes/a/documents", b"", genre=ndjson) == (400, "missing_payload")
    assert _appeler(faux, "POST", "/multi-search", b"{", genre="application/json") == (400, "malformed_payload")


def test_sans_cle_ou_avec_celle_d_un_autre_rien_n_est_repondu(faux: FauxMeilisearch) -> None:
    assert _appeler(faux, "POST", "/indexes/a/search", {}, cle=None) == (401, "missing_authorization_header")
    assert _appeler(faux, "POST", "/indexes/a/search", {}, cle="autre") == (403, "invalid_api_key")
    assert _appeler(faux, "GET", "/health", cle=None) == (200, None)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"nom": "sans id"}, "missing_document_id"),
        ({"id": "à côté"}, "invalid_document_id"),
        ({"id": 2, "_geo": {"lat": 91, "lng": 0}}, "invalid_document_geo_field"),
        ({"id": 2, "_geo": {"lat": 45}}, "invalid_document_geo_field"),
        ({"id": 2, "_geo": "ici"}, "invalid_document_geo_field"),
    ],
)
def test_un_seul_document_fautif_fait_echouer_toute_la_tache(
    faux: FauxMeilisearch, document: dict[str, Any], code: str
) -> None:
    client = Client(faux.url, faux.maitresse)
    envoyee = client.index("a").add_documents([{"id": "bon"}, document])
    finie = client.wait_for_task(envoyee.task_uid)
    assert finie.status == "failed"
    assert finie.error is not None
    assert finie.error["code"] == code
    assert "bon" not in faux.instance.indices["a"].fiches


def test_un_changement_de_reglages_reindexe_tout() -> None:
    with FauxMeilisearch(maitresse=None) as faux:
        client = Client(faux.url)
        client.index("a").add_documents([{"id": 1, "nom": "le centre"}], "id")
        client.index("a").update_settings({"searchableAttributes": ["nom"]})
        derniere = client.index("a").update_settings({"stopWords": ["le"]})
        client.wait_for_task(derniere.task_uid)
        indice = faux.instance.indices["a"]
        assert indice.reindexations == 2
        assert set(indice.lexique) == {"centre"}


def test_un_echange_laisse_les_taches_qui_attendent() -> None:
    with FauxMeilisearch(maitresse=None) as faux:
        client = Client(faux.url)
        for nom in ("a", "b"):
            client.index(nom).add_documents([{"id": nom}], "id")
        client.wait_for_task(client.create_index("c").task_uid)
        faux.retenir()
        client.swap_indexes([{"indexes": ["a", "b"]}])
        client.index("a").add_documents([{"id": "apres"}])
        faux.relacher()
        client.wait_for_task(client.create_index("d").task_uid)
        assert set(faux.instance.indices["a"].fiches) == {"b", "apres"}
        assert set(faux.instance.indices["b"].fiches) == {"a"}


def test_au_dela_de_dix_mots_rien_n_est_lu() -> None:
    with FauxMeilisearch(maitresse=None) as faux:
        client = Client(faux.url)
        mots = " ".join(f"mot{rang}" for rang in range(10))
        client.wait_for_task(client.index("a").add_documents([{"id": 1, "nom": mots}], "id").task_uid)
        trouves = client.index("a").search(f"{mots} absent", {"matchingStrategy": "all"})
        assert trouves["estimatedTotalHits"] == 1
        assert not client.index("a").search(f"absent {mots}", {"matchingStrategy": "all"})["hits"]
        assert not client.index("a").search("-mot3", {"matchingStrategy": "all"})["hits"]


def test_cent_valeurs_de_facette_par_defaut_et_mille_resultats() -> None:
    with FauxMeilisearch(maitresse=None) as faux:
        client = Client(faux.url)
        client.index("a").update_settings({"filterableAttributes": ["f"]})
        fiches = [{"id": rang, "f": f"v{rang % 150:03d}"} for rang in range(1_200)]
        client.wait_for_task(client.index("a").add_documents(fiches, "id").task_uid)
        page = client.index("a").search("", {"page": 1, "hitsPerPage": 2_000, "facets": ["f"]})
        assert (len(page["hits"]), page["totalHits"]) == (1_000, 1_000)
        assert len(page["facetDistribution"]["f"]) == 100
