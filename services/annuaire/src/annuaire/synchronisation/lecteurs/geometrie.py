"""Where a geometry is: the point itself, or the middle of a line or of a surface. Pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_LONGITUDE_MAX: Final = 180.0
_LATITUDE_MAX: Final = 90.0
_DECIMALES: Final = 7
_EMBOITEMENTS: Final = 4

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Position:
    """A position: degrees east and north, or metres when they cannot be degrees; `exacte` when it was a point."""

    x: float
    y: float
    exacte: bool

    def en_dict(self) -> dict[str, float]:
        """Return it as columns, named by their unit."""
        if abs(self.x) <= _LONGITUDE_MAX and abs(self.y) <= _LATITUDE_MAX:
            return {"longitude": self.x, "latitude": self.y}
        return {"x": self.x, "y": self.y}


def reperer(geometrie: Any) -> Position | None:
    """Return the position of a GeoJSON geometry (RFC 7946 §3.1) or of an ArcGIS point; `None` when it has none."""
    if not isinstance(geometrie, dict):
        return None
    if "x" in geometrie:
        point = _point([geometrie["x"], geometrie.get("y")])
        return Position(*point, exacte=True) if point else None
    if geometrie.get("type") == "GeometryCollection":
        membres = geometrie.get("geometries")
        trouvees = (reperer_membre(membre) for membre in membres) if isinstance(membres, list) else iter(())
        return next((position for position in trouvees if position), None)
    return reperer_membre(geometrie)


def reperer_membre(geometrie: Any) -> Position | None:
    """Return the position of a geometry that is not a collection."""
    if not isinstance(geometrie, dict):
        return None
    genre, coordonnees = geometrie.get("type"), geometrie.get("coordinates")
    if genre == "Point":
        point = _point(coordonnees)
        return Position(*point, exacte=True) if point else None
    if genre in ("Polygon", "MultiPolygon"):
        # the outer ring of each polygon is its first one (RFC 7946 §3.1.6)
        polygones = [coordonnees] if genre == "Polygon" else coordonnees
        if not isinstance(polygones, list):
            return None
        anneaux = [_points(polygone[:1]) for polygone in polygones if isinstance(polygone, list)]
        return _centre_des_surfaces(anneaux)
    return _moyenne(_points(coordonnees))


def _centre_des_surfaces(anneaux: Sequence[Sequence[Point]]) -> Position | None:
    """Centroid of polygons, each weighted by its area; the mean of their corners when they have no area."""
    aire = x = y = 0.0
    for anneau in anneaux:
        propre = cx = cy = 0.0
        for (x1, y1), (x2, y2) in itertools.pairwise(anneau):
            croix = x1 * y2 - x2 * y1
            propre += croix
            cx += (x1 + x2) * croix
            cy += (y1 + y2) * croix
        signe = math.copysign(1.0, propre)
        aire, x, y = aire + signe * propre, x + signe * cx, y + signe * cy
    if not math.isfinite(aire * x * y) or aire < 1e-12:
        return _moyenne([point for anneau in anneaux for point in anneau])
    return Position(round(x / (3 * aire), _DECIMALES), round(y / (3 * aire), _DECIMALES), exacte=False)


def _moyenne(points: Sequence[Point]) -> Position | None:
    if not points:
        return None
    x, y = (math.fsum(point[axe] for point in points) / len(points) for axe in (0, 1))
    return Position(round(x, _DECIMALES), round(y, _DECIMALES), exacte=False) if math.isfinite(x * y) else None


def _points(coordonnees: Any, niveau: int = 0) -> list[Point]:
    """Return the points of nested coordinates; what is not one is left out."""
    if not isinstance(coordonnees, list) or niveau > _EMBOITEMENTS:
        return []
    if point := _point(coordonnees):
        return [point]
    return [point for dedans in coordonnees for point in _points(dedans, niveau + 1)]


def _point(coordonnees: Any) -> Point | None:
    if not isinstance(coordonnees, list) or len(coordonnees) < 2:
        return None
    x, y = coordonnees[:2]
    for nombre in (x, y):
        if isinstance(nombre, bool) or not isinstance(nombre, int | float):
            return None
    try:
        x, y = float(x), float(y)
    except OverflowError:
        return None
    return (x, y) if math.isfinite(x * y) else None
