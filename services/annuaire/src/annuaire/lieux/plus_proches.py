"""The nearest places: an index of points on the sphere, exact in distance, in numpy alone.

Points are laid in bands of latitude, each sorted by longitude. A question looks at a small circle first and widens it
until it holds enough places or reaches the radius asked, so its cost follows the answer and not the country.
Distances are great-circle metres on the mean sphere (R = 6 371 008,8 m, IUGG).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RAYON_TERRE_M = 6_371_008.8
BANDE_DEG = 0.05
"""Height of a band: 5.6 km."""
MAILLE_DEG = 0.5
METRES_PAR_DEGRE = 111_195.0
CERCLE_MINIMAL_M, CERCLE_DESERT_M = 300.0, 20_000.0
ELARGISSEMENT = 2.0
MARGE_DEG = 1e-9

Reels = NDArray[np.float64]
Rangs = NDArray[np.int64]
Masque = NDArray[np.bool_]


def _distances(phi: float, lam: float, phis: Reels, lams: Reels, cosinus: Reels) -> Reels:
    """Return great-circle distances in metres (haversine) between radians; `cosinus` is of `phis`."""
    a: Reels = np.sin((phis - phi) * 0.5) ** 2 + cosinus * (math.cos(phi) * np.sin((lams - lam) * 0.5) ** 2)
    return 2 * RAYON_TERRE_M * np.arcsin(np.sqrt(np.minimum(a, 1.0)))


@dataclass(frozen=True, slots=True)
class IndexSpatial:
    """Points in bands, each sorted by longitude.

    `rangs` are the caller's numbers in that order and `points` their longitude (degrees), latitude, longitude
    (radians) and cosine of the latitude; `debuts` says where each band starts, `mailles` counts the points of each
    square of half a degree, from which the first circle is guessed.
    """

    premiere: int
    debuts: list[int]
    rangs: Rangs
    degres: Reels
    phis: Reels
    lams: Reels
    cosinus: Reels
    mailles: dict[tuple[int, int], int]

    @classmethod
    def de(cls, latitudes: Reels, longitudes: Reels, rangs: Rangs) -> IndexSpatial:
        """Index points given by WGS84 degrees; `rangs` numbers them."""
        bandes = np.floor(latitudes / BANDE_DEG).astype(np.int64)
        ordre = np.lexsort((longitudes, bandes))
        premiere, derniere = (int(bandes.min()), int(bandes.max())) if len(rangs) else (0, -1)
        debuts = np.searchsorted(bandes[ordre], np.arange(premiere, derniere + 2)).tolist()
        phis = np.radians(latitudes[ordre])
        coins = (np.floor(degres / MAILLE_DEG).astype(int).tolist() for degres in (latitudes, longitudes))
        mailles = Counter(zip(*coins, strict=True))
        return cls(
            premiere,
            debuts or [0],
            rangs[ordre],
            longitudes[ordre],
            phis,
            np.radians(longitudes[ordre]),
            np.cos(phis),
            mailles,
        )

    def dans_le_cercle(self, latitude: float, longitude: float, rayon_m: float) -> tuple[Rangs, Reels]:
        """Return the numbers and distances of the points within a radius, unordered."""
        tranches = self._tranches(latitude, longitude, rayon_m)
        if not tranches:
            return np.empty(0, dtype=np.int64), np.empty(0)
        ou = np.concatenate([np.arange(de, a) for de, a in tranches])
        rangs = self.rangs[ou]
        distances = _distances(
            math.radians(latitude), math.radians(longitude), self.phis[ou], self.lams[ou], self.cosinus[ou]
        )
        dedans = distances <= rayon_m
        return rangs[dedans], distances[dedans]

    def plus_proches(
        self, latitude: float, longitude: float, *, rayon_m: float, combien: int, garde: Masque | None = None
    ) -> tuple[Rangs, Reels]:
        """Return at least the `combien` nearest points within a radius (all those at the last distance), unordered.

        `garde` tells, by number, which points may be returned.
        """
        cercle = min(self._premier_cercle(latitude, longitude, combien), rayon_m)
        while True:
            rangs, distances = self.dans_le_cercle(latitude, longitude, cercle)
            if garde is not None:
                gardes = garde[rangs]
                rangs, distances = rangs[gardes], distances[gardes]
            if len(rangs) >= combien or cercle >= rayon_m:
                break
            cercle = min(cercle * ELARGISSEMENT, rayon_m)
        if len(rangs) > combien:
            retenus = distances <= np.partition(distances, combien - 1)[combien - 1]
            rangs, distances = rangs[retenus], distances[retenus]
        return rangs, distances

    def _premier_cercle(self, latitude: float, longitude: float, combien: int) -> float:
        """Guess a radius that holds about twice what is asked, were the points of the square spread evenly."""
        compte = self.mailles.get((math.floor(latitude / MAILLE_DEG), math.floor(longitude / MAILLE_DEG)), 0)
        if not compte:
            return CERCLE_DESERT_M
        surface = (MAILLE_DEG * METRES_PAR_DEGRE) ** 2 * max(math.cos(math.radians(latitude)), 0.01)
        return max(math.sqrt(2 * combien * surface / (math.pi * compte)), CERCLE_MINIMAL_M)

    def _tranches(self, latitude: float, longitude: float, rayon_m: float) -> list[tuple[int, int]]:
        """Return ranges of positions that hold every point of the circle, and others."""
        angle = rayon_m / RAYON_TERRE_M
        dlat = math.degrees(angle) + MARGE_DEG
        bas, haut = latitude - dlat, latitude + dlat
        if bas <= -90 or haut >= 90:
            intervalles = [(-180.0, 180.0)]  # the circle holds a pole: every longitude is in it
        else:
            dlon = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(latitude))))) + MARGE_DEG
            intervalles = [(longitude - dlon, longitude + dlon)]
            if longitude - dlon < -180:
                intervalles.append((longitude - dlon + 360, 180.0))
            if longitude + dlon > 180:
                intervalles.append((-180.0, longitude + dlon - 360))
        premiere = max(math.floor(bas / BANDE_DEG) - self.premiere, 0)
        derniere = min(math.floor(haut / BANDE_DEG) - self.premiere, len(self.debuts) - 2)
        trouvees = []
        for bande in range(premiere, derniere + 1):
            debut, fin = self.debuts[bande], self.debuts[bande + 1]
            if debut == fin:
                continue
            for ouest, est in intervalles:
                de = bisect_left(self.degres, ouest, debut, fin)
                a = bisect_right(self.degres, est, de, fin)
                if de < a:
                    trouvees.append((de, a))
        return trouvees
