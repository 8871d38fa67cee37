"""« Open now » joined to documents as they are read: never stored, since it changes with the clock alone."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from socle.donnees.db import ReadSession
from socle.donnees.feed import Publiee

from annuaire.lieux.fermetures.registre import Registre
from annuaire.lieux.horaires.calendrier import Calendrier
from annuaire.lieux.horaires.ouverture import Fermeture, fragment
from annuaire.lieux.projection import SANS_PUBLIC

CALENDRIERS, REPONSES = 50_000, 10_000
SE_PRESENTER = "Se présenter"


class Ouvertures:
    """The openings of the places read lately, and until when each answer given holds.

    A calendar is kept with the change number of its place and its closings: when either moves, it is read again.
    """

    def __init__(self) -> None:
        self._registre = Registre()
        self._calendriers: OrderedDict[UUID, tuple[int, tuple[Fermeture, ...], Calendrier]] = OrderedDict()
        self._valables: OrderedDict[str, tuple[datetime, datetime | None]] = OrderedDict()

    async def suivre(self, session: ReadSession, instant: datetime) -> int:
        """Take the exceptional closings in force; return their number, which belongs in the tag of the answer."""
        return await self._registre.suivre(session, le=instant)

    def completer(self, publiees: Sequence[Publiee], instant: datetime) -> tuple[list[bytes], datetime | None]:
        """Add `ouverture` to each document; return them with the next change of state of any (`None`: never)."""
        completes: list[bytes] = []
        prochain: datetime | None = None
        for publiee in publiees:
            if publiee.octets is None:
                continue
            ouverture = self._calendrier(publiee).etat(instant)
            completes.append(b'%s,"ouverture":%s}' % (publiee.octets[:-1], fragment(ouverture)))
            fin = ouverture.valable_jusqu_a
            if fin is not None and (prochain is None or fin < prochain):
                prochain = fin
        return completes, prochain

    def validite(self, reponse: str, instant: datetime) -> tuple[bool, datetime | None]:
        """Tell whether an answer given before still holds at this instant, and until when."""
        connue = self._valables.get(reponse)
        if connue is None or not connue[0] <= instant or (connue[1] is not None and connue[1] <= instant):
            return False, None
        return True, connue[1]

    def retenir(self, reponse: str, instant: datetime, jusqu_a: datetime | None) -> None:
        """Remember until when an answer holds, so that a 304 needs no query."""
        self._valables[reponse] = (instant, jusqu_a)
        self._valables.move_to_end(reponse)
        while len(self._valables) > REPONSES:
            self._valables.popitem(last=False)

    def _calendrier(self, publiee: Publiee) -> Calendrier:
        fermetures = self._registre.du_lieu(publiee.id)
        connu = self._calendriers.get(publiee.id)
        if connu is not None and connu[:2] == (publiee.numero, fermetures):
            return connu[2]
        lieu = json.loads(publiee.octets or b"{}")
        acces = lieu["modalites_acces"]
        calendrier = Calendrier.lire(
            lieu["horaires"],
            lieu["fuseau"],
            lieu["departement"],
            fermetures=fermetures,
            recoit_du_public=SANS_PUBLIC not in acces,
            # people are told how to reach the place, and not that they may simply come
            sur_rdv=bool(acces) and SE_PRESENTER not in acces,
        )
        self._calendriers[publiee.id] = (publiee.numero, fermetures, calendrier)
        self._calendriers.move_to_end(publiee.id)
        while len(self._calendriers) > CALENDRIERS:
            self._calendriers.popitem(last=False)
        return calendrier
