"""The forms of an answer: compact, GeoJSON, and the one that `Accept` chooses."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import shapely

from tests.fabriques.annuaire import Annuaire, ouvrir
from tests.fabriques.repertoire import MAINTENANT, SANS_PUBLIC, Fiche, Repertoire, exportees

pytestmark = pytest.mark.anyio

COMPACTE = {
    "id", "nom", "latitude", "longitude", "ouverture", "telephone", "modalites_acces", "frais_a_charge", "services",
    "verifie_le",
}  # fmt: skip
OUVERTURE = {"etat", "ferme_a", "prochaine"}
PLAFOND, PLAFOND_COMPRESSE = 11_000, 2_500
"""Bytes of the twenty nearest places, compact; the demonstration is wordier than real lists."""
PLAFOND_REEL = 10_000

JSON, GEOJSON = "application/json", "application/geo+json"


async def proches(repertoire: Repertoire, fiche: Fiche, **options: Any) -> Any:
    return await repertoire.annuaire.get(
        "/lieux", proche=f"{fiche['latitude']},{fiche['longitude']}", rayon=100_000, limite=20, **options
    )


def situees(repertoire: Repertoire) -> list[Fiche]:
    return [fiche for fiche in repertoire.fiches if fiche["latitude"] is not None]


async def test_la_projection_compacte_a_ses_champs_et_aucun_autre(repertoire: Repertoire) -> None:
    fiche = next(f for f in situees(repertoire) if SANS_PUBLIC not in f["modalites_acces"])
    par_id = {f["id"]: f for f in repertoire.fiches}
    liste = (await repertoire.annuaire.get("/lieux", projection="compacte", limite=500)).json()["elements"]
    pres = (await proches(repertoire, fiche, projection="compacte")).json()["elements"]
    une = (await repertoire.annuaire.get(f"/lieux/{fiche['id']}", projection="compacte")).json()
    assert len(liste) == 500
    for lu in (*liste, une):
        assert set(lu) == COMPACTE
    for lu in pres:
        assert set(lu) == {*COMPACTE, "distance_m"}
    for lu in (*liste, *pres, une):
        assert set(lu["ouverture"]) == OUVERTURE
        attendue = par_id[lu["id"]]
        assert {nom: lu[nom] for nom in COMPACTE - {"ouverture"}} == {
            nom: attendue[nom] for nom in COMPACTE - {"ouverture"}
        }  # fmt: skip
    complets = (await repertoire.annuaire.get("/lieux", limite=500)).json()["elements"]
    assert [lu["ouverture"] for lu in liste] == [lu["ouverture"] for lu in complets]


async def peser(
    annuaire: Annuaire, fiches: list[Fiche], capsys: pytest.CaptureFixture[str], titre: str
) -> tuple[int, int]:
    """Ask the twenty nearest to many places; return the heaviest answer, in bytes, as it is and compressed."""
    tailles, compressees = [], []
    for fiche in random.Random(20).sample(fiches, 300):
        reponse = await annuaire.get(
            "/lieux",
            proche=f"{fiche['latitude']},{fiche['longitude']}",
            rayon=100_000,
            limite=20,
            projection="compacte",
            entetes={"Accept-Encoding": "gzip"},
        )
        if len(reponse.json()["elements"]) == 20:
            tailles.append(len(reponse.content))
            compressees.append(int(reponse.headers["content-length"]))
    mediane, lourde, pressee = sorted(tailles)[len(tailles) // 2], max(tailles), max(compressees)
    with capsys.disabled():
        print(
            f"\n  20 plus proches, compacts, {titre} : médiane {mediane} octets, au plus {lourde} ({pressee} pressés)"
        )
    assert len(tailles) > 100
    return lourde, pressee


async def test_les_vingt_plus_proches_pesent_peu(repertoire: Repertoire, capsys: pytest.CaptureFixture[str]) -> None:
    nue, compressee = await peser(repertoire.annuaire, situees(repertoire), capsys, "démonstration")
    assert nue <= PLAFOND
    assert compressee <= PLAFOND_COMPRESSE


@pytest.mark.donnees_reelles
@pytest.mark.epreuve
async def test_sur_une_liste_reelle_les_vingt_plus_proches_tiennent_en_dix_kilo_octets(
    tmp_path: Path, jeux: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with ouvrir(tmp_path, f"sqlite:{tmp_path / 'annuaire.db'}") as annuaire:
        source = await annuaire.creer_source()
        await annuaire.synchroniser(source, (jeux / "standard" / "cnfs-v0.json").read_bytes())
        await annuaire.contexte.modele.rattraper(le=MAINTENANT, entierement=True)
        fiches = [fiche for fiche in await exportees(annuaire) if fiche["latitude"] is not None]
        nue, _ = await peser(annuaire, fiches, capsys, f"{len(fiches)} lieux réels")
    assert nue <= PLAFOND_REEL


@pytest.mark.parametrize("projection", ["complete", "compacte"])
async def test_le_geojson_d_une_liste_dit_ce_que_dit_le_json(repertoire: Repertoire, projection: str) -> None:
    sans_point = avec_point = 0
    question: dict[str, Any] = {"limite": 500, "projection": projection, "compte": "exact", "facettes": "services"}
    for suite in ({}, {"source": "liste-1"}, {"departement": ["13", "75", "974"]}):
        en_json = (await repertoire.annuaire.get("/lieux", **question, **suite)).json()
        lue = await repertoire.annuaire.get("/lieux", **question, **suite, format="geojson")
        assert lue.headers["content-type"] == GEOJSON
        collection = lue.json()
        assert collection.pop("type") == "FeatureCollection"
        entites = collection.pop("features")
        assert [entite["properties"] for entite in entites] == en_json.pop("elements")
        suivants = (collection.pop("suivant"), en_json.pop("suivant"))
        assert (suivants[0] is None) == (suivants[1] is None)
        assert collection == en_json
        for entite in entites:
            assert set(entite) == {"type", "id", "geometry", "properties"}
            avec_point, sans_point = _verifier(entite, avec_point, sans_point)
    assert avec_point > 500
    assert sans_point > 10


def _verifier(entite: dict[str, Any], avec_point: int, sans_point: int) -> tuple[int, int]:
    """Read a feature with a reader that is not ours, and compare its point with its properties."""
    proprietes = entite["properties"]
    assert (entite["type"], entite["id"]) == ("Feature", proprietes["id"])
    if entite["geometry"] is None:
        assert (proprietes["latitude"], proprietes["longitude"]) == (None, None)
        return avec_point, sans_point + 1
    assert set(entite["geometry"]) == {"type", "coordinates"}
    point = shapely.from_geojson(json.dumps(entite["geometry"]))
    assert point.geom_type == "Point"
    assert (point.x, point.y) == (proprietes["longitude"], proprietes["latitude"])
    return avec_point + 1, sans_point


async def test_une_longitude_n_est_jamais_prise_pour_une_latitude(repertoire: Repertoire) -> None:
    # Réunion, Guyane, Mayotte: swapped, these points would lie elsewhere, or nowhere
    reponse = await repertoire.annuaire.get(
        "/lieux", departement=["974", "973", "976"], format="geojson", projection="compacte", limite=500
    )
    rectangles = [shapely.box(55, -21.5, 56, -20.8), shapely.box(-55, 2, -51, 6), shapely.box(44.9, -13.1, 45.4, -12.5)]
    touches = [0, 0, 0]
    for entite in reponse.json()["features"]:
        if entite["geometry"] is not None:
            point = shapely.from_geojson(json.dumps(entite["geometry"]))
            dans = [rectangle.contains(point) for rectangle in rectangles]
            assert sum(dans) == 1, entite
            touches[dans.index(True)] += 1
    assert min(touches) > 3


async def test_le_geojson_d_une_fiche_dit_ce_que_dit_le_json(repertoire: Repertoire) -> None:
    sans_point = next(f for f in repertoire.fiches if f["latitude"] is None)
    avec_point = sans = 0
    for fiche in (sans_point, *random.Random(3).sample(situees(repertoire), 40)):
        for projection in ("complete", "compacte"):
            chemin = f"/lieux/{fiche['id']}"
            en_json = await repertoire.annuaire.get(chemin, projection=projection)
            lue = await repertoire.annuaire.get(chemin, projection=projection, entetes={"Accept": GEOJSON})
            assert (lue.headers["content-type"], en_json.headers["content-type"]) == (GEOJSON, JSON)
            assert lue.json()["properties"] == en_json.json()
            assert lue.headers["etag"] != en_json.headers["etag"]
            avec_point, sans = _verifier(lue.json(), avec_point, sans)
    assert (avec_point, sans) == (80, 2)


async def test_les_distances_du_geojson_sont_celles_du_json(repertoire: Repertoire) -> None:
    fiche = situees(repertoire)[0]
    en_json = (await proches(repertoire, fiche)).json()["elements"]
    entites = (await proches(repertoire, fiche, format="geojson")).json()["features"]
    assert [entite["properties"] for entite in entites] == en_json
    assert len(en_json) > 1


NEGOCIATIONS = (
    (None, JSON), ("", JSON), ("*/*", JSON), ("application/*", JSON), (JSON, JSON), (GEOJSON, GEOJSON),
    ("APPLICATION/GEO+JSON", GEOJSON), (f"{JSON}, {GEOJSON}", JSON), (f"{GEOJSON}, {JSON}", JSON),
    (f"{JSON};q=0.5, {GEOJSON}", GEOJSON), (f"{JSON};q=0.5, {GEOJSON};q=0.4", JSON), (f"{JSON};q=0, */*", GEOJSON),
    (f"{GEOJSON};q=0, */*", JSON), (f"*/*;q=0.1, {GEOJSON};q=0.2", GEOJSON), (f"text/csv, {GEOJSON};q=0.1", GEOJSON),
    ("text/html, application/xhtml+xml, */*;q=0.8", JSON), (f"{GEOJSON}; q=1.0; charset=utf-8", GEOJSON),
    (f"{JSON};q=abc, {GEOJSON};q=0.1", GEOJSON), ("text/csv", None), ("text/*", None), ("*/*;q=0", None),
    (f"{JSON};q=0", None), (f"{JSON};q=0, {GEOJSON};q=0.0, */*", None), ("application/xml;q=1", None),
)  # fmt: skip
"""What a caller accepts, and what comes: `None` is a refusal."""


@pytest.mark.parametrize(("accept", "attendu"), NEGOCIATIONS)
async def test_la_forme_est_celle_que_l_appelant_accepte(
    repertoire: Repertoire, accept: str | None, attendu: str | None
) -> None:
    entetes = {} if accept is None else {"Accept": accept}
    for chemin in ("/lieux", f"/lieux/{repertoire.fiches[0]['id']}"):
        reponse = await repertoire.annuaire.get(chemin, entetes=entetes)
        if attendu is None:
            assert (reponse.status_code, reponse.headers["content-type"]) == (406, "application/problem+json")
            probleme = reponse.json()
            assert probleme["type"] == "/problemes/format-refuse"
            assert [JSON, GEOJSON] in probleme.values()
            assert probleme["detail"] == f"Formats servis ici : {JSON}, {GEOJSON}."
        else:
            assert (reponse.status_code, reponse.headers["content-type"]) == (200, attendu)
            assert "accept" in reponse.headers["vary"].lower()


@pytest.mark.parametrize(("format_", "attendu"), [("json", JSON), ("geojson", GEOJSON)])
async def test_le_parametre_l_emporte_sur_l_en_tete(repertoire: Repertoire, format_: str, attendu: str) -> None:
    for accept in (JSON, GEOJSON, "text/csv", "*/*;q=0"):
        for chemin in ("/lieux", f"/lieux/{repertoire.fiches[0]['id']}"):
            reponse = await repertoire.annuaire.get(chemin, format=format_, entetes={"Accept": accept})
            assert (reponse.status_code, reponse.headers["content-type"]) == (200, attendu)
