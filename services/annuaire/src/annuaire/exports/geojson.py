"""Public documents as GeoJSON features (RFC 7946), and the box that holds them."""

from __future__ import annotations

import json

from annuaire.lieux.geojson import DECIMALES, entite, nombre

Point = tuple[float, float]
"""Longitude and latitude, WGS84 degrees: the order of RFC 7946 §3.1.1."""


def situer(octets: bytes) -> tuple[bytes, Point | None]:
    """Write a document as a Feature, and return its point too."""
    document = json.loads(octets)
    latitude, longitude = document.get("latitude"), document.get("longitude")
    id = json.dumps(document.get("id"), ensure_ascii=False).encode()
    if latitude is None or longitude is None:
        return entite(id, None, None, octets), None
    return entite(id, latitude, longitude, octets), (round(longitude, DECIMALES), round(latitude, DECIMALES))


class Etendue:
    """The box that holds every point met (RFC 7946 §5): west, south, east, north.

    West is the least longitude, even for a collection that spans the Pacific: a box that crosses the antimeridian
    would be smaller and mislead the readers that do not know it.
    """

    def __init__(self) -> None:
        self._bornes: tuple[float, float, float, float] | None = None

    def ajouter(self, point: Point | None) -> None:
        """Widen the box to a point."""
        if point is None:
            return
        x, y = point
        ouest, sud, est, nord = self._bornes or (x, y, x, y)
        self._bornes = (min(ouest, x), min(sud, y), max(est, x), max(nord, y))

    def membre(self) -> bytes:
        """Write the member `bbox`, or nothing without a point."""
        return b"" if self._bornes is None else b'"bbox":[%s],' % b",".join(map(nombre, self._bornes))
