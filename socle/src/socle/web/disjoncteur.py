"""Circuit breaker: a dependency that fails is left alone for a while, then tried again with care."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum


class Etat(StrEnum):
    """Closed lets through, open refuses, half-open lets a few probes through."""

    FERME = "ferme"
    OUVERT = "ouvert"
    ESSAI = "essai"


class Disjoncteur:
    """Opens at half of failures over at least 20 calls in 10 s, or at 5 failures in a row; tries again 5 s later.

    Three probes must succeed to close it; one that fails opens it again. Clock in seconds. Not for threads.
    """

    def __init__(
        self,
        *,
        fenetre: float = 10.0,
        minimum: int = 20,
        part: float = 0.5,
        de_suite: int = 5,
        repos: float = 5.0,
        essais: int = 3,
        horloge: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fenetre, self._minimum, self._part, self._de_suite = fenetre, minimum, part, de_suite
        self._repos, self._essais, self._horloge = repos, essais, horloge
        self._appels: deque[tuple[float, bool]] = deque(maxlen=1000)
        self._echecs = 0
        self._de_suite_vus = 0
        self._ouvert_a: float | None = None
        self._lances = 0
        self._reussis = 0

    @property
    def etat(self) -> Etat:
        """Current state."""
        if self._ouvert_a is None:
            return Etat.FERME
        return Etat.ESSAI if self._horloge() - self._ouvert_a >= self._repos else Etat.OUVERT

    def laisser_passer(self) -> bool:
        """Ask before a call; a call let through must be followed by `reussir`, `echouer` or `abandonner`."""
        etat = self.etat
        if etat is Etat.ESSAI and self._lances < self._essais:
            self._lances += 1
            return True
        return etat is Etat.FERME

    def abandonner(self) -> None:
        """Say that a call ended without telling anything of the dependency (its caller left)."""
        if self._lances > self._reussis:
            self._lances -= 1

    def reussir(self) -> None:
        """Say that a call succeeded."""
        if self._ouvert_a is not None:
            self._reussis += 1
            if self._reussis >= self._essais:
                self._fermer()
            return
        self._de_suite_vus = 0
        self._noter(echec=False)

    def echouer(self) -> None:
        """Say that a call failed: no connection, a broken answer, or none in time."""
        if self._ouvert_a is not None:
            if self.etat is Etat.ESSAI:
                self._ouvrir()
            return
        self._de_suite_vus += 1
        self._noter(echec=True)
        trop = len(self._appels) >= self._minimum and self._echecs >= self._part * len(self._appels)
        if trop or self._de_suite_vus >= self._de_suite:
            self._ouvrir()

    def _noter(self, *, echec: bool) -> None:
        maintenant = self._horloge()
        while self._appels and (
            maintenant - self._appels[0][0] > self._fenetre or len(self._appels) == self._appels.maxlen
        ):
            self._echecs -= self._appels.popleft()[1]
        self._appels.append((maintenant, echec))
        self._echecs += echec

    def _ouvrir(self) -> None:
        self._ouvert_a = self._horloge()
        self._lances = self._reussis = 0

    def _fermer(self) -> None:
        self._ouvert_a = None
        self._appels.clear()
        self._echecs = self._de_suite_vus = 0
        self._lances = self._reussis = 0
