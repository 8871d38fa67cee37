"""The nearest places, against a count made by hand: every place measured, one by one, with other code."""

from __future__ import annotations

import json
import math
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fabriques.annuaire import JSON, Annuaire, liste, ouvrir

pytestmark = pytest.mark.anyio

RAYON_MOYEN = 6_371_008.8
POINTS = 1_000
SANS_PUBLIC = "Ce lieu n'accueille pas de public"

POLES: tuple[tuple[str, str, str, float, float, float], ...] = (
    ("Paris", "75001", "75101", 48.8566, 2.3522, 0.3),
    ("Marseille", "13001", "13201", 43.2965, 5.3698, 0.5),
    ("Brest", "29200", "29019", 48.3904, -4.4861, 0.4),
    ("Ajaccio", "20000", "2A004", 41.9192, 8.7386, 0.3),
    ("Dijon", "21000", "21231", 47.3220, 5.0415, 2.5),
    ("Les Abymes", "97139", "97101", 16.2710, -61.5050, 0.2),
    ("Fort-de-France", "97200", "97209", 14.6161, -61.0588, 0.15),
    ("Cayenne", "97300", "97302", 4.9372, -52.3260, 1.0),
    ("Saint-Denis", "97400", "97411", -20.8789, 55.4481, 0.3),
    ("Mamoudzou", "97600", "97611", -12.7806, 45.2278, 0.1),
    ("Saint-Pierre", "97500", "97502", 46.7811, -56.1764, 0.05),
    ("Nouméa", "98800", "98818", -22.2711, 166.4416, 0.5),
    ("Papeete", "98714", "98735", -17.5390, -149.5680, 0.2),
)
"""Where places are: commune, postal code, INSEE code, latitude, longitude, spread in degrees."""


@dataclass(frozen=True)
class Place:
    """What the count by hand knows of a place, read from its public page."""

    id: str
    latitude: float
    longitude: float
    departement: str | None
    region: str | None
    code_postal: str | None
    recoit: bool


def distance(une: Place, latitude: float, longitude: float) -> float:
    """Measure a great circle by the haversine formula, in metres."""
    phi1, phi2 = math.radians(une.latitude), math.radians(latitude)
    demi_phi, demi_lambda = (phi2 - phi1) / 2, math.radians(longitude - une.longitude) / 2
    a = math.sin(demi_phi) ** 2 + math.cos(phi1) * math.cos(phi2) * math.sin(demi_lambda) ** 2
    return 2 * RAYON_MOYEN * math.asin(min(1.0, math.sqrt(a)))


def a_la_main(places: list[Place], question: dict[str, Any]) -> list[tuple[str, int]]:
    """Answer a question by measuring every place."""
    latitude, longitude = map(float, question["proche"].split(","))
    trouvees = []
    for place in places:
        if any(getattr(place, champ) != question[champ] for champ in FILTRES if champ in question):
            continue
        if not place.recoit and not question.get("sans_public"):
            continue
        metres = distance(place, latitude, longitude)
        if metres <= question.get("rayon", 10_000):
            trouvees.append((metres, place.id))
    return [(id, round(metres)) for metres, id in sorted(trouvees)[: question["limite"]]]


FILTRES = ("departement", "region", "code_postal")


def questions(hasard: random.Random, places: list[Place], points: int) -> list[dict[str, Any]]:
    """Draw points over France, near places or anywhere, with radius and filters."""
    tirees = []
    for rang in range(points):
        place = hasard.choice(places)
        if rang % 5 == 0:
            # the very point of a place: distance zero, and ties of those that share it
            latitude, longitude = place.latitude, place.longitude
        elif rang % 5 == 1:
            latitude, longitude = hasard.uniform(41.3, 51.1), hasard.uniform(-5.2, 9.6)
        else:
            latitude = place.latitude + hasard.gauss(0, 0.05)
            longitude = (place.longitude + hasard.gauss(0, 0.05) + 180) % 360 - 180
        question: dict[str, Any] = {"proche": f"{latitude:.6f},{longitude:.6f}", "limite": 20}
        if rang % 4:
            question["rayon"] = hasard.choice([1, 50, 500, 2_000, 10_000, 50_000, 100_000, hasard.randint(1, 100_000)])
        if hasard.random() < 0.3:
            champ = hasard.choice(FILTRES)
            valeur = getattr(hasard.choice([place, hasard.choice(places)]), champ)
            if valeur is not None:
                question[champ] = valeur
        if hasard.random() < 0.2:
            question["sans_public"] = "true"
        tirees.append(question)
    return tirees


async def places_publiees(annuaire: Annuaire) -> list[Place]:
    """Read every place by the export, which owes nothing to the index."""
    reponse = await annuaire.get("/exports/lieux")
    *lignes, fin = [json.loads(ligne) for ligne in reponse.text.splitlines()]
    assert fin["lignes"] == len(lignes)
    return [
        Place(
            lu["id"], lu["latitude"], lu["longitude"], lu["departement"], lu["region"], lu["code_postal"],
            SANS_PUBLIC not in lu["modalites_acces"],
        )
        for lu in lignes
        if lu["latitude"] is not None
    ]  # fmt: skip


async def comparer(annuaire: Annuaire, graine: int, points: int = POINTS) -> int:
    """Ask every question and return how many answers hold; the number of full and of empty ones says it is a trial."""
    places = await places_publiees(annuaire)
    justes, pleines, vides, ex_aequo = 0, 0, 0, 0
    for question in questions(random.Random(graine), places, points):
        attendues = a_la_main(places, question)
        reponse = await annuaire.get("/lieux", **question)
        assert reponse.status_code == 200, reponse.text
        lues = [(lu["id"], lu["distance_m"]) for lu in reponse.json()["elements"]]
        assert lues == attendues, question
        justes += 1
        pleines += len(lues) == 20
        vides += not lues
        ex_aequo += len({metres for _, metres in lues}) < len(lues)
    assert pleines > points / 10
    assert ex_aequo > points / 20
    assert 0 < vides < points / 2
    return justes


def place_tiree(hasard: random.Random, rang: int, lieux: list[tuple[float, float]]) -> dict[str, Any]:
    """Draw a fictional place; one in ten stands where another one does."""
    commune, code_postal, code_insee, latitude, longitude, ecart = POLES[rang % len(POLES)]
    point = (round(latitude + hasard.gauss(0, ecart), 6), round(longitude + hasard.gauss(0, ecart), 6))
    if lieux and rang % 10 == 0:
        point = hasard.choice(lieux)
    lieux.append(point)
    return {
        "id": f"proche-{rang}",
        "nom": f"Espace fictif {rang}",
        "commune": commune,
        "code_postal": code_postal,
        "code_insee": code_insee,
        "latitude": point[0],
        "longitude": point[1],
        **({"modalites_acces": SANS_PUBLIC} if rang % 7 == 0 else {}),
    }


def places_tirees(hasard: random.Random, nombre: int, *, depuis: int = 0) -> list[dict[str, Any]]:
    lieux: list[tuple[float, float]] = []
    return [place_tiree(hasard, rang, lieux) for rang in range(depuis, depuis + nombre)]


@pytest.fixture
async def ailleurs(tmp_path: Path) -> AsyncIterator[Annuaire]:
    """An annuaire of one's own."""
    async with ouvrir(tmp_path, f"sqlite:{tmp_path / 'annuaire.db'}", enfant=True) as annuaire:
        yield annuaire


def changer(hasard: random.Random, lignes: list[dict[str, Any]], nombre: int) -> list[dict[str, Any]]:
    """Move, hide, remove and add places: `nombre` changes in all."""
    changees = [dict(ligne) for ligne in lignes]
    rangs = hasard.sample(range(len(changees)), nombre * 4 // 5)
    retires = set(rangs[: nombre // 5])
    for rang in rangs[nombre // 5 :]:
        if rang % 3 == 0:
            changees[rang]["modalites_acces"] = "" if changees[rang].get("modalites_acces") else SANS_PUBLIC
        else:
            autre = hasard.choice(changees)
            changees[rang] |= {
                nom: autre[nom] for nom in ("commune", "code_postal", "code_insee", "latitude", "longitude")
            }
    gardees = [ligne for rang, ligne in enumerate(changees) if rang not in retires]
    return gardees + places_tirees(hasard, nombre // 5, depuis=len(lignes))


@pytest.mark.parametrize(
    ("nombre", "points", "changements"),
    [(2_500, 200, 250), pytest.param(5_000, POINTS, 500, marks=pytest.mark.epreuve)],
)
async def test_les_plus_proches_sont_ceux_d_un_compte_fait_a_la_main_avant_et_apres_des_changements(
    ailleurs: Annuaire, capsys: pytest.CaptureFixture[str], nombre: int, points: int, changements: int
) -> None:
    hasard = random.Random(20_261_124)
    source, lignes = await ailleurs.creer_source(), places_tirees(hasard, nombre)
    run = await ailleurs.synchroniser(source, lignes)
    assert run["plan"]["crees"] == nombre
    avant = await comparer(ailleurs, 1, points)
    run = await ailleurs.synchroniser(source, changer(hasard, lignes, changements))
    assert (run["plan"]["crees"], run["plan"]["supprimes"]) == (changements // 5, changements // 5)
    assert run["plan"]["modifies"] > changements * 2 // 5
    apres = await comparer(ailleurs, 2, points)
    assert (avant, apres) == (points, points)
    with capsys.disabled():
        print(
            f"\n  plus proches de {nombre} lieux = compte à la main : {avant}/{points},"
            f" puis {apres}/{points} après {changements} changements"
        )


@pytest.mark.donnees_reelles
@pytest.mark.epreuve
async def test_les_plus_proches_sur_une_liste_reelle(
    ailleurs: Annuaire, jeux: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lignes = json.loads((jeux / "standard" / "cnfs-v0.json").read_bytes())
    source, hasard = await ailleurs.creer_source(), random.Random(4_930)
    await ailleurs.synchroniser(source, json.dumps(lignes).encode(), type_mime=JSON)
    avant = await comparer(ailleurs, 3)
    autre = await ailleurs.creer_source()
    await ailleurs.synchroniser(autre, places_tirees(hasard, 500))
    apres = await comparer(ailleurs, 4)
    with capsys.disabled():
        print(f"\n  plus proches sur {len(lignes)} lieux réels : {avant}/{POINTS}, puis {apres}/{POINTS}")


async def test_les_pages_suivantes_ne_perdent_ni_ne_repetent_personne(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    # 45 places on three points: ties across the edges of pages
    lignes = liste(45, code_insee="21231", code_postal="21000", commune="Dijon", longitude=5.0415)
    for rang, ligne in enumerate(lignes):
        ligne["latitude"] = 47.32 + (rang % 3) * 0.01
    await annuaire.synchroniser(source, lignes)
    question = {"proche": "47.32,5.0415", "rayon": 5_000, "source": source}
    entiere = (await annuaire.get("/lieux", **question, limite=100, compte="exact")).json()
    assert entiere["total"] == len(entiere["elements"]) == 45
    par_page = await annuaire.tous("/lieux", **question, limite=7)
    assert [lu["id"] for lu in par_page] == [lu["id"] for lu in entiere["elements"]]
    assert [lu["distance_m"] for lu in par_page] == [0] * 15 + [1112] * 15 + [2224] * 15
    assert [lu["id"] for lu in par_page[:15]] == sorted(lu["id"] for lu in par_page[:15])
