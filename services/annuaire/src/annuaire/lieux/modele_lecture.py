"""The read model: where every place stands, in memory, fed by the service's own change feed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from socle.donnees import feed
from socle.donnees.db import ReadSession

from annuaire.lieux import repository
from annuaire.lieux.plus_proches import IndexSpatial, Masque
from annuaire.lieux.repository import Filtres, Position

COLONNES = ("code_insee", "code_postal", "departement", "region", "epci", "qpv", "source_id")
LOT_REPRISE = 2000


@dataclass(frozen=True, slots=True)
class Proche:
    """A place near a point, with its distance in metres."""

    id: UUID
    distance_m: float


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
    """The positions as columns, numbered alike in the spatial index."""

    ids: list[UUID]
    index: IndexSpatial
    recoit_du_public: Masque
    colonnes: dict[str, NDArray[np.str_]]

    @classmethod
    def de(cls, positions: Sequence[Position]) -> _Tableau:
        return cls(
            [p.id for p in positions],
            IndexSpatial.de(
                np.array([p.latitude for p in positions], dtype=np.float64),
                np.array([p.longitude for p in positions], dtype=np.float64),
                np.arange(len(positions)),
            ),
            np.array([p.recoit_du_public for p in positions], dtype=np.bool_),
            {nom: np.array([getattr(p, nom) or "" for p in positions], dtype=np.str_) for nom in COLONNES},
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
        garde = self._garde(filtres, sans_public)
        if apres is None:
            rangs, distances = self.index.plus_proches(
                latitude, longitude, rayon_m=rayon_m, combien=limite, garde=garde
            )
        else:
            rangs, distances = self.index.dans_le_cercle(latitude, longitude, rayon_m)
            gardes = garde[rangs] & (distances >= apres.distance_m)
            rangs, distances = rangs[gardes], distances[gardes]
        trouves = sorted((d, self.ids[rang]) for d, rang in zip(distances.tolist(), rangs.tolist(), strict=True))
        if apres is not None:
            trouves = [t for t in trouves if t > (apres.distance_m, apres.id)]
        return [Proche(id, distance) for distance, id in trouves[:limite]]

    def _garde(self, filtres: Filtres, sans_public: bool) -> Masque:
        garde = np.ones(len(self.ids), dtype=np.bool_) if sans_public else self.recoit_du_public
        for nom, colonne in self.colonnes.items():
            valeurs = getattr(filtres, nom)
            if valeurs:
                garde = garde & np.isin(colonne, valeurs)
        return garde
