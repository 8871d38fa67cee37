"""The spatial index against every point measured one by one."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from annuaire.lieux.lecture import plus_proches
from annuaire.lieux.lecture.plus_proches import IndexSpatial, Rangs, Reels, metres, premiers

RAYON_TERRE_M = 6_371_008.8
PIEGES = [
    (89.99, 12.0),  # the circle holds a pole
    (-89.99, -170.0),
    (0.0, 180.0),  # and here the antimeridian
    (-13.3, -179.99),
    (-22.27, 166.45),
    (48.8566, 2.3522),
]


def haversine(a: tuple[float, float], b: tuple[float, float]) -> float:
    phi, autre = math.radians(a[0]), math.radians(b[0])
    h = math.sin((autre - phi) / 2) ** 2
    h += math.cos(phi) * math.cos(autre) * math.sin(math.radians(b[1] - a[1]) / 2) ** 2
    return 2 * RAYON_TERRE_M * math.asin(math.sqrt(min(1.0, h)))


def exacts(carre: float) -> float:
    """Metres of a squared chord."""
    return 2 * RAYON_TERRE_M * math.asin(math.sqrt(carre) / 2)


def semer(nombre: int, graine: int) -> list[tuple[float, float]]:
    """Scatter points: a third in a city, a third over the country, the rest over the globe, its edges included."""
    hasard = random.Random(graine)
    ville = [(hasard.gauss(48.85, 0.1), hasard.gauss(2.35, 0.1)) for _ in range(nombre // 3)]
    pays = [(hasard.uniform(42, 51), hasard.uniform(-5, 8)) for _ in range(nombre // 3)]
    globe = [(hasard.uniform(-90, 90), hasard.uniform(-180, 180)) for _ in range(nombre - 2 * (nombre // 3) - 2)]
    return [*ville, *pays, *globe, (0.0, 179.999), (0.0, -179.999)]


def indexer(points: list[tuple[float, float]]) -> IndexSpatial:
    latitudes, longitudes = np.array(points).T
    return IndexSpatial.de(latitudes, longitudes, np.arange(len(points)))


@pytest.mark.parametrize("rayon_m", [200, 5_000, 100_000])
def test_l_index_repond_comme_la_mesure_de_tous_les_points(rayon_m: int) -> None:
    points = semer(3_000, graine=rayon_m)
    index = indexer(points)
    hasard = random.Random(7)
    questions = [*PIEGES, *hasard.sample(points, 60)]
    for latitude, longitude in questions:
        # to the tenth of a millimetre: below, two formulas need not agree on who is nearer
        mesures = ((round(haversine((latitude, longitude), point), 4), rang) for rang, point in enumerate(points))
        attendus = sorted(m for m in mesures if m[0] <= rayon_m)[:20]
        rangs, carres = index.plus_proches(latitude, longitude, rayon_m=rayon_m, combien=20)
        trouves = sorted(zip((round(exacts(c), 4) for c in carres.tolist()), rangs.tolist(), strict=True))[:20]
        assert [rang for _, rang in trouves] == [rang for _, rang in attendus]
        assert metres(carres) == [round(exacts(c)) for c in carres.tolist()]
        assert [d for d, _ in trouves] == pytest.approx([d for d, _ in attendus], abs=1e-3)


def test_tous_les_points_au_meme_endroit_que_le_dernier_sont_rendus() -> None:
    index = indexer([(48.85, 2.35)] * 50 + [(48.86, 2.35)])
    rangs, _ = index.plus_proches(48.85, 2.35, rayon_m=10_000, combien=20)
    assert set(rangs.tolist()) >= set(range(50))


def test_un_filtre_elargit_le_cercle_jusqu_aux_points_gardes() -> None:
    points = semer(2_000, graine=3)
    garde = np.zeros(len(points), dtype=np.bool_)
    garde[::97] = True
    rangs, _ = indexer(points).plus_proches(48.85, 2.35, rayon_m=100_000, combien=3, garde=lambda r: garde[r])
    assert len(rangs) >= 3
    assert garde[rangs].all()


def test_un_index_vide_ne_trouve_rien() -> None:
    index = IndexSpatial.de(np.empty(0), np.empty(0), np.empty(0, dtype=np.int64))
    assert index.plus_proches(48.85, 2.35, rayon_m=100_000, combien=20)[0].tolist() == []


def test_le_travail_suit_la_reponse_et_non_le_nombre_de_points(monkeypatch: pytest.MonkeyPatch) -> None:
    mesures: list[int] = []
    vraies = plus_proches.cordes

    def compter(points: Reels, centre: Reels) -> Reels:
        mesures.append(len(points))
        return vraies(points, centre)

    monkeypatch.setattr(plus_proches, "cordes", compter)

    def effort(nombre: int) -> int:
        mesures.clear()
        index = indexer(semer(nombre, graine=5))
        hasard = random.Random(11)
        for _ in range(200):
            index.plus_proches(hasard.uniform(43, 50), hasard.uniform(-4, 7), rayon_m=50_000, combien=20)
        return sum(mesures)

    assert effort(10_000) <= 6 * 20 * 200
    assert effort(40_000) <= 6 * 20 * 200


def test_les_premiers_sont_ceux_de_tout_l_ensemble_ordonne() -> None:
    hasard = np.random.default_rng(4)
    for nombre in (0, 1, 30, 300, 3_000):
        rangs = hasard.permutation(nombre)
        # few distances for many places: most are equal, ids decide
        carres = hasard.integers(0, 9, nombre) / 7
        entier = np.lexsort((rangs, carres)).tolist()
        for combien in (1, 20, 400):
            assert rangs[premiers(rangs, carres, combien)].tolist() == rangs[entier[:combien]].tolist()


def test_d_un_grand_ensemble_seul_ce_qui_est_montre_est_ordonne(monkeypatch: pytest.MonkeyPatch) -> None:
    ordonnes: list[int] = []
    vrai = plus_proches.ordonner

    def ordonner(rangs: Rangs, carres: Reels) -> Rangs:
        ordonnes.append(len(rangs))
        return vrai(rangs, carres)

    monkeypatch.setattr(plus_proches, "ordonner", ordonner)
    premiers(np.arange(50_000), np.random.default_rng(4).random(50_000), 20)
    assert ordonnes == [20]
