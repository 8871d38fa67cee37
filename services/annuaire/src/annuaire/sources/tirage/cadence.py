"""How often a list is fetched: a line of cron on the clock of Paris, or an ISO 8601 duration. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

PAS_MINIMAL: Final = timedelta(minutes=15)
PAS_MAXIMAL: Final = timedelta(days=31)
HEURE_LOCALE: Final = ZoneInfo("Europe/Paris")

_DUREE: Final = re.compile(r"P(?:([0-9]{1,2})D)?(?:T(?:([0-9]{1,3})H)?(?:([0-9]{1,5})M)?)?")
_BORNES: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_HORIZON: Final = 366 * 8  # a 29th of February on a given day of the week may be years away


class Cadence(Protocol):
    """Says when comes next."""

    def suivante(self, apres: datetime) -> datetime:
        """Return the first instant after this one."""


@dataclass(frozen=True, slots=True)
class Intervalle:
    """Every so often, whatever the clock says."""

    pas: timedelta

    def suivante(self, apres: datetime) -> datetime:
        """Return the first instant after this one."""
        return apres + self.pas


@dataclass(frozen=True, slots=True)
class Cron:
    """Minutes, hours, days of the month, months, days of the week (0 is Sunday), as crontab(5) reads them."""

    minutes: tuple[int, ...]
    heures: tuple[int, ...]
    jours: frozenset[int]
    mois: frozenset[int]
    semaine: frozenset[int]
    jours_libres: bool
    semaine_libre: bool

    def suivante(self, apres: datetime) -> datetime:
        """Return the first instant after this one. Raises `ValueError` when no day ever fits."""
        jour = apres.astimezone(HEURE_LOCALE).date()
        for rang in range(_HORIZON):
            candidat = jour + timedelta(days=rang)
            if self._tombe(candidat):
                for heure in self.heures:
                    for minute in self.minutes:
                        local = datetime.combine(candidat, time(heure, minute), HEURE_LOCALE)
                        # an hour that the clock skips in spring is the one right after
                        if (instant := local.astimezone(UTC)) > apres:
                            return instant
        raise ValueError("aucun jour ne convient")

    def _tombe(self, jour: date) -> bool:
        if jour.month not in self.mois:
            return False
        par_mois, par_semaine = jour.day in self.jours, jour.isoweekday() % 7 in self.semaine
        # crontab(5): when both are restricted, either one suffices
        if self.jours_libres or self.semaine_libre:
            return par_mois and par_semaine
        return par_mois or par_semaine


def lire(texte: str) -> Cadence:
    """Read a cadence: `0 3 * * *`, or `PT6H`. Raises `ValueError`, in French, for one of less than 15 minutes too."""
    texte = " ".join(texte.split())
    return _intervalle(texte) if texte.startswith("P") else _cron(texte)


def _intervalle(texte: str) -> Intervalle:
    trouvee = _DUREE.fullmatch(texte)
    if trouvee is None or not any(trouvee.groups()):
        raise ValueError("une durée s'écrit comme PT6H (six heures), PT30M ou P1D")
    jours, heures, minutes = (int(groupe or 0) for groupe in trouvee.groups())
    pas = timedelta(days=jours, hours=heures, minutes=minutes)
    if not PAS_MINIMAL <= pas <= PAS_MAXIMAL:
        raise ValueError("la cadence va de 15 minutes à 31 jours")
    return Intervalle(pas)


def _cron(texte: str) -> Cron:
    champs = texte.split(" ")
    if len(champs) != 5:
        raise ValueError("une ligne de cron a cinq champs : minute, heure, jour, mois, jour de la semaine")
    minutes, heures, jours, mois, semaine = (
        _champ(champ, *bornes) for champ, bornes in zip(champs, _BORNES, strict=True)
    )
    cron = Cron(
        minutes=tuple(sorted(minutes)),
        heures=tuple(sorted(heures)),
        jours=frozenset(jours),
        mois=frozenset(mois),
        semaine=frozenset(jour % 7 for jour in semaine),
        jours_libres=champs[2] == "*",
        semaine_libre=champs[4] == "*",
    )
    if _pas_minimal(cron) < PAS_MINIMAL:
        raise ValueError("la cadence va de 15 minutes à 31 jours")
    cron.suivante(datetime(2027, 1, 1, tzinfo=UTC))
    return cron


def _pas_minimal(cron: Cron) -> timedelta:
    """Find the shortest time between two of its instants (days being one after the other)."""
    instants = [heure * 60 + minute for heure in cron.heures for minute in cron.minutes]
    suivants = [*instants[1:], instants[0] + 24 * 60]
    return timedelta(minutes=min(suivant - instant for instant, suivant in zip(instants, suivants, strict=True)))


def _champ(champ: str, minimum: int, maximum: int) -> set[int]:
    valeurs: set[int] = set()
    for partie in champ.split(","):
        etendue, barre, pas = partie.partition("/")
        debut, tiret, fin = etendue.partition("-")
        if etendue == "*":
            bornes = (minimum, maximum)
        else:
            premier = _nombre(debut)
            bornes = (premier, _nombre(fin) if tiret else maximum if barre else premier)
        ecart = _nombre(pas) if barre else 1
        if not minimum <= bornes[0] <= bornes[1] <= maximum or not 1 <= ecart <= maximum:
            raise ValueError(f"« {partie[:20]} » n'est pas un champ de cron entre {minimum} et {maximum}")
        valeurs.update(range(bornes[0], bornes[1] + 1, ecart))
    return valeurs


def _nombre(texte: str) -> int:
    if not (texte.isascii() and texte.isdecimal() and len(texte) <= 2):
        raise ValueError(f"« {texte[:20]} » n'est pas un nombre de cron")
    return int(texte)
