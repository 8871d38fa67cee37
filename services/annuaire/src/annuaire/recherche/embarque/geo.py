"""Circles, boxes and polygons on the true points of the records, distances in metres."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from annuaire.recherche.port import Box, Circle, Geo

RAYON_TERRE_M: Final = 6_371_008.8
"""Mean radius of the Earth (IUGG)."""

Reels = npt.NDArray[np.float64]


def distances(lat: Reels, lng: Reels, centre: Circle) -> Reels:
    """Return great-circle distances in metres, NaN for a record without a point."""
    phi, phi0 = np.radians(lat), np.radians(centre.lat)
    carre = np.sin((phi - phi0) / 2) ** 2 + np.cos(phi) * np.cos(phi0) * np.sin(np.radians(lng - centre.lng) / 2) ** 2
    resultat: Reels = 2 * RAYON_TERRE_M * np.arcsin(np.sqrt(np.clip(carre, 0.0, 1.0)))
    return resultat


def dedans(lat: Reels, lng: Reels, geo: Geo) -> npt.NDArray[np.bool_]:
    """Say of each record whether it lies there; one without a point lies nowhere."""
    with np.errstate(invalid="ignore"):
        if isinstance(geo, Circle):
            if geo.radius_m is None:
                return np.ones(len(lat), np.bool_)
            return np.asarray(distances(lat, lng, geo) <= geo.radius_m)
        if isinstance(geo, Box):
            return np.asarray((lat >= geo.south) & (lat <= geo.north) & (lng >= geo.west) & (lng <= geo.east))
    contour = shapely.Polygon([(longitude, latitude) for latitude, longitude in geo.points])
    shapely.prepare(contour)
    situes = ~np.isnan(lat)
    resultat = np.zeros(len(lat), np.bool_)
    resultat[situes] = shapely.covers(contour, shapely.points(lng[situes], lat[situes]))
    return resultat
