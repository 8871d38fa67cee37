"""The closings in force, in memory, as fresh as their counter."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from socle.donnees.db import ReadSession

from annuaire.lieux.fermetures import repository
from annuaire.lieux.fermetures.service import premier_jour
from annuaire.lieux.horaires.ouverture import Fermeture


class Registre:
    """Closings by place. A worker calls `suivre` before it answers, `du_lieu` as often as it needs.

    Closings are few and change seldom: they are all read again when their counter has moved, whichever process
    moved it. The counter is written in the transaction of the closing, so that neither is seen without the other.
    """

    def __init__(self) -> None:
        self._numero = -1
        self._par_lieu: dict[UUID, tuple[Fermeture, ...]] = {}

    async def suivre(self, session: ReadSession, *, le: datetime) -> int:
        """Catch up with the latest closings and return their number, which belongs in the tag of what they change."""
        courant = await repository.numero(session)
        if courant != self._numero:
            par_lieu = await repository.toutes(session, depuis=premier_jour(le))
            # A slower reader must not put back what it read before a faster one.
            if courant > self._numero:
                self._numero, self._par_lieu = courant, par_lieu
        return courant

    def du_lieu(self, lieu_id: UUID) -> tuple[Fermeture, ...]:
        """Return the closings of a place, those to come included; none for nearly all places."""
        return self._par_lieu.get(lieu_id, ())
