"""The last resort, against the directory read by hand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from annuaire.recherche.documents import document_de_lieu
from annuaire.recherche.francais.vocabulaire import charger
from annuaire.recherche.meilisearch.moteur import MoteurMeilisearch
from annuaire.recherche.ouvrir import composer, ouvrir
from annuaire.recherche.port import FACETTES, ActorDocument, ActorQuery, Box, Circle
from annuaire.recherche.secours import COLONNES, MoteurDeSecours

from tests.fabriques.repertoire import Repertoire

pytestmark = pytest.mark.anyio


@pytest.fixture
async def secours(repertoire: Repertoire) -> AsyncIterator[MoteurDeSecours]:
    engine = MoteurDeSecours(repertoire.annuaire.contexte.modele, horloge=repertoire.horloge)
    yield engine
    await engine.close()


@pytest.fixture
def documents(repertoire: Repertoire) -> list[ActorDocument]:
    return [document_de_lieu(fiche, v=1) for fiche in repertoire.fiches]


async def _tous(moteur: MoteurDeSecours, query: ActorQuery) -> list[str]:
    ids: list[str] = []
    while True:
        page = await moteur.search(ActorQuery(**{**_champs(query), "page": len(ids) // 100 + 1, "size": 100}))
        ids += [hit.id for hit in page.hits]
        if page.page >= page.pages:
            return ids


def _champs(query: ActorQuery) -> dict[str, object]:
    return {nom: getattr(query, nom) for nom in ActorQuery.__dataclass_fields__}


def _mots(document: ActorDocument) -> set[str]:
    return {m for nom in ("nom", "commune") for valeur in document.texts.get(nom, ()) for m in charger().utiles(valeur)}


async def test_des_debuts_de_mots_du_nom_et_de_la_commune_suffisent(
    secours: MoteurDeSecours, documents: list[ActorDocument]
) -> None:
    for document in documents[::150]:
        debuts = sorted({mot[:4] for mot in _mots(document)})[:2]
        voulus = {d.id for d in documents if all(any(m.startswith(debut) for m in _mots(d)) for debut in debuts)}
        page = await secours.search(ActorQuery(q=" ".join(debuts), size=100))
        assert page.total == len(voulus) > 0
        assert {hit.id for hit in page.hits} <= voulus
        assert (page.engine, page.facets) == ("database", None)
        assert await secours.count(ActorQuery(q=" ".join(debuts))) == len(voulus)


async def test_chaque_filtre_garde_ce_que_gardent_les_autres_moteurs(
    secours: MoteurDeSecours, documents: list[ActorDocument]
) -> None:
    hasard = random.Random(7)
    essayees = 0
    for nom in FACETTES:
        valeurs = sorted({valeur for d in documents for valeur in d.facets.get(nom, ())})
        if not valeurs:
            continue
        choisies = tuple(hasard.sample(valeurs, min(2, len(valeurs))))
        voulus = {d.id for d in documents if set(d.facets.get(nom, ())) & set(choisies)}
        assert await secours.count(ActorQuery(filters={nom: choisies})) == len(voulus), nom
        lues = {v.value: v.count for v in await secours.facet_values(nom, "", ActorQuery())}
        comptes = Counter(valeur for d in documents for valeur in d.facets.get(nom, ()))
        assert max(comptes.values()) == max(lues.values()), nom
        assert all(comptes[valeur] == compte for valeur, compte in lues.items()), nom
        essayees += 1
    assert essayees > 12
    assert set(COLONNES) <= set(FACETTES)
    assert await secours.count(ActorQuery(filters={"genre": ("structure",)})) == 0


async def test_les_zones_et_les_ordres_sont_ceux_des_autres_moteurs(
    secours: MoteurDeSecours, documents: list[ActorDocument]
) -> None:
    immobiles = [d for d in documents if d.lat is not None and d.lng is not None]
    centre = immobiles[0]
    assert centre.lat is not None
    assert centre.lng is not None
    cercle = Circle(lat=centre.lat, lng=centre.lng, radius_m=50_000)
    page = await secours.search(ActorQuery(geo=cercle, sort="distance", size=100))
    loins = [hit.distance_m for hit in page.hits]
    assert page.total > 1
    assert loins == sorted(loins, key=lambda d: d or 0.0)
    assert all(d is not None and d <= 50_000 for d in loins)
    boite = Box(south=45.0, west=0.0, north=48.0, east=4.0)
    assert 0 < await secours.count(ActorQuery(geo=boite)) < len(documents)
    ids = await _tous(secours, ActorQuery(sort="maj_desc"))
    par_id = {d.id: d for d in documents}
    majs = [par_id[id].maj for id in ids]
    assert len(set(ids)) == len(ids)
    assert majs == sorted(majs, reverse=True)
    noms = [par_id[id].texts["nom"][0] for id in await _tous(secours, ActorQuery(q="maison", sort="name"))]
    assert len(noms) > 1


async def test_une_suggestion_vient_du_nom_et_rien_ne_vient_de_rien(secours: MoteurDeSecours) -> None:
    assert await secours.suggest("  ", near=None, limit=5) == ()
    assert await secours.suggest("zzyzx", near=None, limit=5) == ()
    assert len(await secours.suggest("maison", near=None, limit=3)) == 3


@pytest.mark.parametrize("q", ['"', "a" * 10_000, "\x00", "😀", "-", "(((", "é" * 300])
async def test_une_question_hostile_recoit_une_reponse(secours: MoteurDeSecours, q: str) -> None:
    assert (await secours.search(ActorQuery(q=q))).total >= 0


async def test_sans_meilisearch_ni_index_les_lieux_se_trouvent_encore(
    repertoire: Repertoire, documents: list[ActorDocument], tmp_path: Path
) -> None:
    for adresse, nourris in (("embarque:", ["embarque"]), ("http://127.0.0.1:9", ["meilisearch", "embarque"])):
        moteurs = composer(
            adresse, "cle", tmp_path / nourris[0], modele=repertoire.annuaire.contexte.modele,
            horloge=repertoire.horloge, retard=lambda: 0.0,
        )  # fmt: skip
        assert list(moteurs.nourris) == nourris
        page = await moteurs.lecture.search(ActorQuery(facets=("types",)))
        assert (page.engine, page.degraded, page.facets) == ("database", True, None)
        assert await moteurs.lecture.count(ActorQuery()) == len(documents)
        sante = await moteurs.lecture.health()
        assert sante.up
        assert sante.detail is not None
        await moteurs.lecture.close()


@pytest.mark.parametrize("url", ["", "ftp://a", "http://", "embarque", "http://a?b", "redis://a:1"])
def test_une_adresse_de_recherche_qui_n_en_est_pas_une_est_refusee(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Adresse de recherche inconnue"):
        ouvrir(url, "", tmp_path)


async def test_une_adresse_http_ouvre_meilisearch_sans_rien_lui_demander(tmp_path: Path) -> None:
    engine = ouvrir("http://127.0.0.1:9", "", tmp_path)
    assert isinstance(engine, MoteurMeilisearch)
    await engine.close()
