"""A bus is one place: nearest, open now, maps and packs follow its stop of the moment."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from annuaire.lieux.horaires import itineraire
from annuaire.lieux.lecture import tableau
from annuaire.paquets import rules as paquets
from opening_hours import OpeningHours

from tests.fabriques.annuaire import Annuaire, lieu
from tests.fabriques.horloge import Horloge

pytestmark = pytest.mark.anyio

PARIS = ZoneInfo("Europe/Paris")
GRENOBLE = (45.182, 5.722)
MARDI = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""Ten o'clock in Paris."""
DEUX_ARRETS = [
    {"latitude": 45.19, "longitude": 5.73, "adresse": "Place Verte", "horaires": "Tu 09:00-12:00"},
    {"latitude": 45.35, "longitude": 5.73, "adresse": "Place Bleue", "horaires": "Th 14:00-17:00"},
]


async def _bus(annuaire: Annuaire, passages: list[dict[str, Any]], **champs: Any) -> str:
    source = await annuaire.creer_source()
    vide = {"latitude": None, "longitude": None, "itinerance": "Itinérant"}
    fixe = lieu(0, id="fixe", latitude=45.20, longitude=5.72)
    await annuaire.synchroniser(source, [lieu(0, id="bus", passages=passages, **{**vide, **champs}), fixe])
    return source


async def _proches(annuaire: Annuaire, source: str, point: str = "45.19,5.73", **options: Any) -> dict[str, Any]:
    reponse = await annuaire.get("/lieux", source=source, proche=point, **options)
    assert reponse.status_code == 200, reponse.text
    return dict(reponse.json())


async def test_le_bus_est_pres_de_son_arret_du_jour_et_d_aucun_autre(annuaire: Annuaire, horloge: Horloge) -> None:
    source = await _bus(annuaire, DEUX_ARRETS)
    horloge.instant = MARDI
    bus, _ = (await _proches(annuaire, source))["elements"]
    assert (bus["distance_m"], bus["ouverture"]["etat"]) == (0, "ouvert")
    assert bus["ouverture"]["passage"]["adresse"] == "Place Verte"
    assert bus["ouverture"]["ferme_a"] == "2026-11-24T12:00:00+01:00"
    horloge.instant = MARDI + timedelta(hours=3)
    page = await _proches(annuaire, source)
    assert [e["distance_m"] > 0 for e in page["elements"]] == [True]
    (bus,) = (await _proches(annuaire, source, "45.35,5.73"))["elements"]
    assert (bus["ouverture"]["etat"], bus["distance_m"]) == ("ferme", 0)
    assert bus["ouverture"]["prochaine"] == "2026-11-26T14:00:00+01:00"


async def test_la_page_ne_vaut_que_jusqu_au_changement_d_arret_meme_d_un_bus_qui_n_y_est_pas(
    annuaire: Annuaire, horloge: Horloge
) -> None:
    source = await _bus(annuaire, DEUX_ARRETS)
    horloge.instant = MARDI + timedelta(hours=4)
    page = await _proches(annuaire, source)
    assert len(page["elements"]) == 1
    assert page["valable_jusqu_a"] == "2026-11-26T13:00:00Z"


async def test_un_instant_demande_donne_l_arret_de_cet_instant(annuaire: Annuaire, horloge: Horloge) -> None:
    source = await _bus(annuaire, DEUX_ARRETS)
    horloge.instant = MARDI
    page = await _proches(annuaire, source, "45.35,5.73", ouvert_a="2026-11-26T14:30:00Z")
    assert [(e["distance_m"], e["ouverture"]["etat"]) for e in page["elements"]] == [(0, "ouvert")]
    assert page["ouverts"] == 1


async def test_la_carte_et_la_projection_compacte_montrent_l_arret(annuaire: Annuaire, horloge: Horloge) -> None:
    source = await _bus(annuaire, DEUX_ARRETS)
    horloge.instant = MARDI
    compacts = (await _proches(annuaire, source, projection="compacte"))["elements"]
    assert (compacts[0]["latitude"], compacts[0]["longitude"]) == (45.19, 5.73)
    carte = await annuaire.get("/lieux", source=source, bbox="5.72,45.18,5.74,45.195", format="geojson")
    assert [e["geometry"]["coordinates"] for e in carte.json()["features"]] == [[5.73, 45.19]]
    horloge.instant = MARDI + timedelta(hours=4)
    ailleurs = await annuaire.get("/lieux", source=source, bbox="5.72,45.18,5.74,45.195")
    assert ailleurs.json()["elements"] == []
    fiche = await annuaire.get(f"/lieux/{compacts[0]['id']}", format="geojson")
    assert fiche.json()["geometry"]["coordinates"] == [5.73, 45.35]


async def test_les_jours_de_passage_bornent_l_arret_et_l_adresse_du_lieu_sert_le_reste_du_temps(
    annuaire: Annuaire, horloge: Horloge
) -> None:
    arrets = [{**DEUX_ARRETS[0], "du": "2026-12-01", "au": "2026-12-01"}]
    source = await _bus(annuaire, arrets, latitude=45.4, longitude=5.73, horaires="Mo-Fr 08:00-18:00")
    for instant, point, adresse in (
        (MARDI, "45.4,5.73", None), (MARDI + timedelta(7), "45.19,5.73", "Place Verte"),
        (MARDI + timedelta(14), "45.4,5.73", None),
    ):  # fmt: skip
        horloge.instant = instant
        bus = (await _proches(annuaire, source, point))["elements"][0]
        assert (bus["distance_m"], bus["ouverture"]["etat"]) == (0, "ouvert")
        assert bus["ouverture"].get("passage", {}).get("adresse") == adresse


async def test_un_bus_qui_devient_fixe_reste_ou_il_est(annuaire: Annuaire, horloge: Horloge) -> None:
    source = await _bus(annuaire, DEUX_ARRETS)
    horloge.instant = MARDI
    assert len((await _proches(annuaire, source))["elements"]) == 2
    await annuaire.synchroniser(source, [lieu(0, id="bus", latitude=45.5, longitude=5.73)], mode="delta")
    page = await _proches(annuaire, source, "45.5,5.73")
    assert [e["distance_m"] for e in page["elements"]] == [0]
    assert "passage" not in page["elements"][0]["ouverture"]


# --- against brute force


def _arrets(alea: random.Random) -> list[dict[str, Any]]:
    jours = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH"]
    return [
        {
            "latitude": round(GRENOBLE[0] + alea.uniform(-0.12, 0.12), 6),
            "longitude": round(GRENOBLE[1] + alea.uniform(-0.12, 0.12), 6),
            "adresse": f"Arrêt {n}",
            "horaires": alea.choice(
                [None] + 5 * [f"{alea.choice(jours)} {h:02}:00-{h + alea.randint(1, 5):02}:30" for h in (8, 9, 13, 14)]
            ),
            **alea.choice([{}, {"du": "2026-11-25"}, {"du": "2026-11-20", "au": "2026-12-02"}, {"au": "2026-11-24"}]),
        }
        for n in range(alea.randint(1, 5))
    ]


def _etat(arret: dict[str, Any], mur: datetime) -> str:
    """State of a stop by the clock on the wall, hour after hour, from another reading of its hours."""
    jour = mur.date().isoformat()
    if not (arret["du"] or "0") <= jour <= (arret["au"] or "9"):
        return "ferme"
    if arret["horaires"] is None:
        return "inconnu"
    return "ouvert" if OpeningHours(arret["horaires"], country="FR").is_open(mur) else "ferme"


def _attendu(arrets: list[dict[str, Any]], instant: datetime) -> tuple[str, int | None]:
    """State and stop of a bus, minute after minute until it opens."""
    mur = instant.astimezone(PARIS).replace(tzinfo=None)
    etats = [_etat(a, mur) for a in arrets]
    for voulu in ("ouvert", "inconnu"):
        if voulu in etats:
            return voulu, etats.index(voulu)
    fin = mur.replace(hour=0, minute=0, second=0) + timedelta(15)
    for pas in _demi_heures(mur, fin):
        etats = [_etat(a, pas) for a in arrets]
        if "ouvert" in etats:
            return "ferme", etats.index("ouvert")
    return "ferme", None


def _demi_heures(debut: datetime, fin: datetime) -> Iterator[datetime]:
    pas = debut.replace(minute=debut.minute // 30 * 30, second=0) + timedelta(minutes=30)
    while pas < fin:
        yield pas
        pas += timedelta(minutes=30)


def _metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    p, q = math.radians(a[0]), math.radians(b[0])
    d = math.sin((q - p) / 2) ** 2 + math.cos(p) * math.cos(q) * math.sin(math.radians(b[1] - a[1]) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(d))


@pytest.mark.parametrize("graine", [1, *(pytest.param(n, marks=pytest.mark.epreuve) for n in range(2, 12))])
async def test_les_plus_proches_sont_ceux_d_un_calcul_sans_index(
    annuaire: Annuaire, horloge: Horloge, graine: int
) -> None:
    alea = random.Random(graine)
    source = await annuaire.creer_source()
    vide = {"latitude": None, "longitude": None}
    bus = [lieu(0, id=f"bus-{n}", nom=f"bus-{n}", passages=_arrets(alea), **vide) for n in range(25)]
    fixes = [
        lieu(0, id=f"fixe-{n}", nom=f"fixe-{n}", latitude=round(45.18 + alea.uniform(-0.1, 0.1), 6),
             longitude=round(5.72 + alea.uniform(-0.1, 0.1), 6))
        for n in range(25)
    ]  # fmt: skip
    await annuaire.synchroniser(source, [*bus, *fixes])
    documents = (await annuaire.get("/lieux", source=source, limite=100)).json()["elements"]
    jusqu_a = None
    for pas in range(30):
        instant = MARDI + timedelta(minutes=alea.randint(0, 9 * 1440)) if pas % 2 else (jusqu_a or MARDI)
        horloge.instant = instant
        point = (round(45.18 + alea.uniform(-0.1, 0.1), 4), round(5.72 + alea.uniform(-0.1, 0.1), 4))
        rayon = alea.choice([2_000, 6_000, 50_000])
        attendus = []
        for d in documents:
            etat, rang = _attendu(d["passages"], instant) if d["passages"] else (None, None)
            place = d["passages"][rang] if rang is not None else d
            if place["latitude"] is None:
                continue
            distance = _metres(point, (place["latitude"], place["longitude"]))
            if distance <= rayon:
                attendus.append((distance, d["id"], etat, rang))
        attendus.sort()
        page = await _proches(annuaire, source, f"{point[0]},{point[1]}", rayon=rayon, limite=100, compte="exact")
        lus = [
            (e["id"], e["ouverture"]["etat"] if e["passages"] else None, e["ouverture"].get("passage", {}).get("rang"))
            for e in page["elements"]
        ]
        assert lus == [tuple(a[1:]) for a in attendus]
        assert page["total"] == len(attendus)
        dix = await _proches(annuaire, source, f"{point[0]},{point[1]}", rayon=rayon, limite=10)
        assert [e["id"] for e in dix["elements"]] == [a[1] for a in attendus[:10]]
        jusqu_a = datetime.fromisoformat(page["valable_jusqu_a"]) if "valable_jusqu_a" in page else None
        if jusqu_a is not None:
            assert jusqu_a > instant
            horloge.instant = jusqu_a - timedelta(seconds=1)
            meme = await _proches(annuaire, source, f"{point[0]},{point[1]}", rayon=rayon, limite=100, compte="exact")
            assert meme == page


async def test_sans_la_borne_une_page_survivrait_a_l_arrivee_d_un_bus(
    annuaire: Annuaire, horloge: Horloge, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await _bus(annuaire, DEUX_ARRETS)
    horloge.instant = MARDI + timedelta(hours=4)
    monkeypatch.setattr(tableau.Moment, "borner", lambda *_: None)
    assert "valable_jusqu_a" not in await _proches(annuaire, source)


async def test_sans_les_arrets_a_venir_le_bus_serait_introuvable(
    annuaire: Annuaire, horloge: Horloge, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await _bus(annuaire, DEUX_ARRETS)
    horloge.instant = MARDI + timedelta(hours=4)
    monkeypatch.setattr(itineraire.Itineraire, "_arret", lambda *_: None)
    assert (await _proches(annuaire, source, "45.35,5.73"))["elements"] == []


async def test_le_paquet_hors_ligne_dit_le_meme_arret_que_le_service(annuaire: Annuaire, horloge: Horloge) -> None:
    alea = random.Random(3)
    source = await annuaire.creer_source()
    horloge.instant = MARDI
    vide = {"latitude": None, "longitude": None}
    await annuaire.synchroniser(source, [lieu(0, id=f"b{n}", passages=_arrets(alea), **vide) for n in range(8)])
    ids = {e["id"] for e in (await annuaire.get("/lieux", source=source)).json()["elements"]}
    paquet = (await annuaire.get("/paquets/38")).json()
    emportes = {p["id"]: p for p in paquet["lieux"] if p["id"] in ids}
    assert emportes.keys() == ids
    for heures in (0, 1, 3, 5, 24, 30, 47, 51):
        horloge.instant = MARDI + timedelta(hours=heures)
        for e in (await annuaire.get("/lieux", source=source)).json()["elements"]:
            lue = paquets.ouverture(paquet, emportes[e["id"]], horloge.instant)
            dite = e["ouverture"]
            assert (lue["etat"], lue["ferme_a"]) == (dite["etat"], dite["ferme_a"])
            if dite["prochaine"] is None or dite["prochaine"] < "2026-12-08":
                assert lue["prochaine"] == dite["prochaine"]
                assert lue.get("passage") == dite.get("passage", {}).get("rang")
