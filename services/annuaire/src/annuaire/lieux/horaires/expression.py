"""An `opening_hours` expression of OSM, as the states of the clock on the wall.

The library knows the syntax and the national holidays. What it can't know is decided here: the holidays of a
territory, school holidays, and the days on which the hours were not written to be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Final

from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]

from annuaire.lieux.horaires.feries import est_ferie, locaux
from annuaire.lieux.horaires.ouverture import OUVERTS, Etat
from annuaire.lieux.horaires.plages import JOUR_S, Plages

LONGUEUR_MAX: Final = 1000
PLAGES_PAR_JOUR: Final = 64
"""More changes of state than this in a day are no opening hours, and would cost as much as a hundred places."""

PREMIERE_ANNEE, DERNIERE_ANNEE = 2000, 2075
"""Years of the library's national holidays."""

_JOURS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_J: Final = rf"(?:{'|'.join(_JOURS)})"
_COMMENTAIRE: Final = re.compile(r'"[^"]*"')
_DIT_QUELQUE_CHOSE: Final = re.compile(rf"\d|\b{_J}\b|\b(?:off|closed|PH|SH)\b")
# Without a position, sun times would be made up; an open end (`09:00+`) says that nobody knows when it closes.
_INDECIDABLE: Final = re.compile(r"\b(?:sunrise|sunset|dawn|dusk)\b|:\d\d\+")
_RDV: Final = re.compile(r"rendez[ -]?vous|\brdv\b|\br-v\b|appointment|inscription|réservation", re.IGNORECASE)
_FERIES: Final = re.compile(r"\bPH\b")
_SCOLAIRES: Final = re.compile(r"\bSH\b")
_PLAGE: Final = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")
_REGLES: Final = re.compile(r"; |, | \|\| ")
_ELEMENT: Final = rf"(?:{_J}(?:-{_J})?(?:\[[-\d,]+\])?|PH|SH)"
_SELECTEUR: Final = re.compile(rf'"[^"]*"|\b{_ELEMENT}(?:,{_ELEMENT})*(?![\w-])(?!\s[+-]?\d+ days?\b)')


ANALYSES: Final = 256
"""Expressions kept as the library reads them: 1.5 kB each, made in 10 µs, where the days of one take 60."""


class Expression:
    """Hours of a place of one territory. Make it by `lire`."""

    __slots__ = (
        "_canonique", "_departement", "_dit_les_feries", "_dit_les_vacances", "_osm", "_veille_tard", "continue_",
    )  # fmt: skip

    def __init__(self, osm: str, horaires: OpeningHours, departement: str | None) -> None:
        self._osm = osm
        self._departement = departement
        canonique = str(horaires)
        nue = _COMMENTAIRE.sub("", canonique)
        self.continue_ = str(horaires.normalize()) == "24/7"
        self._dit_les_feries = _FERIES.search(nue) is not None
        self._dit_les_vacances = _SCOLAIRES.search(nue) is not None
        self._veille_tard = _veille_tard(nue)
        self._canonique = canonique

    @classmethod
    def lire(cls, osm: str | None, departement: str | None) -> Expression | None:
        """Read an expression; `None` when it is absent, unreadable, or says nothing of days or hours."""
        if not osm or len(osm) > LONGUEUR_MAX:
            return None
        nue = _COMMENTAIRE.sub("", osm)
        if not _DIT_QUELQUE_CHOSE.search(nue) or _INDECIDABLE.search(nue):
            return None
        horaires = _analyser(osm)
        return None if horaires is None else cls(osm, horaires, departement)

    def plages(self, du: date, jours: int) -> Plages | None:
        """Return the states of the wall clock over whole days, in seconds; `None` when there are far too many.

        - On a public holiday that the hours don't mention, an opening is `inconnu`, and on 1 May, when the law has
          everyone rest (Code du travail, art. L3133-4), closed. Hours said to be without end are believed.
        - What goes on after midnight is the evening's: closed or `inconnu` when the evening was.
        - Where hours differ in school holidays, whose calendar isn't known here, what differs is `inconnu`.
        """
        if not self._veille_tard:
            return self._lire(du, jours)
        # The evening before the first day decides what its night is worth.
        suite = self._lire(du - timedelta(1), jours + 1)
        if suite is None:
            return None
        corrigee = Plages.de(_apres_minuit(suite), fin=suite.fin)
        return Plages.de(((d, etat) for d, _, etat in corrigee.entre(_minuit(du), suite.fin)), fin=suite.fin)

    def _lire(self, du: date, jours: int) -> Plages | None:
        # read again rather than kept: a country has thousands, each computed every few days
        suite = self._suite(_analyser(self._osm), du, jours)
        if suite is not None and self._dit_les_vacances:
            en_vacances = self._variante(lambda elements: _avec(elements, "SH", "Mo-Su"))
            autre = self._suite(en_vacances, du, jours) if en_vacances else None
            suite = Plages.de(_confronter(suite, autre), fin=suite.fin) if autre else None
        journees = [du + timedelta(n) for n in range(jours)]
        if suite is None or self.continue_ or not any(est_ferie(jour, self._departement) for jour in journees):
            return suite
        return Plages.de(self._feries(suite, journees), fin=suite.fin)

    def _suite(self, horaires: OpeningHours | None, du: date, jours: int) -> Plages | None:
        if horaires is None:
            return None
        debut = datetime.combine(du, datetime.min.time())
        fin = debut + timedelta(days=jours)
        intervalles = list(islice(horaires.intervals(debut, fin), jours * PLAGES_PAR_JOUR + 1))
        if len(intervalles) > jours * PLAGES_PAR_JOUR:
            return None
        return Plages.de(((_secondes(i[0]), _etat(i[2], i[3])) for i in intervalles), fin=_secondes(fin))

    def _feries(self, suite: Plages, journees: Sequence[date]) -> Iterator[tuple[int, Etat]]:
        for jour in journees:
            debut = _minuit(jour)
            du_jour = suite
            if self._dit_les_feries and jour in locaux(jour.year, self._departement):
                du_jour = self._jour_ferie(jour) or suite
            plages = du_jour.entre(debut, debut + JOUR_S)
            if not self._dit_les_feries and est_ferie(jour, self._departement):
                repos = Etat.FERME if (jour.month, jour.day) == (5, 1) else Etat.INCONNU
                plages = [(d, f, etat if etat is Etat.FERME else repos) for d, f, etat in plages]
            yield from ((d, etat) for d, _, etat in plages)

    def _jour_ferie(self, jour: date) -> Plages | None:
        """Read a day as if a local holiday were one of the calendar: its day of the week joins `PH` in selectors."""
        horaires = self._variante(lambda elements: _avec(elements, "PH", _JOURS[jour.weekday()]))
        return self._suite(horaires, jour, 1) if horaires else None

    def _variante(self, changer: Callable[[list[str]], list[str]]) -> OpeningHours | None:
        def remplacer(trouve: re.Match[str]) -> str:
            texte = trouve[0]
            return texte if texte.startswith('"') else ",".join(changer(texte.split(",")))

        return _analyser(_SELECTEUR.sub(remplacer, self._canonique))


def _avec(elements: list[str], conges: str, jours: str) -> list[str]:
    """Add days to a selector that holds `PH` or `SH`; days come first, as the grammar wants."""
    if conges not in elements:
        return elements
    semaine = [e for e in elements if e not in ("PH", "SH")]
    return [*semaine, jours, *(e for e in elements if e in ("PH", "SH"))]


def _confronter(une: Plages, autre: Plages) -> Iterator[tuple[int, Etat]]:
    """Yield what two readings agree upon, `inconnu` where they don't."""
    for debut, fin, etat in une.entre(une.debuts[0], une.fin):
        for d, _, second in autre.entre(debut, fin):
            yield d, etat if etat is second else Etat.INCONNU


def _veille_tard(canonique: str) -> bool:
    """Tell whether spans go on after midnight, and that nothing else can open at midnight."""
    plages: list[tuple[str, str]] = _PLAGE.findall(canonique)
    if any(debut == "00:00" for debut, _ in plages) or not any(fin <= debut or fin > "24:00" for debut, fin in plages):
        return False
    return all(":" in regle or "closed" in regle for regle in _REGLES.split(canonique))


def _apres_minuit(suite: Plages) -> Iterator[tuple[int, Etat]]:
    """The library closes a day of rest from midnight to midnight, and reopens it where its evening would have ended."""
    precedent = None
    for debut, etat in zip(suite.debuts, suite.etats, strict=True):
        reprise = debut % JOUR_S == 0 and etat in OUVERTS and precedent not in OUVERTS
        precedent = precedent if reprise and precedent is not None else etat
        yield debut, precedent


@lru_cache(maxsize=ANALYSES)
def _analyser(osm: str) -> OpeningHours | None:
    try:
        # Given a year, the library stops looking for a change that may never come.
        return OpeningHours(osm, country="FR", auto_country=False, auto_timezone=False, max_interval_days=366)
    except ParserError:
        return None


def _etat(etat: State, commentaire: str) -> Etat:
    if etat == State.CLOSED:
        return Etat.FERME
    if _RDV.search(commentaire):
        return Etat.SUR_RDV
    return Etat.OUVERT if etat == State.OPEN else Etat.INCONNU


def _minuit(jour: date) -> int:
    return _secondes(datetime.combine(jour, datetime.min.time()))


def _secondes(mur: datetime) -> int:
    return int(mur.replace(tzinfo=UTC).timestamp())
