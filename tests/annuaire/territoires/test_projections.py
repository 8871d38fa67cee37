"""Projected systems, against the examples that their publishers give."""

from __future__ import annotations

import pytest
from annuaire.standard.nettoyage.coordonnees import BOITES
from annuaire.territoires.projections import (
    SYSTEMES,
    ConiqueConforme,
    Ellipsoide,
    MercatorTransverse,
    reconnaitre_systeme,
    vers_degres,
)

CLARKE_1866 = Ellipsoide(6_378_206.4, 1 / 294.9786982)
AIRY = Ellipsoide(6_377_563.396, 1 / 299.3249646)
PIED_US = 0.304800609601


def test_la_conique_a_deux_paralleles_suit_l_exemple_publie_par_l_iogp() -> None:
    # IOGP 373-7-2, NAD27 / Texas South Central
    conique = ConiqueConforme(
        ellipsoide=CLARKE_1866,
        origine=(27 + 50 / 60, -99.0),
        paralleles=(28 + 23 / 60, 30 + 17 / 60),
        decalage=(2_000_000 * PIED_US, 0.0),
    )
    assert conique.inverse(2_963_503.91 * PIED_US, 254_759.80 * PIED_US) == pytest.approx((28.5, -96.0), abs=1e-7)


def test_la_conique_a_un_parallele_suit_l_exemple_publie_par_l_iogp() -> None:
    # IOGP 373-7-2, JAD69 / Jamaica National Grid
    conique = ConiqueConforme(
        ellipsoide=CLARKE_1866, origine=(18.0, -77.0), paralleles=(18.0, 18.0), decalage=(250_000.0, 150_000.0)
    )
    attendu = (17 + 55 / 60 + 55.80 / 3600, -(76 + 56 / 60 + 37.26 / 3600))
    assert conique.inverse(255_966.58, 142_493.51) == pytest.approx(attendu, abs=1e-7)


def test_le_mercator_transverse_suit_l_exemple_publie_par_l_iogp() -> None:
    # IOGP 373-7-2, OSGB 1936 / British National Grid
    transverse = MercatorTransverse(
        ellipsoide=AIRY, origine=(49.0, -2.0), echelle=0.9996012717, decalage=(400_000.0, -100_000.0)
    )
    assert transverse.inverse(577_274.99, 69_740.50) == pytest.approx((50.5, 0.5), abs=2e-7)


def test_l_origine_de_chaque_systeme_est_son_point_de_definition() -> None:
    assert vers_degres("lambert93", 700_000, 6_600_000) == pytest.approx((46.5, 3.0), abs=1e-9)
    assert vers_degres("cc47", 1_700_000, 6_200_000) == pytest.approx((47.0, 3.0), abs=1e-9)
    assert vers_degres("rgnc91-93", 400_000, 300_000) == pytest.approx((-21.5, 166.0), abs=1e-9)
    assert vers_degres("utm40s", 500_000, 10_000_000) == pytest.approx((0.0, 57.0), abs=1e-9)
    assert vers_degres("utm20n", 500_000, 0) == pytest.approx((0.0, -63.0), abs=1e-9)
    assert vers_degres("mercator-web", 0, 0) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("systeme", "x", "y", "boite"),
    [
        ("utm20n", 657_000, 1_769_000, "971"),
        ("utm20n", 707_000, 1_616_000, "972"),
        ("utm22n", 352_000, 545_000, "973"),
        ("utm40s", 338_000, 7_690_000, "974"),
        ("utm21n", 549_000, 5_182_000, "975"),
        ("utm38s", 523_000, 8_587_000, "976"),
        ("rgnc91-93", 446_000, 213_000, "988"),
        ("utm58s", 654_000, 7_535_000, "988"),
        ("utm6s", 231_000, 8_058_000, "987"),
        ("utm1s", 583_000, 8_534_000, "986"),
        ("lambert2-etendu", 600_000, 2_428_000, "metropole"),
    ],
)
def test_un_point_d_un_territoire_tombe_dans_ce_territoire(systeme: str, x: float, y: float, boite: str) -> None:
    point = vers_degres(systeme, x, y)
    assert point is not None
    sud, nord, ouest, est = BOITES[boite]
    assert sud <= point[0] <= nord
    assert ouest <= point[1] <= est


@pytest.mark.parametrize(
    ("ecrit", "nom"),
    [
        ("lambert93", "lambert93"),
        ("Lambert 93", "lambert93"),
        ("EPSG:2154", "lambert93"),
        (2154, "lambert93"),
        ("urn:ogc:def:crs:EPSG::3949", "cc49"),
        ("UTM 20N", "utm20n"),
        ("RGNC91-93", "rgnc91-93"),
        ("lambert94", None),
        (True, None),
        (None, None),
        (99_999, None),
    ],
)
def test_un_systeme_se_reconnait_a_son_nom_ou_a_son_code(ecrit: object, nom: str | None) -> None:
    assert reconnaitre_systeme(ecrit) == nom


def test_ce_qui_n_est_pas_un_point_de_la_terre_n_en_donne_pas() -> None:
    for systeme in SYSTEMES:
        for x, y in ((float("nan"), 0.0), (1e300, 1e300), (float("inf"), 1.0), (-2e7, 2e7), (0.0, 1e9)):
            point = vers_degres(systeme, x, y)
            assert point is None or (abs(point[0]) <= 90 and abs(point[1]) <= 180)
