"""When and where an itinerant place is open: the calendars of its stops laid over each other.

At an instant, the stop that is open counts; else one whose hours are unknown; else the place is closed, and the stop
is the one where it opens next. So what is said of the opening and the place it is said of always go together.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise
from operator import itemgetter
from zoneinfo import ZoneInfo

from annuaire.lieux.horaires.calendrier import FENETRES_J, HORIZON_J, INCONNUE, Calendrier
from annuaire.lieux.horaires.expression import DERNIERE_ANNEE, PREMIERE_ANNEE
from annuaire.lieux.horaires.fuseaux import minuit
from annuaire.lieux.horaires.ouverture import OUVERTS, Arret, Creneau, Etat, Journee, Ouverture
from annuaire.lieux.horaires.plages import Plages


@dataclass(frozen=True, slots=True)
class Troncon:
    """A stretch of time from `debut` (Unix time) to the next one: a state, and the calendar that says it."""

    debut: int
    etat: Etat
    rang: int | None


def superposer(plages: Sequence[Plages]) -> list[Troncon]:
    """Lay states that begin at one instant over each other: the first that is open, else the first unknown, else none.

    Two stops open at once are a fault of the list; the first written is then believed.
    """
    evenements = sorted(
        (debut, rang, etat) for rang, p in enumerate(plages) for debut, etat in zip(p.debuts, p.etats, strict=True)
    )
    ouverts: dict[int, Etat] = {}
    inconnus: set[int] = set()
    troncons: list[Troncon] = []
    for debut, ensemble in groupby(evenements, key=itemgetter(0)):
        for _, rang, etat in ensemble:
            ouverts.pop(rang, None)
            inconnus.discard(rang)
            if etat in OUVERTS:
                ouverts[rang] = etat
            elif etat is Etat.INCONNU:
                inconnus.add(rang)
        troncon = Troncon(debut, Etat.FERME, None)
        if ouverts:
            premier = min(ouverts)
            troncon = Troncon(debut, ouverts[premier], premier)
        elif inconnus:
            troncon = Troncon(debut, Etat.INCONNU, min(inconnus))
        if not troncons or (troncons[-1].etat, troncons[-1].rang) != (troncon.etat, troncon.rang):
            troncons.append(troncon)
    return troncons


class Itineraire:
    """Openings of a place that moves; it is read as a `Calendrier` is.

    `arrets` names the stop of each calendar, `None` for the address of the place itself.
    """

    def __init__(self, calendriers: Sequence[Calendrier], arrets: Sequence[Arret | None], lieu: ZoneInfo) -> None:
        self._calendriers, self._arrets, self._lieu = tuple(calendriers), tuple(arrets), lieu
        self._fenetre: tuple[list[Troncon], int] | None = None
        self._derniere = (math.inf, -math.inf, INCONNUE)

    def etat(self, instant: datetime) -> Ouverture:
        """Return the opening at an instant (aware), and the stop of which it is said."""
        t = instant.timestamp()
        depuis, jusqu_a, derniere = self._derniere
        if depuis <= t < jusqu_a:
            return derniere
        if not PREMIERE_ANNEE < instant.year < DERNIERE_ANNEE:
            return INCONNUE
        ouverture = self._calculer(t)
        fin = ouverture.valable_jusqu_a
        self._derniere = (t, fin.timestamp() if fin else math.inf, ouverture)
        return ouverture

    def creneaux(self, du: date, jours: int = HORIZON_J) -> list[Journee]:
        """Return the openings of some local days, each with its stop; what is left out is closed."""
        troncons, fin = self._superposer(du, jours)
        bornes = [minuit(du + timedelta(n), self._lieu) for n in range(jours + 1)]
        fins = [*(t.debut for t in troncons[1:]), fin]
        return [
            Journee(
                du + timedelta(n),
                tuple(
                    Creneau(
                        self._local(max(t.debut, debut)), self._local(min(f, suivante)), t.etat, self._arret(t.rang)
                    )
                    for t, f in zip(troncons, fins, strict=True)
                    if t.debut < suivante and f > debut and t.etat is not Etat.FERME
                ),
            )
            for n, (debut, suivante) in enumerate(pairwise(bornes))
        ]

    def _calculer(self, t: float) -> Ouverture:
        aujourd_hui = datetime.fromtimestamp(t, self._lieu).date()
        limite = minuit(aujourd_hui + timedelta(HORIZON_J + 1), self._lieu)
        if self._fenetre is not None and self._fenetre[0][0].debut <= t < self._fenetre[1]:
            ouverture = self._dire(*self._fenetre, t, aujourd_hui, limite)
            if ouverture is not None:
                return ouverture
        for jours in FENETRES_J:
            self._fenetre = self._superposer(aujourd_hui, jours)
            ouverture = self._dire(*self._fenetre, t, aujourd_hui, limite)
            if ouverture is not None:
                return ouverture
        raise AssertionError("the last window reaches the horizon")

    def _superposer(self, du: date, jours: int) -> tuple[list[Troncon], int]:
        troncons = superposer([calendrier.plages(du, jours) for calendrier in self._calendriers])
        return troncons, minuit(du + timedelta(jours), self._lieu)

    def _dire(self, troncons: list[Troncon], fin: int, t: float, aujourd_hui: date, limite: int) -> Ouverture | None:
        """Read a window at an instant; `None` when it is too short to tell what comes before `limite`."""
        entiere = fin >= limite
        i = bisect_right(troncons, t, key=lambda troncon: troncon.debut) - 1
        troncon, suivants = troncons[i], troncons[i + 1 :]
        if not suivants and not entiere:
            return None
        borne = suivants[0].debut if suivants else fin
        ferme_a = prochaine = None
        rang = troncon.rang
        if troncon.etat in OUVERTS:
            connu = borne < limite
            ferme_a = borne if connu else None
        else:
            # of a stop whose hours are unknown, only its own next opening may be told
            suivant = next(
                (s for s in suivants if s.debut < limite and s.etat in OUVERTS and rang in (None, s.rang)), None
            )
            if suivant is None and not entiere:
                return None
            connu = suivant is not None
            if suivant is not None:
                prochaine, rang = suivant.debut, suivant.rang
        # what lies beyond the horizon comes into sight at midnight
        valable = borne if connu else min(borne, minuit(aujourd_hui + timedelta(1), self._lieu))
        return Ouverture(
            troncon.etat,
            ferme_a=None if ferme_a is None else self._local(ferme_a),
            prochaine=None if prochaine is None else self._local(prochaine),
            valable_jusqu_a=datetime.fromtimestamp(valable, UTC),
            arret=self._arret(rang),
        )

    def _arret(self, rang: int | None) -> Arret | None:
        return None if rang is None else self._arrets[rang]

    def _local(self, instant: int) -> datetime:
        return datetime.fromtimestamp(instant, self._lieu)
