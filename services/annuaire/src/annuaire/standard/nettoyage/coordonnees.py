"""Coordinates: decimal comma, zeros, inversion, bounds of France."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from annuaire.territoires.projections import vers_degres

from ..anomalies import Anomalie
from .nettoye import Nettoye, anomalie
from .textes import en_texte

DECIMALES: Final = 6

#: Rough boxes (south, north, west, east) in WGS84 degrees of mainland France and each overseas territory.
BOITES: Final = {
    "metropole": (41.2, 51.3, -5.6, 9.8),
    "971": (15.7, 16.7, -62.0, -60.9),
    "972": (14.3, 15.0, -61.4, -60.7),
    "973": (2.0, 6.0, -54.8, -51.4),
    "974": (-21.6, -20.7, 55.0, 56.1),
    "975": (46.6, 47.3, -56.7, -56.0),
    "976": (-13.2, -12.4, 44.8, 45.5),
    "977-978": (17.7, 18.3, -63.3, -62.6),
    "984": (-50.2, -11.3, 39.5, 77.8),
    "986": (-14.6, -13.0, -178.4, -176.0),
    "987": (-28.0, -7.5, -155.0, -134.0),
    "988": (-23.0, -17.8, 158.0, 172.5),
    "989": (10.1, 10.5, -109.5, -109.0),
}
_NOMBRE: Final = re.compile(r"[+-]?\d{1,7}(?:[.,]\d{0,30})?(?:[eE][+-]?\d{1,3})?", re.ASCII)

# Where Lambert-93 (EPSG:2154) is used, in metres.
_X_LAMBERT: Final = (0.0, 1_300_000.0)
_Y_LAMBERT: Final = (6_000_000.0, 7_200_000.0)

Point = tuple[float, float]


def nettoyer_coordonnees(latitude: Any, longitude: Any) -> Nettoye[Point | None]:
    """Read a point in WGS84 degrees, (latitude, longitude), rounded to 6 decimals (11 cm).

    A decimal comma is read without a word. `0, 0` means absent. A point outside France that falls inside once
    inverted is inverted (`coord_inversees`), metres in Lambert-93 are converted (`coord_projetees`); a point outside
    France is emptied (`coord_hors_france`), as is one coordinate without the other (`coord_incompletes`).
    """
    anomalies: list[Anomalie] = []
    lat = _nombre(latitude, "latitude", anomalies)
    lon = _nombre(longitude, "longitude", anomalies)
    if lat is None and lon is None:
        return Nettoye(None, tuple(anomalies))
    if lat is None or lon is None:
        present = "longitude" if lat is None else "latitude"
        anomalies.append(anomalie("coord_incompletes", present, longitude if lat is None else latitude))
        return Nettoye(None, tuple(anomalies))
    if lat == 0 and lon == 0:
        return Nettoye(None, (*anomalies, anomalie("coord_nulles", "latitude", "0, 0")))
    ecrit = f"{lat}, {lon}"
    if en_france(lat, lon):
        return Nettoye((lat, lon), tuple(anomalies))
    if en_france(lon, lat):
        return Nettoye(
            (lon, lat), (*anomalies, anomalie("coord_inversees", "latitude", ecrit, corrige=f"{lon}, {lat}"))
        )
    for x, y in ((lon, lat), (lat, lon)):
        point = depuis_lambert_93(x, y)
        if point and en_france(*point):
            corrige = f"{point[0]}, {point[1]}"
            return Nettoye(point, (*anomalies, anomalie("coord_projetees", "latitude", ecrit, corrige=corrige)))
    return Nettoye(None, (*anomalies, anomalie("coord_hors_france", "latitude", ecrit)))


def en_france(latitude: float, longitude: float) -> bool:
    """Tell whether a point falls in the box of mainland France or of an overseas territory."""
    return any(sud <= latitude <= nord and ouest <= longitude <= est for sud, nord, ouest, est in BOITES.values())


def depuis_lambert_93(x: float, y: float) -> Point | None:
    """Convert metres in Lambert-93 to (latitude, longitude) in degrees; `None` outside its domain."""
    if not (_X_LAMBERT[0] <= x <= _X_LAMBERT[1] and _Y_LAMBERT[0] <= y <= _Y_LAMBERT[1]):
        return None
    point = vers_degres("lambert93", x, y)
    return (round(point[0], DECIMALES), round(point[1], DECIMALES)) if point else None


def _nombre(brut: Any, champ: str, anomalies: list[Anomalie]) -> float | None:
    if isinstance(brut, (int, float)) and not isinstance(brut, bool):
        valeur = _flottant(brut)
    else:
        lu = en_texte(brut, champ)
        anomalies.extend(lu.anomalies)
        if lu.valeur is None or not lu.valeur.strip():
            return None
        texte = lu.valeur.strip().strip("°").replace("\u2212", "-").replace("\u00a0", "")
        valeur = _flottant(texte.replace(",", ".")) if _NOMBRE.fullmatch(texte) else None
    if valeur is None:
        anomalies.append(anomalie("coord_illisible", champ, brut))
        return None
    return round(valeur, DECIMALES) + 0.0


def _flottant(valeur: Any) -> float | None:
    try:
        nombre = float(valeur)
    except (ValueError, OverflowError):
        return None
    return nombre if math.isfinite(nombre) else None
