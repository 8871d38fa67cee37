"""The nearest places: an index of points on the sphere, exact in distance, in numpy alone.

Points are laid in bands of latitude, each sorted by longitude. A question looks at a small circle first and widens it
until it holds enough places or reaches the radius asked, so its cost follows the answer and not the country.
Points are unit vectors, compared by their chord: the order is that of great-circle distances, for a tenth of the
trigonometry. Distances are metres on the mean sphere (R = 6 371 008,8 m, IUGG).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

RAYON_TERRE_M = 6_371_008.8
BANDE_DEG = 0.05
"""Height of a band: 5.6 km."""
MAILLE_DEG = 0.5
METRES_PAR_DEGRE = 111_195.0
CERCLE_MINIMAL_M, CERCLE_DESERT_M = 300.0, 20_000.0
PEU = 256
"""Points that the caller sorts faster than they are sifted."""
ELARGISSEMENT, ELARGISSEMENT_MAX = 2.0, 8.0
MARGE_DEG = 1e-9

Reels = NDArray[np.float64]
Rangs = NDArray[np.int64]
Masque = NDArray[np.bool_]
Garde = Callable[[Rangs], Masque]
"""Which of these numbered points may be returned."""


def vecteurs(latitudes: Reels, longitudes: Reels) -> Reels:
    """Return unit vectors, one row a point, from WGS84 degrees."""
    phis, lams = np.radians(latitudes), np.radians(longitudes)
    cosinus = np.cos(phis)
    return np.column_stack([cosinus * np.cos(lams), cosinus * np.sin(lams), np.sin(phis)])


def vecteur(latitude: float, longitude: float) -> Reels:
    """Return the unit vector of one point."""
    phi, lam = math.radians(latitude), math.radians(longitude)
    cosinus = math.cos(phi)
    return np.array([cosinus * math.cos(lam), cosinus * math.sin(lam), math.sin(phi)])


def cordes(points: Reels, centre: Reels) -> Reels:
    """Return the squared chords from points to one of them, for unit vectors: they order as distances do."""
    ecarts = points - centre
    ecarts *= ecarts
    # one operation at a time, so that a point has the same chord whoever its neighbours are
    carres: Reels = ecarts[:, 0] + ecarts[:, 1]
    carres += ecarts[:, 2]
    return carres


def corde_de(metres: float) -> float:
    """Return the squared chord of a great-circle distance."""
    return (2 * math.sin(min(metres / (2 * RAYON_TERRE_M), math.pi / 2))) ** 2


def rayon_de(carre: float) -> float:
    """Return a radius in metres that holds every point at this squared chord, and little more."""
    return 2 * RAYON_TERRE_M * math.asin(min(1.0, sqrt(carre) / 2)) + 1.0


def metres(carres: Reels) -> list[int]:
    """Return the great-circle distances of squared chords, in whole metres, for places at most 100 km away.

    The series of the arcsine stops where the next term is a tenth of a micrometre.
    """
    r, r3, r5 = RAYON_TERRE_M, RAYON_TERRE_M / 24, RAYON_TERRE_M * 3 / 640
    return [round(sqrt(c) * (r + c * (r3 + c * r5))) for c in carres.tolist()]


def premiers(rangs: Rangs, carres: Reels | None, combien: int) -> Rangs:
    """Return the positions of the first ones by (distance, id), or by id where there is no distance.

    Of a large set, only what may be among them is ordered.
    """
    if carres is None:
        # a set without distances comes in the order of ids
        return np.arange(min(combien, len(rangs)))
    if len(carres) > max(PEU, 2 * combien):
        proches: Rangs = np.flatnonzero(carres <= np.partition(carres, combien - 1)[combien - 1])
        return proches[ordonner(rangs[proches], carres[proches])][:combien]
    return ordonner(rangs, carres)[:combien]


def ordonner(rangs: Rangs, carres: Reels) -> Rangs:
    """Return the positions of all of them by (distance, id)."""
    ordre: Rangs = np.lexsort((rangs, carres))
    return ordre


def _elargissement(trouves: int, combien: int) -> float:
    """Guess by how much a circle that held too few places must grow, from how many it held."""
    manque = math.sqrt(1.5 * combien / max(trouves, 0.5))
    return min(max(manque, ELARGISSEMENT), ELARGISSEMENT_MAX)


@dataclass(frozen=True, slots=True)
class IndexSpatial:
    """Points in bands, each sorted by longitude.

    `rangs` are the caller's numbers in that order, `degres` their longitude and `points` their unit vectors; `debuts`
    says where each band starts, `mailles` counts the points of each square of half a degree, from which the first
    circle is guessed.
    """

    premiere: int
    debuts: list[int]
    rangs: Rangs
    degres: list[float]
    points: Reels
    mailles: dict[tuple[int, int], int]

    @classmethod
    def de(cls, latitudes: Reels, longitudes: Reels, rangs: Rangs) -> IndexSpatial:
        """Index points given by WGS84 degrees; `rangs` numbers them."""
        bandes = np.floor(latitudes / BANDE_DEG).astype(np.int64)
        ordre = np.lexsort((longitudes, bandes))
        premiere, derniere = (int(bandes.min()), int(bandes.max())) if len(rangs) else (0, -1)
        debuts = np.searchsorted(bandes[ordre], np.arange(premiere, derniere + 2)).tolist()
        coins = (np.floor(degres / MAILLE_DEG).astype(int).tolist() for degres in (latitudes, longitudes))
        return cls(
            premiere,
            debuts or [0],
            rangs[ordre],
            longitudes[ordre].tolist(),
            vecteurs(latitudes[ordre], longitudes[ordre]),
            Counter(zip(*coins, strict=True)),
        )

    def dans_le_cercle(self, latitude: float, longitude: float, rayon_m: float) -> tuple[Rangs, Reels]:
        """Return the numbers and squared chords of the points within a radius, unordered."""
        return self._dans_le_cercle(latitude, longitude, vecteur(latitude, longitude), rayon_m)

    def plus_proches(
        self, latitude: float, longitude: float, *, rayon_m: float, combien: int, garde: Garde | None = None
    ) -> tuple[Rangs, Reels]:
        """Return the numbers and squared chords of at least the `combien` nearest points within a radius, unordered.

        All those at the last distance come too, and some beyond it.
        """
        centre = vecteur(latitude, longitude)
        cercle = min(self._premier_cercle(latitude, longitude, combien), rayon_m)
        while True:
            rangs, carres = self._dans_le_cercle(latitude, longitude, centre, cercle)
            if garde is not None and len(rangs):
                gardes = garde(rangs)
                rangs, carres = rangs[gardes], carres[gardes]
            if len(rangs) >= combien or cercle >= rayon_m:
                break
            cercle = min(cercle * _elargissement(len(rangs), combien), rayon_m)
        if len(rangs) > PEU:
            retenus = carres <= np.partition(carres, min(combien, len(rangs)) - 1)[min(combien, len(rangs)) - 1]
            rangs, carres = rangs[retenus], carres[retenus]
        return rangs, carres

    def _dans_le_cercle(self, latitude: float, longitude: float, centre: Reels, rayon_m: float) -> tuple[Rangs, Reels]:
        tranches = self._tranches(latitude, longitude, rayon_m)
        if not tranches:
            return np.empty(0, dtype=np.int64), np.empty(0)
        if len(tranches) == 1:
            ((de, a),) = tranches
            rangs, points = self.rangs[de:a], self.points[de:a]
        else:
            rangs = np.concatenate([self.rangs[de:a] for de, a in tranches])
            points = np.concatenate([self.points[de:a] for de, a in tranches])
        carres = cordes(points, centre)
        dedans = carres <= corde_de(rayon_m)
        return rangs[dedans], carres[dedans]

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
