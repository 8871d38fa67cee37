"""Where points lie with regard to quarters, against an independent computation."""

from __future__ import annotations

import csv
import math
from collections import Counter
from importlib.resources import as_file, files
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from annuaire.territoires import qpv
from annuaire.territoires.geojson import lire_geojson
from annuaire.territoires.qpv import CoucheQpv, Qpv, Situation

from tests.fabriques import geodesie
from tests.fabriques.qpv import Arpenteur, ecarts


@pytest.fixture(scope="module")
def fictifs() -> tuple[Qpv, ...]:
    with as_file(files("annuaire.territoires") / "demonstration" / "qpv-fictifs.geojson") as chemin:
        return lire_geojson(chemin).quartiers


@pytest.fixture(scope="module")
def couche(fictifs: tuple[Qpv, ...]) -> CoucheQpv:
    return CoucheQpv(fictifs)


def carre(code: str, lon: float, lat: float, *, cote: float = 0.01) -> Qpv:
    return Qpv(code, f"Quartier {code}", (), shapely.box(lon, lat, lon + cote, lat + cote))


def points_autour(quartiers: tuple[Qpv, ...], metres: float) -> list[tuple[float, float]]:
    """Points at `metres` of the middle of each edge, on both sides of it."""
    points = []
    for quartier in quartiers:
        for polygone in shapely.get_parts(quartier.geometrie):
            for anneau in (polygone.exterior, *polygone.interiors):
                sommets = list(anneau.coords)
                for (x1, y1), (x2, y2) in pairwise(sommets):
                    milieu = ((x1 + x2) / 2, (y1 + y2) / 2)
                    # East and north components of the edge, then its normal.
                    est, nord = (x2 - x1) * math.cos(math.radians(y1)), y2 - y1
                    longueur = math.hypot(est, nord)
                    for cote in (-1, 1):
                        points.append(
                            geodesie.deplacer(
                                *milieu, est_m=cote * metres * nord / longueur, nord_m=-cote * metres * est / longueur
                            )
                        )
    return points


@pytest.mark.parametrize("metres", [1.0, 10.0, 40.0, 49.0, 51.0, 499.0, 501.0, 600.0, 3000.0, 5300.0])
def test_les_points_autour_des_bords_sont_situes_comme_par_un_autre_calcul(
    fictifs: tuple[Qpv, ...], couche: CoucheQpv, metres: float, capsys: pytest.CaptureFixture[str]
) -> None:
    arpenteur = Arpenteur(fictifs)
    points = points_autour(fictifs, metres)
    fautes, plus_grand = [], 0.0
    for point, situation in zip(points, couche.situer_tous(points), strict=True):
        mesure = arpenteur.mesurer(*point)
        fautes += [f"{point} : {ecart}" for ecart in ecarts(situation, mesure)]
        if situation.distance_m:
            plus_grand = max(plus_grand, abs(situation.distance_m - mesure.distance))
    with capsys.disabled():
        print(f"\n{len(points)} points à {metres:.0f} m des bords : plus grand écart {plus_grand:.2f} m")
    assert len(points) > 200
    assert fautes == []


def test_a_un_metre_du_bord_un_point_est_dedans_ou_proche_et_toujours_en_bordure(
    fictifs: tuple[Qpv, ...], couche: CoucheQpv
) -> None:
    situations = couche.situer_tous(points_autour(fictifs, 1.0))
    assert {s.position for s in situations} == {"dedans", "proche"}
    assert sum(s.position == "dedans" for s in situations) == len(situations) / 2
    assert all(s.bordure for s in situations)


def test_un_point_au_milieu_est_dedans_a_zero_metre_et_loin_du_bord() -> None:
    couche = CoucheQpv([carre("QN05101M", 4.03, 49.25)])
    assert couche.situer(4.035, 49.255) == Situation("QN05101M", "Quartier QN05101M", "dedans", 0, False)


def test_un_point_sur_le_bord_est_dedans_et_en_bordure() -> None:
    couche = CoucheQpv([carre("QN05101M", 4.03, 49.25)])
    situation = couche.situer(4.03, 49.255)
    assert (situation.position, situation.distance_m, situation.bordure) == ("dedans", 0, True)


def test_un_point_dans_un_trou_est_dehors_du_quartier() -> None:
    anneau = shapely.box(4.03, 49.25, 4.04, 49.26)
    couche = CoucheQpv([Qpv("QN05101M", "Troué", (), anneau.difference(shapely.box(4.034, 49.254, 4.036, 49.256)))])
    situation = couche.situer(4.035, 49.255)
    assert situation.position == "proche"
    assert situation.distance_m == pytest.approx(73, abs=1)


def test_au_dela_de_cinq_kilometres_aucun_quartier_n_est_nomme() -> None:
    couche = CoucheQpv([carre("QN05101M", 4.03, 49.25)])
    assert couche.situer(4.035, 49.31) == qpv.LOIN
    assert couche.situer(4.035, 49.30).code == "QN05101M"
    assert couche.situer(-61.5, 16.2).en_dict() == {
        "code": None, "nom": None, "position": "dehors", "distance_m": None, "bordure": False,
    }  # fmt: skip


def test_un_degre_de_longitude_ne_vaut_pas_un_degre_de_latitude() -> None:
    # In degrees the quarter to the north is nearer, in metres the one to the east is.
    couche = CoucheQpv([carre("QN05101M", 4.016, 49.25), carre("QN05102M", 4.0, 49.263)])
    assert couche.situer(4.005, 49.251).code == "QN05101M"


def test_a_distance_egale_le_premier_code_l_emporte() -> None:
    couche = CoucheQpv([carre("QN05102M", 4.03, 49.25), carre("QN05101M", 4.03, 49.25)])
    assert couche.situer(4.035, 49.255).code == "QN05101M"
    assert couche.situer(4.029, 49.255).code == "QN05101M"


def test_un_tableau_est_situe_comme_point_par_point(couche: CoucheQpv, fictifs: tuple[Qpv, ...]) -> None:
    alea = np.random.default_rng(7)
    centres = np.array([shapely.get_coordinates(shapely.centroid(q.geometrie))[0] for q in fictifs])
    points = centres[alea.integers(0, len(centres), 300)] + alea.normal(0, 0.02, (300, 2))
    assert couche.situer_tous(points) == [couche.situer(*point) for point in points.tolist()]
    assert {s.position for s in couche.situer_tous(points)} == {"dedans", "proche", "dehors"}


def test_une_couche_vide_ne_situe_rien() -> None:
    assert CoucheQpv([]).situer(4.0, 49.0) == qpv.LOIN
    assert CoucheQpv([carre("QN05101M", 4.03, 49.25)]).situer_tous([]) == []


@pytest.mark.parametrize("point", [(math.nan, 49.0), (4.0, math.inf), (4.0, 91.0), (181.0, 49.0)])
def test_ce_qui_n_est_pas_un_point_du_globe_est_refuse(couche: CoucheQpv, point: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="hors du globe"):
        couche.situer(*point)


def test_un_contour_qui_se_croise_est_repare() -> None:
    noeud = shapely.Polygon([(4.03, 49.25), (4.04, 49.26), (4.04, 49.25), (4.03, 49.26)])
    assert not noeud.is_valid
    couche = CoucheQpv([Qpv("QN05101M", "Croisé", (), noeud)])
    assert couche.situer(4.0305, 49.255).position == "dedans"
    assert couche.situer(4.035, 49.2505).position == "proche"


def test_un_contour_sans_surface_est_refuse() -> None:
    ligne = shapely.Polygon([(4.03, 49.25), (4.04, 49.26), (4.03, 49.25)])
    with pytest.raises(ValueError, match="QN05101M : contour sans surface"):
        CoucheQpv([Qpv("QN05101M", "Plat", (), ligne)])


def test_les_metres_par_degre_sont_ceux_de_l_ellipsoide() -> None:
    est, nord = qpv.metres_par_degre([0.0, 45.0])
    assert est == pytest.approx([111_319.49, 78_846.81], abs=0.1)
    assert nord == pytest.approx([110_574.28, 111_131.78], abs=0.1)


@pytest.mark.donnees_reelles
def test_les_france_services_sont_situes_comme_par_un_autre_calcul(
    jeux: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dossier = jeux / "geo"
    lue = lire_geojson(dossier / "qpv" / "qpv-2024-polygones.geojson.gz")
    with (dossier / "acteurs" / "france-services-20240801.csv").open(encoding="utf-8") as flux:
        points = [
            tuple(float(ligne[c].replace(",", ".")) for c in ("longitude", "latitude"))
            for ligne in csv.DictReader(flux)
        ]
    situations = CoucheQpv(lue.quartiers).situer_tous(points)
    arpenteur = Arpenteur(lue.quartiers)
    fautes, plus_grand = [], 0.0
    for (lon, lat), situation in zip(points, situations, strict=True):
        mesure = arpenteur.mesurer(lon, lat)
        fautes += [f"{lon}, {lat} : {ecart}" for ecart in ecarts(situation, mesure)]
        if situation.distance_m:
            plus_grand = max(plus_grand, abs(situation.distance_m - mesure.distance))
    comptes = Counter((s.position, s.bordure) for s in situations)
    with capsys.disabled():
        print(f"\n{len(points)} lieux, {len(lue.quartiers)} QPV : {dict(comptes)}")
        print(f"plus grand écart de distance {plus_grand:.2f} m, {len(fautes)} désaccords")
    assert len(points) == 2_845
    assert comptes["dedans", True] + comptes["dedans", False] == 354
    assert fautes == []
