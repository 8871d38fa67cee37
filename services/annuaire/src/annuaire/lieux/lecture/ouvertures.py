"""« Open now » of every place, by row: kept until it changes, never stored, since it moves with the clock alone.

What is known of a row is kept twice: as a value for a page of a few places, as columns for whoever sorts thousands.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from annuaire.lieux.horaires.calendrier import Calendrier
from annuaire.lieux.horaires.document import Heures
from annuaire.lieux.horaires.itineraire import Itineraire
from annuaire.lieux.horaires.ouverture import Etat, Fermeture, Ouverture, fragment
from annuaire.lieux.lecture.colonnes import Masque, Rangs

ETATS: Final = (Etat.OUVERT, Etat.SUR_RDV, Etat.INCONNU, Etat.FERME)
"""States by code."""

ORDRE: Final = np.array([0, 0, 1, 2], dtype=np.int8)
"""Rank of each state for whoever asks what is open: open (by appointment or not), unknown, closed."""

_CODES: Final = {etat: code for code, etat in enumerate(ETATS)}


Vue = tuple[float, float, bytes]
"""Since when and until when (Unix time) what is said of a row holds, and its JSON."""

JAMAIS: Final[Vue] = (math.inf, -math.inf, b"")


class Ouvertures:
    """State of each row, its JSON, and the span of time in which they hold."""

    def __init__(self) -> None:
        self.etats: NDArray[np.int8] = np.empty(0, dtype=np.int8)
        self._vues: list[Vue] = []
        self._depuis: NDArray[np.float64] = np.empty(0)
        self._jusqu_a: NDArray[np.float64] = np.empty(0)
        self._calendriers: list[Calendrier | Itineraire | None] = []
        self._fermetures: Mapping[UUID, tuple[Fermeture, ...]] = {}

    def copier(self) -> Ouvertures:
        """Return states that change apart from these."""
        copie = Ouvertures()
        # spans first: what readers bring up to date meanwhile is then taken for expired, and read again
        copie._depuis, copie._jusqu_a = self._depuis.copy(), self._jusqu_a.copy()
        copie.etats, copie._vues = self.etats.copy(), list(self._vues)
        copie._calendriers, copie._fermetures = list(self._calendriers), self._fermetures
        return copie

    def agrandir(self, capacite: int) -> None:
        """Make room; nothing is known of the new rows."""
        manque = capacite - len(self._vues)
        self.etats = np.concatenate([self.etats, np.zeros(manque, dtype=np.int8)])
        self._depuis = np.concatenate([self._depuis, np.full(manque, math.inf)])
        self._jusqu_a = np.concatenate([self._jusqu_a, np.full(manque, -math.inf)])
        self._vues += [JAMAIS] * manque
        self._calendriers += [None] * manque

    def oublier(self, rang: int) -> None:
        """Read a place again at the next question."""
        self._depuis[rang], self._jusqu_a[rang] = math.inf, -math.inf
        self._vues[rang], self._calendriers[rang] = JAMAIS, None

    def fermer(self, fermetures: Mapping[UUID, tuple[Fermeture, ...]], rangs: Mapping[str, int]) -> None:
        """Take the exceptional closings in force, those to come included."""
        for id in {*fermetures, *self._fermetures}:
            rang = rangs.get(str(id))
            if rang is not None and fermetures.get(id) != self._fermetures.get(id):
                self.oublier(rang)
        self._fermetures = fermetures

    def tenir(self, rangs: Rangs, instant: datetime, heures: Sequence[Heures | None], ids: Sequence[str]) -> float:
        """Bring many rows to an instant; return the next change of any (Unix time, infinite when none comes)."""
        t = instant.timestamp()
        jusqu_a = self._jusqu_a[rangs]
        perimes = (jusqu_a <= t) | (self._depuis[rangs] > t)
        if perimes.any():
            for rang in rangs[perimes].tolist():
                self._calculer(rang, instant, t, heures[rang], ids[rang])
            jusqu_a = self._jusqu_a[rangs]
        return float(jusqu_a.min()) if len(jusqu_a) else math.inf

    def voir(
        self, rangs: Sequence[int], instant: datetime, heures: Sequence[Heures | None], ids: Sequence[str]
    ) -> tuple[list[bytes], float]:
        """Return the JSON of a few rows at an instant, and the next change of any."""
        t, prochain = instant.timestamp(), math.inf
        fragments = []
        for rang in rangs:
            depuis, jusqu_a, fragment_ = self._vues[rang]
            if not depuis <= t < jusqu_a:
                _, jusqu_a, fragment_ = self._calculer(rang, instant, t, heures[rang], ids[rang])
            fragments.append(fragment_)
            if jusqu_a < prochain:
                prochain = jusqu_a
        return fragments, prochain

    def dire(self, rang: int, instant: datetime, heures: Heures | None, id: str) -> Ouverture:
        """Return the opening of one row at any instant."""
        return self._calendrier(rang, heures, id).etat(instant)

    def perimees(self, vivants: Masque, t: float) -> Rangs:
        """Return the rows whose state is not known at a Unix time."""
        taille = len(vivants)
        return np.flatnonzero(vivants & ((self._jusqu_a[:taille] <= t) | (self._depuis[:taille] > t)))

    def a_un_instant(
        self, rangs: Rangs, instant: datetime, heures: Sequence[Heures | None], ids: Sequence[str]
    ) -> tuple[NDArray[np.int8], list[bytes]]:
        """Return the states of rows at another instant than the present one, and their JSON."""
        ouvertures = [self._calendrier(rang, heures[rang], ids[rang]).etat(instant) for rang in rangs.tolist()]
        codes = np.fromiter((_CODES[ouverture.etat] for ouverture in ouvertures), dtype=np.int8)
        return codes, [fragment(ouverture) for ouverture in ouvertures]

    def _calculer(self, rang: int, instant: datetime, t: float, heures: Heures | None, id: str) -> Vue:
        ouverture = self._calendrier(rang, heures, id).etat(instant)
        fin = ouverture.valable_jusqu_a
        jusqu_a = math.inf if fin is None else fin.timestamp()
        self.etats[rang] = _CODES[ouverture.etat]
        self._depuis[rang], self._jusqu_a[rang] = t, jusqu_a
        vue = self._vues[rang] = (t, jusqu_a, fragment(ouverture))
        return vue

    def _calendrier(self, rang: int, heures: Heures | None, id: str) -> Calendrier | Itineraire:
        calendrier = self._calendriers[rang]
        if calendrier is None:
            assert heures is not None  # noqa: S101 - only places in force are read
            fermetures = self._fermetures.get(UUID(id), ()) if self._fermetures else ()
            calendrier = self._calendriers[rang] = heures.calendrier(fermetures)
        return calendrier
