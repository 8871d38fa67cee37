"""Distances to outlines computed another way than the product: on the ellipsoid in space, and by ray casting.

Points and edges go to geocentric coordinates (WGS84), where distances are plain three-dimensional ones. Below ten
kilometres a chord and its arc differ by less than a millimetre.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

A = 6_378_137.0
F = 1 / 298.257223563
E2 = F * (2 - F)

Anneau = Sequence[tuple[float, float]]
Matrice = npt.NDArray[np.float64]


def geocentriques(lonlat: npt.ArrayLike) -> Matrice:
    """Geocentric metres of points (longitude, latitude) in degrees, on the ellipsoid."""
    lon, lat = np.radians(np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)).T
    n = A / np.sqrt(1 - E2 * np.sin(lat) ** 2)
    return np.column_stack((n * np.cos(lat) * np.cos(lon), n * np.cos(lat) * np.sin(lon), n * (1 - E2) * np.sin(lat)))


def aretes(anneaux: Iterable[Anneau]) -> Matrice:
    """Edges (longitude, latitude, longitude, latitude) of rings, cut so that none is longer than about 200 m."""
    morceaux = []
    for anneau in anneaux:
        for (x1, y1), (x2, y2) in pairwise(anneau):
            n = max(1, math.ceil(max(abs(x2 - x1), abs(y2 - y1)) / 0.002))
            for k in range(n):
                debut, fin = k / n, (k + 1) / n
                morceaux.append(
                    (
                        x1 + (x2 - x1) * debut, y1 + (y2 - y1) * debut,
                        x1 + (x2 - x1) * fin, y1 + (y2 - y1) * fin,
                    )
                )  # fmt: skip
    return np.array(morceaux, dtype=np.float64).reshape(-1, 4)


def distances(lon: float, lat: float, bords: Matrice) -> Matrice:
    """Metres from a point to each edge."""
    p = geocentriques([(lon, lat)])[0]
    a, b = geocentriques(bords[:, :2]), geocentriques(bords[:, 2:])
    ab = b - a
    longueurs = np.einsum("ij,ij->i", ab, ab)
    t = np.clip(np.einsum("ij,ij->i", p - a, ab) / np.where(longueurs == 0, 1, longueurs), 0, 1)
    resultat: Matrice = np.linalg.norm(a + ab * t[:, None] - p, axis=1)
    return resultat


def contient(lon: float, lat: float, anneaux: Iterable[Anneau]) -> bool:
    """Whether a point is inside rings taken together, holes included: a ray to the east crosses them an odd number."""
    dedans = False
    for anneau in anneaux:
        for (x1, y1), (x2, y2) in pairwise(anneau):
            if (y1 > lat) != (y2 > lat) and lon < x1 + (lat - y1) * (x2 - x1) / (y2 - y1):
                dedans = not dedans
    return dedans


def deplacer(lon: float, lat: float, *, est_m: float, nord_m: float) -> tuple[float, float]:
    """Point at these metres east and north of another, by the tangent plane in space."""
    phi, lam = math.radians(lat), math.radians(lon)
    est = np.array([-math.sin(lam), math.cos(lam), 0.0])
    nord = np.array([-math.sin(phi) * math.cos(lam), -math.sin(phi) * math.sin(lam), math.cos(phi)])
    x, y, z = geocentriques([(lon, lat)])[0] + est * est_m + nord * nord_m
    longitude = math.atan2(y, x)
    p = math.hypot(x, y)
    latitude = math.atan2(z, p * (1 - E2))
    for _ in range(5):
        n = A / math.sqrt(1 - E2 * math.sin(latitude) ** 2)
        latitude = math.atan2(z + E2 * n * math.sin(latitude), p)
    return math.degrees(longitude), math.degrees(latitude)
