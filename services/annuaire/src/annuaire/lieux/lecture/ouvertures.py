"""« Open now » of every place, by row: kept until it changes, never stored, since it moves with the clock alone."""

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


FINS = 4_096
"""Ends kept once for all the places that share them: a country has a few hundred at a time."""


class Ouvertures:
    """State of each row, the end of its document, and the span of time in which they hold.

    An end is what follows a stored document in a page: its opening, its brace, and a comma.
    """

    def __init__(self) -> None:
        self.etats: NDArray[np.int8] = np.empty(0, dtype=np.int8)
        self._fins: list[bytes] = []
        self._communs: dict[bytes, bytes] = {}
        self._depuis: NDArray[np.float64] = np.empty(0)
        self._jusqu_a: NDArray[np.float64] = np.empty(0)
        self._lu_le = -math.inf
        self._calendriers: list[Calendrier | Itineraire | None] = []
        self._fermetures: Mapping[UUID, tuple[Fermeture, ...]] = {}

    def copier(self) -> Ouvertures:
        """Return states that change apart from these."""
        copie = Ouvertures()
        # spans first: what readers bring up to date meanwhile is then taken for expired, and read again
        copie._depuis, copie._jusqu_a = self._depuis.copy(), self._jusqu_a.copy()
        copie._lu_le = self._lu_le
        copie.etats, copie._fins = self.etats.copy(), list(self._fins)
        copie._calendriers, copie._fermetures = list(self._calendriers), self._fermetures
        return copie

    def agrandir(self, capacite: int) -> None:
        """Make room; nothing is known of the new rows."""
        manque = capacite - len(self._fins)
        self.etats = np.concatenate([self.etats, np.zeros(manque, dtype=np.int8)])
        self._depuis = np.concatenate([self._depuis, np.full(manque, math.inf)])
        self._jusqu_a = np.concatenate([self._jusqu_a, np.full(manque, -math.inf)])
        self._fins += [b""] * manque
        self._calendriers += [None] * manque

    def oublier(self, rang: int) -> None:
        """Read a place again at the next question."""
        self._depuis[rang], self._jusqu_a[rang] = math.inf, -math.inf
        self._fins[rang], self._calendriers[rang] = b"", None

    def fermer(self, fermetures: Mapping[UUID, tuple[Fermeture, ...]], rangs: Mapping[str, int]) -> None:
        """Take the exceptional closings in force, those to come included."""
        for id in {*fermetures, *self._fermetures}:
            rang = rangs.get(str(id))
            if rang is not None and fermetures.get(id) != self._fermetures.get(id):
                self.oublier(rang)
        self._fermetures = fermetures

    def tenir(self, rangs: Rangs, instant: datetime, heures: Sequence[Heures | None], ids: Sequence[str]) -> float:
        """Bring many rows to an instant; return the next change of any (Unix time, infinite when none comes)."""
        if not len(rangs):
            return math.inf
        t = instant.timestamp()
        prochain = float(self._jusqu_a[rangs].min())
        if prochain <= t or (self._lu_le > t and self._depuis[rangs].max() > t):
            perimes = (self._jusqu_a[rangs] <= t) | (self._depuis[rangs] > t)
            for rang in rangs[perimes].tolist():
                self._calculer(rang, instant, t, heures[rang], ids[rang])
            prochain = float(self._jusqu_a[rangs].min())
        return prochain

    def voir(
        self, rangs: Rangs, instant: datetime, heures: Sequence[Heures | None], ids: Sequence[str]
    ) -> tuple[list[bytes], float]:
        """Return what ends the document of some rows at an instant, and the next change of any."""
        prochain = self.tenir(rangs, instant, heures, ids)
        fins = self._fins
        return [fins[rang] for rang in rangs.tolist()], prochain

    def voir_un(self, rang: int, instant: datetime, heures: Heures | None, id: str) -> tuple[bytes, float]:
        """Return what ends the document of one row at an instant, and its next change."""
        t, jusqu_a = instant.timestamp(), float(self._jusqu_a[rang])
        if not self._depuis[rang] <= t < jusqu_a:
            jusqu_a = self._calculer(rang, instant, t, heures, id)
        return self._fins[rang], jusqu_a

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
        """Return the states of rows at another instant than the present one, and what ends their documents."""
        ouvertures = [self._calendrier(rang, heures[rang], ids[rang]).etat(instant) for rang in rangs.tolist()]
        codes = np.fromiter((_CODES[ouverture.etat] for ouverture in ouvertures), dtype=np.int8)
        return codes, [fin_de(ouverture) for ouverture in ouvertures]

    def _calculer(self, rang: int, instant: datetime, t: float, heures: Heures | None, id: str) -> float:
        """Bring one row to an instant, and return its next change."""
        ouverture = self._calendrier(rang, heures, id).etat(instant)
        fin = ouverture.valable_jusqu_a
        jusqu_a = math.inf if fin is None else fin.timestamp()
        self.etats[rang] = _CODES[ouverture.etat]
        self._depuis[rang], self._jusqu_a[rang] = t, jusqu_a
        # a clock that goes back finds rows that are not known yet; one that goes on, never
        self._lu_le = max(self._lu_le, t)
        ecrit = fin_de(ouverture)
        if len(self._communs) >= FINS:
            self._communs.clear()
        self._fins[rang] = self._communs.setdefault(ecrit, ecrit)
        return jusqu_a

    def _calendrier(self, rang: int, heures: Heures | None, id: str) -> Calendrier | Itineraire:
        calendrier = self._calendriers[rang]
        if calendrier is None:
            assert heures is not None  # noqa: S101 - only places in force are read
            fermetures = self._fermetures.get(UUID(id), ()) if self._fermetures else ()
            calendrier = self._calendriers[rang] = heures.calendrier(fermetures)
        return calendrier


def fin_de(ouverture: Ouverture) -> bytes:
    """Return what ends the document of a place so opened, with its brace and the comma before the next one."""
    return b',"ouverture":%s},' % fragment(ouverture)
