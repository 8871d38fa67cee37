"""What a search asks of the server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from annuaire.recherche.meilisearch import questions
from annuaire.recherche.meilisearch.client import ClientDeRecherche
from annuaire.recherche.meilisearch.reglages import reglages
from annuaire.recherche.port import ActorQuery, Box, Circle, EngineUnavailable, Polygon
from meilisearch import Client

from tests.fabriques.faux_meilisearch import FauxMeilisearch

QUERIES = (
    ActorQuery(),
    ActorQuery(q="médiathèque des tilleuls", facets=("types", "departement"), page=3, size=7),
    ActorQuery(q='"conseiller numérique" -sur-Seine', filters={"types": ('L"œil\\',)}, highlight=True),
    ActorQuery(geo=Circle(lat=46.5, lng=2.5, radius_m=1e5), sort="distance", maj_after=1_700_000_000),
    ActorQuery(geo=Box(south=45.0, west=0.0, north=48.0, east=4.0), sort="name", visibility=False),
    ActorQuery(geo=Polygon(((45.0, 0.0), (49.0, 1.0), (46.0, 5.0))), sort="maj_desc"),
    ActorQuery(q="mairie", filters={"types": ("Mairie",)}, facets=("types", "services"), facet_mode="disjunctive"),
)


@pytest.fixture(scope="module")
def faux() -> Iterator[FauxMeilisearch]:
    with FauxMeilisearch(maitresse=None) as ouvert:
        client = Client(ouvert.url)
        client.create_index("annuaire", {"primaryKey": "id"})
        tache = client.index("annuaire").update_settings(reglages())
        assert client.wait_for_task(tache.task_uid).status == "succeeded"
        yield ouvert


@pytest.mark.anyio
async def test_le_client_des_recherches_envoie_ce_qu_enverrait_le_paquet_officiel(faux: FauxMeilisearch) -> None:
    client, officiel = ClientDeRecherche(faux.url), Client(faux.url)
    for query in QUERIES:
        corps = questions.chercher(query, "annuaire")
        recherche = questions.valeurs("commune_insee", "75", query)
        faux.recus.clear()
        nous = await client.multi(corps), await client.valeurs("annuaire", recherche)
        eux = officiel.multi_search(corps), officiel.index("annuaire").facet_search(
            recherche["facetName"], recherche["facetQuery"],
            {nom: v for nom, v in recherche.items() if nom not in ("facetName", "facetQuery")},
        )  # fmt: skip
        assert faux.recus[:2] == faux.recus[2:]
        assert nous == (eux[0]["results"], {v["value"]: v["count"] for v in eux[1]["facetHits"]})
    await client.fermer()


def _q(texte: str) -> str:
    q: str = questions.chercher(ActorQuery(q=texte), "annuaire")[0]["q"]
    return q


def test_la_question_est_coupee_comme_les_documents() -> None:
    assert _q("L'Haÿ-les-Roses") == "hay roses"
    assert _q("C.A.F. de St-Denis ") == "caf saint denis "


def test_un_tiret_en_tete_n_exclut_rien_et_une_citation_reste() -> None:
    assert _q("-sur-Seine") == "seine"
    assert _q('conseiller "France Services"') == '"france services" conseiller '


def test_le_dernier_mot_n_est_un_debut_que_s_il_est_ouvert() -> None:
    assert _q("mairie") == "mairie"
    assert _q("mairie ") == "mairie "
    assert _q("mairie de") == "mairie "


def test_dix_mots_au_plus_sont_demandes() -> None:
    assert len(_q(" ".join(f"mot{rang}" for rang in range(30))).split()) == 10
    longue = '"un deux trois quatre cinq six sept huit" ' + " ".join(f"mot{rang}" for rang in range(30))
    assert len(_q(longue).replace('"', "").split()) == 10


def test_on_n_assouplit_que_ce_qui_a_des_mots_a_perdre() -> None:
    def strategies(query: ActorQuery) -> list[Any]:
        return [corps["matchingStrategy"] for corps in questions.chercher(query, "annuaire")]

    assert strategies(ActorQuery(q="médiathèque tilleuls")) == ["all", "frequency"]
    assert strategies(ActorQuery(q="médiathèque")) == ["all"]
    assert strategies(ActorQuery(q="médiathèque tilleuls", relax=False)) == ["all"]


def test_une_facette_disjonctive_est_comptee_sans_son_filtre_et_sans_resultats() -> None:
    query = ActorQuery(filters={"types": ("Mairie",), "departement": ("33",)}, facets=("types", "services"),
                       facet_mode="disjunctive")  # fmt: skip
    principale, types = questions.chercher(query, "annuaire")
    assert principale["facets"] == ["generation", "f_services"]
    assert types["facets"] == ["f_types"]
    assert types["hitsPerPage"] == 0
    assert not any("f_types" in filtre for filtre in types["filter"])
    assert any("f_departement" in filtre for filtre in types["filter"])


@pytest.mark.anyio
async def test_une_question_que_le_serveur_refuse_est_notre_faute(faux: FauxMeilisearch) -> None:
    client = ClientDeRecherche(faux.url)
    with pytest.raises(EngineUnavailable) as refus:
        await client.multi([{"indexUid": "annuaire", "inconnu": 1}])
    assert refus.value.contexte == {"statut": 400, "code": "bad_request", "panne": False}
    await client.fermer()
