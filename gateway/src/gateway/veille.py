"""Who watches an exchange that lasts: is its caller still there, is the answer late."""

from __future__ import annotations

import asyncio
from typing import Protocol

from starlette.types import Receive

VEILLE = 0.05
"""Seconds after which a request is held long enough to watch whether its caller is still there."""


class Envoi(Protocol):
    """The body of a request under way."""

    fini: bool


class Veilleur:
    """Cancels the exchange when its caller leaves, or when the head of the answer is late; begun by a `Ronde`."""

    __slots__ = ("_boucle", "_echeance", "_envoi", "_principale", "_receive", "_retard", "_reveil", "_ronde", "_tete",
                 "_veille", "echu", "parti")  # fmt: skip

    def __init__(self, ronde: Ronde, receive: Receive, envoi: Envoi | None, delai: float) -> None:
        self._ronde, self._receive, self._envoi = ronde, receive, envoi
        self._principale = asyncio.current_task()
        self._boucle = asyncio.get_running_loop()
        self._echeance = self._boucle.time() + delai
        self._veille: asyncio.Task[None] | None = None
        self._retard: asyncio.TimerHandle | None = None
        self._reveil: asyncio.TimerHandle | None = None
        self._tete = False
        self.parti = self.echu = False
        ronde.entrer(self, self._boucle)

    def commencer(self) -> None:
        """Watch from now on."""
        if not self._tete and self._retard is None:
            self._retard = self._boucle.call_at(self._echeance, self._echoir)
        if self._envoi is not None and not self._envoi.fini:
            # The upload reads the caller's messages meanwhile, its departure among them.
            self._reveil = self._boucle.call_later(VEILLE, self.commencer)
        else:
            self._veille = self._boucle.create_task(self._attendre())

    async def _attendre(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.parti = True
        self._annuler()

    def _echoir(self) -> None:
        self.echu = True
        self._annuler()

    def _annuler(self) -> None:
        if self._principale is not None:
            self._principale.cancel()

    def tete_recue(self) -> None:
        """Say that the answer has begun: the deadline is met."""
        self._tete = True
        if self._retard is not None:
            self._retard.cancel()

    def arreter(self) -> None:
        """Stop watching."""
        self._ronde.sortir(self)
        if self._reveil is not None:
            self._reveil.cancel()
        if self._retard is not None:
            self._retard.cancel()
        if self._veille is not None:
            self._veille.cancel()

    def absorber(self) -> bool:
        """Tell whether a cancellation came from here, and take it back."""
        if (self.parti or self.echu) and self._principale is not None:
            self._principale.uncancel()
        return self.parti or self.echu


class Ronde:
    """Begins the watch of the exchanges that last, one timer for all: quick ones are gone before its second turn."""

    def __init__(self) -> None:
        self._nouveaux: set[Veilleur] = set()
        self._anciens: set[Veilleur] = set()
        self._armee = False

    def entrer(self, veilleur: Veilleur, boucle: asyncio.AbstractEventLoop) -> None:
        """Count an exchange in."""
        self._nouveaux.add(veilleur)
        if not self._armee:
            self._armee = True
            boucle.call_later(VEILLE, self._tourner, boucle)

    def sortir(self, veilleur: Veilleur) -> None:
        """Count it out."""
        self._nouveaux.discard(veilleur)
        self._anciens.discard(veilleur)

    def _tourner(self, boucle: asyncio.AbstractEventLoop) -> None:
        durables, self._anciens, self._nouveaux = self._anciens, self._nouveaux, set()
        self._armee = bool(self._anciens)
        if self._armee:
            boucle.call_later(VEILLE, self._tourner, boucle)
        for veilleur in durables:
            veilleur.commencer()
