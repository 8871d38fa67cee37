"""When a place is open, at any instant: hours, holidays and exceptional closings brought together, and kept."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from annuaire.lieux.horaires.expression import DERNIERE_ANNEE, PREMIERE_ANNEE, Expression
from annuaire.lieux.horaires.feries import regime
from annuaire.lieux.horaires.fuseaux import minuit, situer, zone
from annuaire.lieux.horaires.ouverture import OUVERTS, Creneau, Etat, Fermeture, Journee, Ouverture
from annuaire.lieux.horaires.plages import Plages

HORIZON_J = 14
"""Days after today in which the next opening is looked for."""

FENETRES_J = (4, HORIZON_J + 1 + 7)
"""Days computed at a time: a few tell nearly always; where they don't, as many as the horizon asks, for a week."""

INCONNUE = Ouverture(Etat.INCONNU)
FERMEE = Ouverture(Etat.FERME)
PARIS = ZoneInfo("Europe/Paris")


class Calendrier:
    """Openings of a place. Make it by `lire`, which keeps one for all the places that have the same."""

    __slots__ = ("_constante", "_derniere", "_expression", "_fenetre", "_fermetures", "_lieu", "_sur_rdv")

    def __init__(
        self,
        expression: Expression | None,
        lieu: ZoneInfo,
        fermetures: tuple[Fermeture, ...],
        *,
        constante: Ouverture | None,
        sur_rdv: bool,
    ) -> None:
        self._expression, self._lieu, self._fermetures = expression, lieu, fermetures
        self._constante, self._sur_rdv = constante, sur_rdv
        self._fenetre: Plages | None = None
        self._derniere = (math.inf, -math.inf, INCONNUE)

    @staticmethod
    def lire(
        osm: str | None,
        fuseau: str | None,
        departement: str | None,
        *,
        fermetures: Iterable[Fermeture] = (),
        recoit_du_public: bool = True,
        sur_rdv: bool = False,
    ) -> Calendrier:
        """Return the calendar of a place from its hours (OSM `opening_hours`), IANA time zone and département.

        Absent or unreadable hours, and an unknown time zone, are `inconnu`, never closed. A place that receives
        nobody is closed for ever. Closings win over hours; those of a place without a time zone are read in Paris.
        `sur_rdv` says that all its openings ask for an appointment.
        """
        return _lire(osm, fuseau, regime(departement), tuple(fermetures), recoit_du_public, sur_rdv)

    def etat(self, instant: datetime) -> Ouverture:
        """Return the opening at an instant (aware); outside the years 2000 to 2075 nothing is known."""
        if self._constante is not None:
            return self._constante
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
        """Return the openings of some local days, unknown spans included; what is left out is closed."""
        journees = [du + timedelta(n) for n in range(jours + 1)]
        bornes = [minuit(jour, self._lieu) for jour in journees]
        plages = self.plages(du, jours)
        return [
            Journee(
                jour,
                tuple(
                    Creneau(self._local(d), self._local(f), etat)
                    for d, f, etat in plages.entre(debut, fin)
                    if etat is not Etat.FERME
                ),
            )
            for jour, (debut, fin) in zip(journees[:-1], pairwise(bornes), strict=True)
        ]

    def plages(self, du: date, jours: int) -> Plages:
        """Return the states of some whole local days, in Unix time."""
        plages = None if self._constante else self._situer(du, jours)
        if plages is None:
            etat = (self._constante or INCONNUE).etat
            fin = minuit(du + timedelta(jours), self._lieu)
            plages = Plages.de([(minuit(du, self._lieu), etat)], fin=fin)
        return plages

    def _calculer(self, t: float) -> Ouverture:
        aujourd_hui = datetime.fromtimestamp(t, self._lieu).date()
        limite = minuit(aujourd_hui + timedelta(HORIZON_J + 1), self._lieu)
        plages = self._fenetre
        if plages is not None and plages.debuts[0] <= t < plages.fin:
            ouverture = self._dire(plages, t, aujourd_hui, limite)
            if ouverture is not None:
                return ouverture
        for jours in FENETRES_J:
            plages = self._situer(aujourd_hui, jours)
            if plages is None:
                break
            ouverture = self._dire(plages, t, aujourd_hui, limite)
            if ouverture is not None:
                # kept for every place of the country: a quarter of the memory of a list of numbers
                plages.debuts = array("q", plages.debuts)
                self._fenetre = plages
                return ouverture
        self._constante = INCONNUE
        return INCONNUE

    def _dire(self, plages: Plages, t: float, aujourd_hui: date, limite: int) -> Ouverture | None:
        """Read a window at an instant; `None` when it is too short to tell what comes before `limite`."""
        entiere = plages.fin >= limite
        i = bisect_right(plages.debuts, t) - 1
        derniere = i + 1 == len(plages.debuts)
        if derniere and not entiere:
            return None
        etat = plages.etats[i]
        fin = plages.fin if derniere else plages.debuts[i + 1]
        suite = fin if fin < limite else None
        prochaine = None
        if etat not in OUVERTS:
            prochaine = _prochaine(plages.debuts[i + 1 :], plages.etats[i + 1 :], limite)
            if prochaine is None and not entiere:
                return None
        # What lies beyond the horizon comes into sight at midnight.
        connu = suite is not None if etat in OUVERTS else prochaine is not None
        valable = fin if connu else min(fin, minuit(aujourd_hui + timedelta(1), self._lieu))
        return Ouverture(
            etat,
            ferme_a=self._local(suite) if suite is not None and etat in OUVERTS else None,
            prochaine=self._local(prochaine) if prochaine is not None else None,
            valable_jusqu_a=datetime.fromtimestamp(valable, UTC),
        )

    def _situer(self, du: date, jours: int) -> Plages | None:
        mur = self._expression.plages(du, jours) if self._expression else None
        if mur is None and not self._fermetures:
            return None
        debut, fin = _mur(du), _mur(du + timedelta(jours))
        if mur is None:
            mur = Plages.de([(debut, Etat.INCONNU)], fin=fin)
        if self._sur_rdv:
            mur.etats = [Etat.SUR_RDV if etat is Etat.OUVERT else etat for etat in mur.etats]
        for fermeture in self._fermetures:
            mur = Plages.de(_fermer(mur, debut, fin, fermeture), fin=fin)
        return situer(mur, du, jours, self._lieu)

    def _local(self, instant: int) -> datetime:
        return datetime.fromtimestamp(instant, self._lieu)


@lru_cache(maxsize=16_384)
def _lire(
    osm: str | None,
    fuseau: str | None,
    departement: str | None,
    fermetures: tuple[Fermeture, ...],
    recoit_du_public: bool,
    sur_rdv: bool,
) -> Calendrier:
    lieu = zone(fuseau)
    expression = Expression.lire(osm, departement) if lieu is not None else None
    constante = None
    if not recoit_du_public:
        constante = FERMEE
    elif not fermetures and expression is None:
        constante = INCONNUE
    elif not fermetures and expression is not None and expression.continue_:
        constante = Ouverture(Etat.SUR_RDV if sur_rdv else Etat.OUVERT)
    return Calendrier(expression, lieu or PARIS, fermetures, constante=constante, sur_rdv=sur_rdv)


def _prochaine(debuts: Sequence[int], etats: Sequence[Etat], limite: int) -> int | None:
    for debut, etat in zip(debuts, etats, strict=True):
        if debut >= limite:
            return None
        if etat in OUVERTS:
            return debut
    return None


def _fermer(mur: Plages, debut: int, fin: int, fermeture: Fermeture) -> Iterator[tuple[int, Etat]]:
    du, au = _mur(fermeture.du), _mur(fermeture.au + timedelta(1))
    du, au = min(max(du, debut), fin), min(max(au, debut), fin)
    yield from ((d, etat) for d, _, etat in mur.entre(debut, du))
    if du < au:
        yield du, Etat.FERME
    yield from ((d, etat) for d, _, etat in mur.entre(max(du, au), fin))


def _mur(jour: date) -> int:
    return int(datetime(jour.year, jour.month, jour.day, tzinfo=UTC).timestamp())
