"""From the clock on a wall to instants.

The state of an instant is that of the hour which the wall shows then. So nothing opens in the hour that a spring
night skips, and the hour that an autumn night shows twice is read twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from annuaire.lieux.horaires.ouverture import Etat
from annuaire.lieux.horaires.plages import JOUR_S, Plages


@lru_cache(maxsize=64)
def zone(fuseau: str | None) -> ZoneInfo | None:
    """Return a time zone of the IANA database, or `None` when it has none of this name."""
    try:
        return ZoneInfo(fuseau) if fuseau else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def minuit(jour: date, lieu: ZoneInfo) -> int:
    """Return the instant (Unix time) at which a local day begins."""
    return int(datetime(jour.year, jour.month, jour.day, tzinfo=lieu).timestamp())


def situer(mur: Plages, du: date, jours: int, lieu: ZoneInfo) -> Plages:
    """Turn the states of a wall clock over whole days into the states of instants (Unix time)."""
    decoupe = tranches(lieu, du, jours)
    return Plages.de(_suite(mur, decoupe), fin=decoupe[-1][1])


def _suite(mur: Plages, decoupe: tuple[tuple[int, int, int], ...]) -> Iterator[tuple[int, Etat]]:
    for debut, fin, decalage in decoupe:
        for d, _, etat in mur.entre(debut + decalage, fin + decalage):
            yield d - decalage, etat


@lru_cache(maxsize=256)
def tranches(lieu: ZoneInfo, du: date, jours: int) -> tuple[tuple[int, int, int], ...]:
    """Cut whole local days into `(start, end, offset from UTC)`, where the offset is one; seconds."""
    debut, fin = minuit(du, lieu), minuit(du + timedelta(jours), lieu)
    trouvees: list[tuple[int, int, int]] = []
    while debut < fin:
        decalage, borne = _decalage(debut, lieu), debut
        while borne < fin and _decalage(min(borne + JOUR_S, fin), lieu) == decalage:
            borne = min(borne + JOUR_S, fin)
        if borne < fin:
            borne = _bascule(borne, min(borne + JOUR_S, fin), lieu)
        trouvees.append((debut, borne, decalage))
        debut = borne
    return tuple(trouvees)


def _bascule(avant: int, apres: int, lieu: ZoneInfo) -> int:
    """Return the first second of the new offset, between two instants that have different ones."""
    ancien = _decalage(avant, lieu)
    while apres - avant > 1:
        milieu = (avant + apres) // 2
        if _decalage(milieu, lieu) == ancien:
            avant = milieu
        else:
            apres = milieu
    return apres


def _decalage(instant: int, lieu: ZoneInfo) -> int:
    decalage = datetime.fromtimestamp(instant, UTC).astimezone(lieu).utcoffset()
    return int(decalage.total_seconds()) if decalage is not None else 0
