"""Reading of coordinates."""

from __future__ import annotations

import math
from typing import Any

import pytest
from annuaire.standard.nettoyage.coordonnees import depuis_lambert_93, en_france, nettoyer_coordonnees
from hypothesis import given
from hypothesis import strategies as st


def _lu(latitude: Any, longitude: Any) -> tuple[tuple[float, float] | None, list[str]]:
    propre = nettoyer_coordonnees(latitude, longitude)
    return propre.valeur, [a.code for a in propre.anomalies]


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (48.8566, 2.3522),
        ("48.8566", "2.3522"),
        ("48,8566", "2,3522"),
        (" 48.8566 ", "2.3522°"),
        ("48.85660000000001", "2.35220000000002"),
    ],
)
def test_un_point_est_lu_sous_ses_formes(latitude: Any, longitude: Any) -> None:
    assert _lu(latitude, longitude) == ((48.8566, 2.3522), [])


def test_un_point_est_arrondi_a_six_decimales() -> None:
    assert _lu(48.123456789, -1.987654321) == ((48.123457, -1.987654), [])


@pytest.mark.parametrize(("latitude", "longitude"), [(0, 0), ("0", "0"), (0.0, "0,0")])
def test_zero_zero_est_absent_et_dit(latitude: Any, longitude: Any) -> None:
    assert _lu(latitude, longitude) == (None, ["coord_nulles"])


@pytest.mark.parametrize(("latitude", "longitude"), [(None, None), ("", ""), (None, " ")])
def test_un_point_absent_ne_dit_rien(latitude: Any, longitude: Any) -> None:
    assert _lu(latitude, longitude) == (None, [])


@pytest.mark.parametrize(
    "point",
    [
        (48.85, 2.35),
        (42.0, 8.7),
        (16.24, -61.53),
        (14.6, -61.07),
        (4.93, -52.33),
        (-20.88, 55.45),
        (46.78, -56.18),
        (-12.78, 45.22),
        (17.9, -62.85),
        (18.07, -63.08),
        (-13.28, -176.17),
        (-17.53, -149.56),
        (-22.27, 166.44),
    ],
)
def test_chaque_territoire_est_en_france_dans_un_sens_comme_dans_l_autre(point: tuple[float, float]) -> None:
    assert _lu(*point) == (point, [])
    assert _lu(point[1], point[0]) == (point, ["coord_inversees"])


@pytest.mark.parametrize(("latitude", "longitude"), [(40.4, -3.7), (52.5, 13.4), (91, 181), (1e300, 2), (0, 2.35)])
def test_un_point_hors_de_france_est_vide_et_dit(latitude: float, longitude: float) -> None:
    assert _lu(latitude, longitude) == (None, ["coord_hors_france"])


@pytest.mark.parametrize(("latitude", "longitude"), [(48.85, None), (None, 2.35), (48.85, "")])
def test_une_coordonnee_seule_est_videe_et_dite(latitude: Any, longitude: Any) -> None:
    assert _lu(latitude, longitude) == (None, ["coord_incompletes"])


@pytest.mark.parametrize("brut", ["ici", "48°51'24\"N", "48.85, 2.35", "1" * 5000, "٤٨"])
def test_une_coordonnee_illisible_est_dite(brut: str) -> None:
    assert _lu(brut, brut) == (None, ["coord_illisible", "coord_illisible"])


@pytest.mark.parametrize("brut", [True, {"lat": 1}, [1, 2], float("nan"), 10**400])
def test_une_coordonnee_d_un_autre_type_est_dite(brut: Any) -> None:
    point, codes = _lu(brut, 2.35)
    assert point is None
    assert len(codes) == 2


def test_un_point_en_lambert_93_est_converti_et_dit() -> None:
    assert _lu(6862000, 652000)[1] == ["coord_projetees"]
    assert _lu(652000, 6862000)[1] == ["coord_projetees"]


def test_l_origine_de_lambert_93_est_exacte() -> None:
    assert depuis_lambert_93(700_000, 6_600_000) == (46.5, 3.0)


def test_hors_de_son_domaine_lambert_93_ne_donne_rien() -> None:
    assert depuis_lambert_93(700_000, 100) is None


def _vers_lambert_93(latitude: float, longitude: float) -> tuple[float, float]:
    """The direct projection, from the ellipsoid GRS80 and the two parallels 44° and 49°, not from its constants."""
    a, f = 6_378_137.0, 1 / 298.257222101
    e = math.sqrt(2 * f - f * f)

    def grande_normale(phi: float) -> float:
        return a / math.sqrt(1 - (e * math.sin(phi)) ** 2)

    def isometrique(phi: float) -> float:
        return math.atanh(math.sin(phi)) - e * math.atanh(e * math.sin(phi))

    phi1, phi2, phi0 = math.radians(44), math.radians(49), math.radians(46.5)
    n = math.log(grande_normale(phi2) * math.cos(phi2) / (grande_normale(phi1) * math.cos(phi1)))
    n /= isometrique(phi1) - isometrique(phi2)
    c = grande_normale(phi1) * math.cos(phi1) / n * math.exp(n * isometrique(phi1))
    rayon = c * math.exp(-n * isometrique(math.radians(latitude)))
    angle = n * math.radians(longitude - 3)
    origine = 6_600_000 + c * math.exp(-n * isometrique(phi0))
    return 700_000 + rayon * math.sin(angle), origine - rayon * math.cos(angle)


@given(st.floats(42.0, 51.0), st.floats(-5.0, 9.0))
def test_la_conversion_defait_la_projection_au_decimetre(latitude: float, longitude: float) -> None:
    point = depuis_lambert_93(*_vers_lambert_93(latitude, longitude))
    assert point is not None
    assert point[0] == pytest.approx(latitude, abs=1e-6)
    assert point[1] == pytest.approx(longitude, abs=1e-6)


@given(st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True, allow_infinity=True))
def test_un_point_garde_est_toujours_en_france(latitude: float, longitude: float) -> None:
    propre = nettoyer_coordonnees(latitude, longitude)
    assert propre.valeur is None or en_france(*propre.valeur)
    assert propre.valeur is not None or propre.anomalies
