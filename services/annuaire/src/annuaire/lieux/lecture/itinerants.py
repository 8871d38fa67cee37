"""Places that move: every point where one may stand is indexed, and where each stands is asked at the moment itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from annuaire.lieux.lecture.colonnes import Rangs
from annuaire.lieux.lecture.plus_proches import IndexSpatial, Reels

if TYPE_CHECKING:
    from annuaire.lieux.lecture.criteres import Rectangle

Point = tuple[float, float]
"""Latitude and longitude, WGS84 degrees."""


@dataclass(slots=True)
class Moment:
    """The instant of a question, and until when (Unix time) what was found holds.

    `present` says that the instant is that of the answer: a place that moves later will change it.
    """

    instant: datetime
    present: bool = True
    jusqu_a: float = math.inf

    def borner(self, fin: datetime | None) -> None:
        """Note that something used changes at an instant."""
        if self.present and fin is not None:
            self.jusqu_a = min(self.jusqu_a, fin.timestamp())


class Itinerants:
    """The points of each row that moves: those of its stops, and its own address, the last one, where it has one."""

    def __init__(self) -> None:
        self.propres: dict[int, Point | None] = {}
        self._points: dict[int, tuple[Point, ...]] = {}
        self._index: tuple[IndexSpatial, Rangs, Reels, Reels] | None = None

    def __len__(self) -> int:
        return len(self._points)

    def __contains__(self, rang: object) -> bool:
        return rang in self._points

    def copier(self) -> Itinerants:
        """Return points that change apart from these."""
        copie = Itinerants()
        copie.propres, copie._points, copie._index = dict(self.propres), dict(self._points), self._index
        return copie

    def poser(self, rang: int, points: Sequence[Point], propre: Point | None) -> None:
        """Write where a row may stand."""
        nouveaux = (*points, *([propre] if propre else []))
        if self._points.get(rang) != nouveaux:
            self._points[rang], self._index = nouveaux, None
        self.propres[rang] = propre

    def oter(self, rang: int) -> None:
        """Forget a row that does not move any more."""
        if rang in self._points:
            del self._points[rang], self.propres[rang]
            self._index = None

    def autour(self, latitude: float, longitude: float, rayon_m: float) -> Rangs:
        """Return the rows that may stand within a radius."""
        index, _, _, _ = self._a_jour()
        rangs, _ = index.dans_le_cercle(latitude, longitude, rayon_m)
        return np.unique(rangs)

    def dans(self, rectangle: Rectangle) -> Rangs:
        """Return the rows that may stand in a rectangle."""
        _, rangs, latitudes, longitudes = self._a_jour()
        dedans = (latitudes >= rectangle.sud) & (latitudes <= rectangle.nord)
        dedans &= (longitudes >= rectangle.ouest) & (longitudes <= rectangle.est)
        return np.unique(rangs[dedans])

    def _a_jour(self) -> tuple[IndexSpatial, Rangs, Reels, Reels]:
        if self._index is None:
            paires = [(rang, *point) for rang, points in self._points.items() for point in points]
            rangs = np.array([p[0] for p in paires], dtype=np.int64)
            latitudes, longitudes = (np.array([p[n] for p in paires], dtype=np.float64) for n in (1, 2))
            self._index = IndexSpatial.de(latitudes, longitudes, rangs), rangs, latitudes, longitudes
        return self._index


def point_propre(document: Mapping[str, object]) -> Point | None:
    """Return the address of a place itself, where its document gives a point."""
    latitude, longitude = document.get("latitude"), document.get("longitude")
    if isinstance(latitude, (int, float)) and isinstance(longitude, (int, float)):
        return float(latitude), float(longitude)
    return None
