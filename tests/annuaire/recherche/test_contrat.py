"""What every engine promises; run on each."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from annuaire.recherche.embarque import generations
from annuaire.recherche.embarque.index import Index
from annuaire.recherche.embarque.lexique import Lexique
from annuaire.recherche.embarque.recherche import chercher
from annuaire.recherche.port import (
    ActorDocument,
    ActorQuery,
    Box,
    Circle,
    Delete,
    Geo,
    Polygon,
    SearchEngine,
    Upsert,
)

from tests.annuaire.recherche.fiches import fiche
from tests.annuaire.recherche.moteurs import MOTEURS, Atelier, ecrire, ouvrir

pytestmark = pytest.mark.anyio
NOMBRE = 300


@pytest.fixture(params=[*MOTEURS])
async def atelier(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Atelier]:
    async with ouvrir(request.param, tmp_path) as ouvert:
        yield ouvert


@pytest.fixture
async def moteur(atelier: Atelier) -> AsyncIterator[SearchEngine]:
    engine = atelier.ouvrir()
    await ecrire(engine, [Upsert(fiche(rang)) for rang in range(NOMBRE)])
    yield engine
    await engine.close()


def _visibles() -> list[ActorDocument]:
    return [f for f in map(fiche, range(NOMBRE)) if f.visible]


async def _tous(moteur: SearchEngine, query: ActorQuery) -> list[str]:
    ids: list[str] = []
    for page in itertools.count(1):
        lue = await moteur.search(replace(query, page=page))
        ids += [hit.id for hit in lue.hits]
        if page >= lue.pages:
            return ids
    raise AssertionError


@pytest.mark.parametrize("q", ["", "médiathèque", "conseiller numérique", "mairie saint etang"])
async def test_les_pages_partagent_les_resultats_sans_trou_ni_reprise(moteur: SearchEngine, q: str) -> None:
    ids = await _tous(moteur, ActorQuery(q=q, size=7))
    lue = await moteur.search(ActorQuery(q=q, size=100, page=2))
    assert len(ids) == len(set(ids)) == lue.total > 0
    assert ids == await _tous(moteur, ActorQuery(q=q, size=100))


async def test_les_filtres_gardent_ce_que_garde_la_lecture_de_chaque_fiche(moteur: SearchEngine) -> None:
    hasard = random.Random(5)
    valeurs = {
        "types": ["Médiathèque", "Mairie", "CCAS", "MJC", "inconnu"],
        "departement": ["01", "33", "974"],
        "services": ["Aide aux démarches administratives", "Accès internet"],
    }
    vides = 0
    for _ in range(60):
        filtres = {
            nom: tuple(hasard.sample(choix, hasard.randrange(1, 3)))
            for nom, choix in valeurs.items()
            if hasard.random() < 0.6
        }
        depuis = hasard.choice([None, 1_700_000_000 + 2 * 86_400])
        voulus = {
            f.id
            for f in _visibles()
            if all(set(f.facets[nom]) & set(choix) for nom, choix in filtres.items())
            and (depuis is None or f.maj >= depuis)
        }
        query = ActorQuery(filters=filtres, maj_after=depuis, size=100, facets=("types",))
        assert set(await _tous(moteur, query)) == voulus
        assert await moteur.count(query) == len(voulus)
        lue = await moteur.search(query)
        assert lue.facets is not None
        assert sum(v.count for v in lue.facets["types"]) == len(voulus)
        vides += not voulus
    assert vides < 50


@pytest.mark.parametrize(
    "geo",
    [
        Circle(lat=47.0, lng=2.0, radius_m=150_000),
        Box(south=45.0, west=0.0, north=48.0, east=4.0),
        Polygon(((45.0, 0.0), (49.0, 1.0), (46.0, 5.0))),
    ],
)
async def test_une_zone_est_celle_de_la_terre_et_non_de_sa_boite(moteur: SearchEngine, geo: Geo) -> None:
    voulus = {f.id for f in _visibles() if f.lat is not None and f.lng is not None and _dedans(geo, f.lat, f.lng)}
    lue = await moteur.search(ActorQuery(geo=geo, size=100, facets=("types",)))
    assert set(await _tous(moteur, ActorQuery(geo=geo, size=100))) == voulus
    assert lue.facets is not None
    assert sum(v.count for v in lue.facets["types"]) == len(voulus) > 5


def _dedans(geo: Geo, lat: float, lng: float) -> bool:
    if isinstance(geo, Circle):
        return geo.radius_m is not None and _haversine(lat, lng, geo) <= geo.radius_m
    if isinstance(geo, Box):
        return geo.south <= lat <= geo.north and geo.west <= lng <= geo.east
    signes = [
        (xb - xa) * (lat - ya) - (yb - ya) * (lng - xa) > 0
        for (ya, xa), (yb, xb) in zip(geo.points, (*geo.points[1:], geo.points[0]), strict=True)
    ]
    return all(signes) or not any(signes)


def _haversine(lat: float, lng: float, centre: Circle) -> float:
    a, b = math.radians(lat), math.radians(centre.lat)
    x = math.sin((a - b) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lng - centre.lng) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(x))


async def test_le_tri_par_distance_est_celui_des_metres(moteur: SearchEngine) -> None:
    centre = Circle(lat=46.5, lng=2.5)
    lue = await moteur.search(ActorQuery(geo=centre, sort="distance", size=100))
    par_id = {f.id: f for f in _visibles()}
    for hit in lue.hits:
        f = par_id[hit.id]
        assert f.lat is not None
        assert f.lng is not None
        assert hit.distance_m is not None
        assert hit.distance_m == pytest.approx(_haversine(f.lat, f.lng, centre), abs=1)
    lus = [hit.distance_m for hit in lue.hits if hit.distance_m is not None]
    assert all(b >= a - 1 for a, b in itertools.pairwise(lus))


async def test_une_suppression_ne_revient_pas_et_une_version_ancienne_n_ecrase_rien(moteur: SearchEngine) -> None:
    await ecrire(moteur, [Upsert(fiche(1, v=5, graine=9)), Delete("fiche-0002", 4)])
    await ecrire(moteur, [Upsert(fiche(1, v=3)), Upsert(fiche(2, v=4)), Upsert(fiche(2, v=2))])
    versions = {id: v async for lot in moteur.fingerprints() for id, v in lot}
    assert versions["fiche-0001"] == 5
    assert "fiche-0002" not in versions
    assert len(versions) == (await moteur.stats()).documents == NOMBRE - 1
    await ecrire(moteur, [Upsert(fiche(2, v=6))])
    assert {id: v async for lot in moteur.fingerprints() for id, v in lot}["fiche-0002"] == 6


async def test_le_mode_disjonctif_compte_une_facette_sans_son_propre_filtre(moteur: SearchEngine) -> None:
    filtres = {"types": ("Mairie",), "departement": ("33",)}
    lue = await moteur.search(ActorQuery(filters=filtres, facets=("types", "departement"), facet_mode="disjunctive"))
    assert lue.facets is not None
    voulus = [f for f in _visibles() if "33" in f.facets["departement"]]
    assert sum(v.count for v in lue.facets["types"]) == len(voulus) > lue.total


async def test_une_question_sans_reponse_abandonne_ses_mots_inconnus_et_le_dit(moteur: SearchEngine) -> None:
    lue = await moteur.search(ActorQuery(q="médiathèque zzyzx"))
    assert lue.relaxed
    assert lue.dropped_words == ("zzyzx",)
    assert lue.total > 0
    stricte = await moteur.search(ActorQuery(q="médiathèque zzyzx", relax=False))
    assert stricte.total == 0
    assert not stricte.relaxed


async def test_une_citation_veut_ses_mots_a_la_suite(moteur: SearchEngine) -> None:
    assert (await moteur.search(ActorQuery(q='"conseiller numérique"'))).total > 0
    assert (await moteur.search(ActorQuery(q='"numérique conseiller"'))).total == 0


async def test_un_tiret_en_tete_n_exclut_rien(moteur: SearchEngine) -> None:
    avec, sans = await moteur.search(ActorQuery(q="-mairie")), await moteur.search(ActorQuery(q="mairie"))
    assert avec.total == sans.total > 0


@pytest.mark.parametrize(
    "q",
    ['"', '""""', "'", "\\", "a" * 10_000, "😀😀", "\u202eabc", "-", "- -", "a OR b AND NOT c", "nom = 'x'", "\x00",
     "*",      "(((((", "[a TO b]", "^2", "~", "+a -b", " ".join("abcdefghijklmnop"), "é" * 300, "٣٤٥", "中文 字"],
)  # fmt: skip
async def test_une_question_hostile_recoit_une_reponse(moteur: SearchEngine, q: str) -> None:
    lue = await moteur.search(ActorQuery(q=q, facets=("types",)))
    assert {hit.id for hit in lue.hits} <= {f.id for f in _visibles()}


async def test_une_suggestion_complete_un_nom(moteur: SearchEngine) -> None:
    trouvees = await moteur.suggest("médiathèque til", near=None, limit=5)
    par_id = {f.id: f for f in _visibles()}
    assert trouvees
    assert all("Médiathèque des Tilleuls" in par_id[s.id].texts["nom"] for s in trouvees)


async def test_les_valeurs_d_une_facette_se_cherchent_par_leur_debut(moteur: SearchEngine) -> None:
    lues = await moteur.facet_values("types", "medi", ActorQuery())
    assert [v.value for v in lues] == ["Médiathèque"]
    assert lues[0].count == sum("Médiathèque" in f.facets["types"] for f in _visibles())


async def test_une_generation_se_construit_a_cote_et_prend_place_d_un_coup(moteur: SearchEngine) -> None:
    avant = (await moteur.search(ActorQuery())).generation
    nouvelle = await moteur.begin_rebuild()
    await moteur.load(nouvelle, [fiche(rang) for rang in range(50)])
    await ecrire(moteur, [Upsert(fiche(7, v=9))])
    assert (await moteur.search(ActorQuery())).generation == avant
    rapport = await moteur.verify(nouvelle, {f"fiche-{rang:04d}": 9 if rang == 7 else 1 for rang in range(50)})
    assert rapport.ok
    assert rapport.found == 50
    assert not (await moteur.verify(nouvelle, {"fiche-0299": 1})).ok
    await moteur.promote(nouvelle)
    assert (await moteur.stats()).documents == 50
    abandonnee = await moteur.begin_rebuild()
    await moteur.abandon(abandonnee)
    assert (await moteur.search(ActorQuery())).generation == nouvelle


async def test_un_autre_lecteur_suit_ce_qui_est_ecrit(moteur: SearchEngine, atelier: Atelier) -> None:
    lecteur = atelier.ouvrir()
    try:
        for tour in range(1, 6):
            await ecrire(moteur, [Upsert(fiche(rang, v=tour + 1, graine=tour)) for rang in range(tour * 10)])
            questions = [ActorQuery(q=q, size=50) for q in ("médiathèque", "", "moulin")]
            for query in questions:
                assert (await lecteur.search(query)).hits == (await moteur.search(query)).hits
        nouvelle = await moteur.begin_rebuild()
        await moteur.load(nouvelle, [fiche(1)])
        await moteur.promote(nouvelle)
        assert (await lecteur.search(ActorQuery())).total == 1
    finally:
        await lecteur.close()


@pytest.mark.parametrize("q", ["", "conseiller numérique"])
def test_qui_cherche_au_milieu_d_une_ecriture_trouve_tout_une_fois(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, q: str
) -> None:
    index = Index(tmp_path, generations.nommer(1), neuf=True)
    index.ecrire([Upsert(replace(fiche(rang), visible=True)) for rang in range(50)])
    totaux: list[int] = []

    def chercher_avant(methode: str) -> None:
        vraie = getattr(Lexique, methode)

        def puis(lexique: Lexique, *args: object) -> object:
            totaux.append(chercher(index, ActorQuery(q=q, facets=("types",))).total)
            resultat = vraie(lexique, *args)
            totaux.append(chercher(index, ActorQuery(q=q, facets=("types",))).total)
            return resultat

        monkeypatch.setattr(Lexique, methode, puis)

    for methode in ("compter", "preparer"):
        chercher_avant(methode)
    index.ecrire([Upsert(replace(fiche(rang, v=2, graine=4), visible=True)) for rang in range(50)])
    assert len(totaux) >= 4
    assert set(totaux) == {50}
    index.fermer()


async def test_la_memoire_de_qui_ecrit_ne_garde_pas_toutes_les_versions(tmp_path: Path) -> None:
    index = Index(tmp_path, generations.nommer(1), neuf=True)
    for tour in range(1, 40):
        index.ecrire([Upsert(fiche(rang, v=tour)) for rang in range(100)])
    assert index.vue.presents == 100
    assert len(index.vue.memoire.ids) <= 100 + 1_100
    index.fermer()
