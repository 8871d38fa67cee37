"""The independent answer about priority quarters, and the comparison with the product's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from annuaire.territoires.qpv import Qpv, Situation

from tests.fabriques import geodesie


@dataclass(frozen=True)
class Mesure:
    """What the other method finds for a point: quarters inside, metres to the edges of each quarter within reach."""

    dedans: frozenset[str]
    bords: dict[str, float]

    @property
    def distance(self) -> float:
        """Metres to the nearest quarter, 0 inside, infinite when none is within reach."""
        return 0.0 if self.dedans else min(self.bords.values(), default=float("inf"))


class Arpenteur:
    """Measures points against quarters without the product's code."""

    def __init__(self, quartiers: Sequence[Qpv], *, portee_degres: float = 0.06) -> None:
        self._portee = portee_degres
        self._anneaux = {}
        aretes, codes = [], []
        for rang, quartier in enumerate(quartiers):
            anneaux = []
            for polygone in shapely.get_parts(quartier.geometrie):
                for anneau in (polygone.exterior, *polygone.interiors):
                    anneaux.append([(x, y) for x, y in anneau.coords])
            self._anneaux[quartier.code] = (quartier.geometrie.bounds, anneaux)
            siennes = geodesie.aretes(anneaux)
            aretes.append(siennes)
            codes.append(np.full(len(siennes), rang))
        self._codes = [q.code for q in quartiers]
        self._aretes, self._rangs = np.concatenate(aretes), np.concatenate(codes)

    def mesurer(self, lon: float, lat: float) -> Mesure:
        """Measure one point."""
        dedans = frozenset(
            code
            for code, ((ouest, sud, est, nord), anneaux) in self._anneaux.items()
            if ouest <= lon <= est and sud <= lat <= nord and geodesie.contient(lon, lat, anneaux)
        )
        large = self._portee / np.cos(np.radians(lat))
        pres = (np.abs(self._aretes[:, 0] - lon) < large) & (np.abs(self._aretes[:, 1] - lat) < self._portee)
        metres = geodesie.distances(lon, lat, self._aretes[pres])
        bords: dict[str, float] = {}
        for rang, distance in zip(self._rangs[pres].tolist(), metres.tolist(), strict=True):
            code = self._codes[rang]
            bords[code] = min(distance, bords.get(code, float("inf")))
        return Mesure(dedans, bords)


def ecarts(situation: Situation, mesure: Mesure, *, seuils_m: float = 0.5) -> list[str]:
    """Differences between the two answers; a point at less than `seuils_m` of a threshold may fall on either side."""
    trouves = []
    distance = mesure.distance
    attendue = "dedans" if mesure.dedans else "proche" if distance <= 500 else "dehors"
    if situation.position != attendue and min(abs(distance - 500), distance or 500) > seuils_m:
        trouves.append(f"position {situation.position} au lieu de {attendue} ({distance:.2f} m)")
    if distance > 5_000:
        if situation.code is not None and distance > 5_000 * 1.002:
            trouves.append(f"{situation.code} à {distance:.0f} m")
        return trouves
    if situation.code is None or situation.distance_m is None:
        return [*trouves, f"rien, au lieu de {distance:.1f} m"] if distance < 5_000 * 0.998 else trouves
    # Another code is right when both are at the same distance, or both contain the point.
    sien = 0.0 if situation.code in mesure.dedans else mesure.bords.get(situation.code, float("inf"))
    if abs(sien - distance) > max(1.0, 0.005 * distance):
        trouves.append(f"{situation.code} est à {sien:.1f} m, un autre à {distance:.1f} m")
    if abs(situation.distance_m - distance) > max(1.0, 0.005 * distance):
        trouves.append(f"{situation.distance_m} m au lieu de {distance:.2f} m")
    bord = mesure.bords.get(situation.code, float("inf"))
    if situation.bordure != (bord <= 50) and abs(bord - 50) > seuils_m:
        trouves.append(f"bordure {situation.bordure}, bord à {bord:.2f} m")
    return trouves
