"""What is said of the opening of a place at an instant, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final


class Etat(StrEnum):
    """State of a place at an instant. `inconnu` is never said for « closed », nor the reverse."""

    OUVERT = "ouvert"
    SUR_RDV = "ouvert_sur_rdv"
    FERME = "ferme"
    INCONNU = "inconnu"


OUVERTS: Final = frozenset({Etat.OUVERT, Etat.SUR_RDV})


@dataclass(frozen=True, slots=True)
class Fermeture:
    """An exceptional closing: whole days on the place's own calendar, both ends included."""

    du: date
    au: date


@dataclass(frozen=True, slots=True)
class Arret:
    """A stop of a place that moves: its place in `passages`, its point, and what is shown of it (a JSON object).

    `horaires` are OSM opening hours, `du` and `au` the days between which they hold, both included.
    """

    rang: int
    latitude: float | None
    longitude: float | None
    ecrit: bytes
    horaires: str | None
    du: date | None
    au: date | None


@dataclass(frozen=True, slots=True)
class Ouverture:
    """State of a place at an instant.

    `ferme_a` is the end of the opening under way, `prochaine` the next sure opening of a place that is not open; both
    carry the place's own offset, and are `None` when they lie more than 14 days ahead.
    `arret` is the stop of which all this is said, where the place moves. The whole answer holds until
    `valable_jusqu_a`, excluded, which is in UTC so that those of several places compare (two instants of one time zone
    compare by the clock on the wall, which an autumn night shows twice). `None` there means for ever.
    """

    etat: Etat
    ferme_a: datetime | None = None
    prochaine: datetime | None = None
    valable_jusqu_a: datetime | None = None
    arret: Arret | None = None


@dataclass(frozen=True, slots=True)
class Creneau:
    """A span of one day, in local instants, `fin` excluded: `ouvert`, `ouvert_sur_rdv`, or `inconnu`."""

    debut: datetime
    fin: datetime
    etat: Etat
    arret: Arret | None = None


@dataclass(frozen=True, slots=True)
class Journee:
    """A local day and its spans, in order; the place is closed between them."""

    jour: date
    creneaux: tuple[Creneau, ...]


def fragment(ouverture: Ouverture) -> bytes:
    """Write an opening as a JSON object: state, and instants in RFC 3339 with the local offset, or `null`.

    `passage` is there only for a place that moves.
    """
    return b'{"etat":"%s","ferme_a":%s,"prochaine":%s%s}' % (
        ouverture.etat.value.encode(),
        _instant(ouverture.ferme_a),
        _instant(ouverture.prochaine),
        b"" if ouverture.arret is None else b',"passage":' + ouverture.arret.ecrit,
    )


def _instant(instant: datetime | None) -> bytes:
    return b"null" if instant is None else b'"%s"' % instant.isoformat(timespec="seconds").encode()
