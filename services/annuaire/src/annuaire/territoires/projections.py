"""From metres on a plane to degrees: the projected systems in which French lists are written. Pure.

Formulas of IOGP publication 373-7-2 (Lambert conic conformal, transverse Mercator by Krüger's series, geocentric
translation); parameters of the EPSG register. Every system is read as WGS84: those that follow GRS80 differ from it
by less than a metre.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

Point = tuple[float, float]
Inverse = Callable[[float, float], Point]

_METRES_MAX: Final = 25_000_000.0


@dataclass(frozen=True, slots=True)
class Ellipsoide:
    """`a` is the semi-major axis in metres, `f` the flattening."""

    a: float
    f: float

    @property
    def e2(self) -> float:
        """Square of the first eccentricity."""
        return self.f * (2 - self.f)


GRS80: Final = Ellipsoide(6_378_137.0, 1 / 298.257222101)
WGS84: Final = Ellipsoide(6_378_137.0, 1 / 298.257223563)
CLARKE_1880_IGN: Final = Ellipsoide(6_378_249.2, 1 - 6_356_515.0 / 6_378_249.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConiqueConforme:
    """Lambert conic conformal, by two parallels or, when they are one, by one and its scale (degrees, metres)."""

    ellipsoide: Ellipsoide = GRS80
    origine: Point
    paralleles: tuple[float, float]
    echelle: float = 1.0
    decalage: Point

    def inverse(self, x: float, y: float) -> Point:
        """Return (latitude, longitude) in degrees of the ellipsoid."""
        e = math.sqrt(self.ellipsoide.e2)
        phi1, phi2 = (math.radians(p) for p in self.paralleles)
        m1, m2 = _m(phi1, e), _m(phi2, e)
        t0, t1, t2 = (_t(phi, e) for phi in (math.radians(self.origine[0]), phi1, phi2))
        n = math.sin(phi1) if phi1 == phi2 else math.log(m1 / m2) / math.log(t1 / t2)
        rayon = self.ellipsoide.a * self.echelle * m1 / (n * t1**n)
        r0 = rayon * t0**n
        dx, dy = x - self.decalage[0], r0 - (y - self.decalage[1])
        sens = 1.0 if n > 0 else -1.0
        t = (math.hypot(dx, dy) / abs(rayon)) ** (1 / n)
        theta = math.atan2(sens * dx, sens * dy)
        return math.degrees(_phi(t, e)), self.origine[1] + math.degrees(theta / n)


@dataclass(frozen=True, slots=True, kw_only=True)
class MercatorTransverse:
    """Transverse Mercator (degrees, metres); UTM by zone, north or south."""

    ellipsoide: Ellipsoide = WGS84
    origine: Point
    echelle: float = 0.9996
    decalage: Point

    def inverse(self, x: float, y: float) -> Point:
        """Return (latitude, longitude) in degrees of the ellipsoid."""
        f = self.ellipsoide.f
        n = f / (2 - f)
        b = self.ellipsoide.a / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
        m0 = b * self._xi(math.radians(self.origine[0]), n)
        eta = (x - self.decalage[0]) / (b * self.echelle)
        xi = (y - self.decalage[1] + self.echelle * m0) / (b * self.echelle)
        xi0, eta0 = xi, eta
        for rang, h in enumerate(
            (
                n / 2 - 2 / 3 * n**2 + 37 / 96 * n**3 - n**4 / 360,
                n**2 / 48 + n**3 / 15 - 437 / 1440 * n**4,
                17 / 480 * n**3 - 37 / 840 * n**4,
                4397 / 161_280 * n**4,
            ),
            1,
        ):
            xi0 -= h * math.sin(2 * rang * xi) * math.cosh(2 * rang * eta)
            eta0 -= h * math.cos(2 * rang * xi) * math.sinh(2 * rang * eta)
        beta = math.asin(max(-1.0, min(1.0, math.sin(xi0) / math.cosh(eta0))))
        e = math.sqrt(self.ellipsoide.e2)
        psi = isometrique = math.asinh(math.tan(beta))
        for _ in range(8):
            isometrique = psi + e * math.atanh(e * math.tanh(isometrique))
        longitude = self.origine[1] + math.degrees(math.asin(max(-1.0, min(1.0, math.tanh(eta0) / math.cos(beta)))))
        return math.degrees(math.atan(math.sinh(isometrique))), longitude

    def _xi(self, phi: float, n: float) -> float:
        """Return the reduced length of the meridian up to a latitude (radians)."""
        if phi == 0:
            return 0.0
        e = math.sqrt(self.ellipsoide.e2)
        beta = math.atan(math.sinh(math.asinh(math.tan(phi)) - e * math.atanh(e * math.sin(phi))))
        termes = (
            n / 2 - 2 / 3 * n**2 + 5 / 16 * n**3 + 41 / 180 * n**4,
            13 / 48 * n**2 - 3 / 5 * n**3 + 557 / 1440 * n**4,
            61 / 240 * n**3 - 103 / 140 * n**4,
            49_561 / 161_280 * n**4,
        )
        return beta + sum(h * math.sin(2 * rang * beta) for rang, h in enumerate(termes, 1))


def _m(phi: float, e: float) -> float:
    return math.cos(phi) / math.sqrt(1 - (e * math.sin(phi)) ** 2)


def _t(phi: float, e: float) -> float:
    return math.tan(math.pi / 4 - phi / 2) / math.pow((1 - e * math.sin(phi)) / (1 + e * math.sin(phi)), e / 2)


def _phi(t: float, e: float) -> float:
    """Find the latitude (radians) whose isometric function is `t`."""
    phi = math.pi / 2 - 2 * math.atan(t)
    for _ in range(12):
        phi = math.pi / 2 - 2 * math.atan(t * ((1 - e * math.sin(phi)) / (1 + e * math.sin(phi))) ** (e / 2))
    return phi


def _utm(zone: int, hemisphere: str) -> Inverse:
    meridien = zone * 6.0 - 183.0
    return MercatorTransverse(origine=(0.0, meridien), decalage=(500_000.0, 0.0 if hemisphere == "n" else 1e7)).inverse


def _conique_9_zones(parallele: int) -> Inverse:
    """Make one of the nine conic zones, CC42 to CC50 (RGF93)."""
    return ConiqueConforme(
        origine=(float(parallele), 3.0),
        paralleles=(parallele - 0.75, parallele + 0.75),
        decalage=(1_700_000.0, (parallele - 41) * 1_000_000.0 + 200_000.0),
    ).inverse


def _lambert_2_etendu(x: float, y: float) -> Point:
    """NTF (Clarke 1880, meridian of Paris), moved to WGS84 by one translation: right within five metres."""
    ntf = ConiqueConforme(
        ellipsoide=CLARKE_1880_IGN,
        origine=(46.8, 2.0 + 20 / 60 + 14.025 / 3600),
        paralleles=(46.8, 46.8),
        echelle=0.99987742,
        decalage=(600_000.0, 2_200_000.0),
    )
    latitude, longitude = (math.radians(degres) for degres in ntf.inverse(x, y))
    n = CLARKE_1880_IGN.a / math.sqrt(1 - CLARKE_1880_IGN.e2 * math.sin(latitude) ** 2)
    gx = n * math.cos(latitude) * math.cos(longitude) - 168.0
    gy = n * math.cos(latitude) * math.sin(longitude) - 60.0
    gz = n * (1 - CLARKE_1880_IGN.e2) * math.sin(latitude) + 320.0
    rayon, phi = math.hypot(gx, gy), math.atan2(gz, math.hypot(gx, gy))
    for _ in range(8):
        grande = WGS84.a / math.sqrt(1 - WGS84.e2 * math.sin(phi) ** 2)
        phi = math.atan2(gz + WGS84.e2 * grande * math.sin(phi), rayon)
    return math.degrees(phi), math.degrees(math.atan2(gy, gx))


def _mercator_web(x: float, y: float) -> Point:
    rayon = WGS84.a
    return math.degrees(math.atan(math.sinh(max(-20.0, min(20.0, y / rayon))))), math.degrees(x / rayon)


def _degres(x: float, y: float) -> Point:
    return y, x


_LAMBERT_93: Final = ConiqueConforme(origine=(46.5, 3.0), paralleles=(44.0, 49.0), decalage=(700_000.0, 6_600_000.0))
_LAMBERT_NC: Final = ConiqueConforme(
    origine=(-21.5, 166.0), paralleles=(-20 - 40 / 60, -22 - 20 / 60), decalage=(400_000.0, 300_000.0)
)

#: Name of a system: EPSG codes, and the way back to degrees.
_TABLE: Final[dict[str, tuple[tuple[int, ...], Inverse]]] = {
    "wgs84": ((4326, 4171, 4258, 4979), _degres),
    "mercator-web": ((3857, 900913), _mercator_web),
    "lambert93": ((2154, 5698, 5699), _LAMBERT_93.inverse),
    "lambert2-etendu": ((27572,), _lambert_2_etendu),
    **{f"cc{p}": ((3900 + p,), _conique_9_zones(p)) for p in range(42, 51)},
    "utm20n": ((32620, 5490, 4559), _utm(20, "n")),
    "utm21n": ((32621, 4467), _utm(21, "n")),
    "utm22n": ((32622, 2972), _utm(22, "n")),
    "utm30n": ((32630, 25830), _utm(30, "n")),
    "utm31n": ((32631, 25831), _utm(31, "n")),
    "utm32n": ((32632, 25832), _utm(32, "n")),
    "utm38s": ((32738, 4471), _utm(38, "s")),
    "utm40s": ((32740, 2975), _utm(40, "s")),
    "utm1s": ((32701,), _utm(1, "s")),
    "utm5s": ((32705, 3296), _utm(5, "s")),
    "utm6s": ((32706, 3297), _utm(6, "s")),
    "utm7s": ((32707, 3298), _utm(7, "s")),
    "utm8s": ((32708, 3299), _utm(8, "s")),
    "utm57s": ((32757, 3169), _utm(57, "s")),
    "utm58s": ((32758, 3170), _utm(58, "s")),
    "utm59s": ((32759, 3171), _utm(59, "s")),
    "rgnc91-93": ((3163,), _LAMBERT_NC.inverse),
}
SYSTEMES: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType({nom: codes for nom, (codes, _) in _TABLE.items()})


@cache
def _par_code() -> Mapping[int, str]:
    return {code: nom for nom, codes in SYSTEMES.items() for code in codes}


def reconnaitre_systeme(ecrit: Any) -> str | None:
    """Return the name of a system written by its name or its EPSG code (`2154`, `EPSG:2154`), or `None`."""
    if isinstance(ecrit, bool) or not isinstance(ecrit, (str, int)):
        return None
    texte = str(ecrit)[:60].strip().lower().replace("_", "-")
    if texte in SYSTEMES:
        return texte
    code = texte.rpartition(":")[2]
    if code.isascii() and code.isdigit():
        return _par_code().get(int(code))
    serre = re.sub(r"[\s-]", "", texte)
    return next((nom for nom in SYSTEMES if nom.replace("-", "") == serre), None)


def vers_degres(systeme: str, x: float, y: float) -> Point | None:
    """Convert to (latitude, longitude), WGS84 degrees; `None` for what is not a point of the Earth.

    `x` is the easting (longitude in `wgs84`), `y` the northing, in metres. `systeme` is a name of `SYSTEMES`.
    """
    if not (math.isfinite(x) and math.isfinite(y) and abs(x) < _METRES_MAX and abs(y) < _METRES_MAX):
        return None
    try:
        latitude, longitude = _TABLE[systeme][1](x, y)
    except (ArithmeticError, ValueError):
        return None
    if not (math.isfinite(latitude) and math.isfinite(longitude)) or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return latitude, longitude
