"""The read model: where every place stands, in memory, fed by the service's own change feed.

Distances are great-circle metres on the mean sphere (R = 6 371 008,8 m, IUGG), exact for each place kept: the
preselection compares chords of the unit sphere, never degrees.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from socle.donnees import feed
from socle.donnees.db import ReadSession

from annuaire.lieux import repository
from annuaire.lieux.repository import Filtres, Position

RAYON_TERRE_M = 6_371_008.8
MARGE_CHORDE = 1 + 1e-9
LOT_REPRISE = 2000


@dataclass(frozen=True, slots=True)
class Proche:
    """A place near a point, with its distance in metres."""

    id: UUID
    distance_m: float


def distances_m(
    latitude: float, longitude: float, latitudes: NDArray[np.float64], longitudes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return great-circle distances in metres from a point to points, all in WGS84 degrees (haversine)."""
    phi, phis = np.radians(latitude), np.radians(latitudes)
    a = (
        np.sin((phis - phi) / 2) ** 2
        + np.cos(phi) * np.cos(phis) * np.sin((np.radians(longitudes) - np.radians(longitude)) / 2) ** 2
    )
    return np.asarray(2 * RAYON_TERRE_M * np.arcsin(np.minimum(1.0, np.sqrt(a))), dtype=np.float64)


class ModeleLecture:
    """Positions and filter columns of the places in force.

    `rafraichir` brings the model to the latest committed change before a reading; it costs one counter read when
    nothing changed.
    """

    def __init__(self) -> None:
        self._tour = asyncio.Lock()
        self._numero = -1
        self._positions: dict[UUID, Position] = {}
        self._tableau: _Tableau | None = None

    @property
    def taille(self) -> int:
        """Places that have a point."""
        return len(self._positions)

    async def rafraichir(self, session: ReadSession) -> None:
        """Catch up with the feed; the first call reads everything.

        The caller's own session is used: a reader that waited for a second one could wait for ever.
        """
        courant = await feed.dernier_numero(session)
        if courant == self._numero:
            return
        async with self._tour:
            if self._numero < 0:
                # what commits after this number is read again by the next call: never missed, at worst read twice
                self._positions = {p.id: p for p in await repository.positions(session)}
                self._numero, self._tableau = courant, None
            while self._numero < courant:
                changes = await repository.modifies_depuis(session, self._numero, limite=LOT_REPRISE)
                if not changes:
                    self._numero = courant
                    break
                ids = [id for id, _ in changes]
                vivantes = {p.id: p for p in await repository.positions(session, ids)}
                for id in ids:
                    self._positions.pop(id, None)
                self._positions |= vivantes
                self._tableau = None
                self._numero = changes[-1][1]

    def proches(
        self,
        latitude: float,
        longitude: float,
        *,
        rayon_m: float,
        filtres: Filtres,
        limite: int,
        apres: Proche | None = None,
        sans_public: bool = False,
    ) -> list[Proche]:
        """Return the nearest places within a radius, by (distance, id), after one of them if given.

        Places that receive nobody are left out unless `sans_public`.
        """
        if self._tableau is None:
            self._tableau = _Tableau.de(list(self._positions.values()))
        return self._tableau.proches(latitude, longitude, rayon_m, filtres, limite, apres, sans_public)


@dataclass(frozen=True, slots=True)
class _Tableau:
    ids: list[UUID]
    latitudes: NDArray[np.float64]
    longitudes: NDArray[np.float64]
    points: NDArray[np.float64]
    recoit_du_public: NDArray[np.bool_]
    colonnes: dict[str, NDArray[np.str_]]

    @classmethod
    def de(cls, positions: Sequence[Position]) -> _Tableau:
        latitudes = np.array([p.latitude for p in positions], dtype=np.float64)
        longitudes = np.array([p.longitude for p in positions], dtype=np.float64)
        noms = ("code_insee", "code_postal", "departement", "region", "epci", "qpv", "source_id")
        return cls(
            [p.id for p in positions],
            latitudes,
            longitudes,
            _sur_la_sphere(latitudes, longitudes),
            np.array([p.recoit_du_public for p in positions], dtype=np.bool_),
            {nom: np.array([getattr(p, nom) or "" for p in positions], dtype=np.str_) for nom in noms},
        )

    def proches(
        self,
        latitude: float,
        longitude: float,
        rayon_m: float,
        filtres: Filtres,
        limite: int,
        apres: Proche | None,
        sans_public: bool,
    ) -> list[Proche]:
        if not self.ids:
            return []
        ecarts = self.points - _sur_la_sphere(np.array([latitude]), np.array([longitude]))
        chordes = np.einsum("ij,ij->i", ecarts, ecarts)
        # a chord of the unit sphere is 2·sin(d/2R); the margin is wider than rounding, the exact cut comes below
        borne = (2 * np.sin(min(rayon_m / (2 * RAYON_TERRE_M), np.pi / 2))) ** 2 * MARGE_CHORDE + 1e-18
        garde = chordes <= borne
        if not sans_public:
            garde &= self.recoit_du_public
        for nom, colonne in self.colonnes.items():
            valeurs = getattr(filtres, nom)
            if valeurs:
                garde &= np.isin(colonne, valeurs)
        rangs = np.flatnonzero(garde)
        if apres is None and rangs.size > limite:
            seuil = np.partition(chordes[rangs], limite - 1)[limite - 1] * MARGE_CHORDE + 1e-18
            rangs = rangs[chordes[rangs] <= seuil]
        distances = distances_m(latitude, longitude, self.latitudes[rangs], self.longitudes[rangs])
        trouves: list[Any] = sorted(
            (float(distance), self.ids[rang])
            for rang, distance in zip(rangs.tolist(), distances.tolist(), strict=True)
            if distance <= rayon_m
        )
        if apres is not None:
            trouves = [t for t in trouves if t > (apres.distance_m, apres.id)]
        return [Proche(id, distance) for distance, id in trouves[:limite]]


def _sur_la_sphere(latitudes: NDArray[np.float64], longitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    phi, lam = np.radians(latitudes), np.radians(longitudes)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)
