"""Public holidays, by territory.

Sources: Code du travail, art. L3133-1 (the eleven of everywhere), L3134-13 (Bas-Rhin, Haut-Rhin and Moselle), L3422-2
(slavery's abolition, overseas); for the Pacific, the labour codes of New Caledonia, Wallis-et-Futuna and French
Polynesia, whose loi du pays of May 2025 puts Matari'i (20 November) in place of 29 June. Days that custom alone keeps
(mi-carême, Good Friday in the Antilles) are not public holidays and stay out.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

_FIXES: Final = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_APRES_PAQUES: Final = (1, 39, 50)
"""Easter Monday, Ascension, Whit Monday: days after Easter Sunday."""

_ALSACE_MOSELLE: Final = frozenset({"57", "67", "68"})
_VENDREDI_SAINT: Final = _ALSACE_MOSELLE | {"987"}
_LOCALES: Final[dict[str, tuple[tuple[int, int], ...]]] = {
    **dict.fromkeys(_ALSACE_MOSELLE, ((12, 26),)),
    "971": ((5, 27),),
    "972": ((5, 22),),
    "973": ((6, 10),),
    "974": ((12, 20),),
    "976": ((4, 27),),
    "977": ((10, 9),),
    # The code says 27 May; the territory has kept 28 May since 2018, by a circular of four ministers.
    "978": ((5, 28),),
    "986": ((4, 28), (7, 29)),
    "987": ((3, 5),),
    "988": ((9, 24),),
}
_MATARII_DEPUIS: Final = 2025


def paques(annee: int) -> date:
    """Return Easter Sunday of a year of the Gregorian calendar (Meeus, Jones and Butcher)."""
    cycle, (siecle, reste) = annee % 19, divmod(annee, 100)
    epacte = (19 * cycle + siecle - siecle // 4 - (siecle - (siecle + 8) // 25 + 1) // 3 + 15) % 30
    dimanche = (32 + 2 * (siecle % 4) + 2 * (reste // 4) - epacte - reste % 4) % 7
    correction = (cycle + 11 * epacte + 22 * dimanche) // 451
    mois, jour = divmod(epacte + dimanche - 7 * correction + 114, 31)
    return date(annee, mois, jour + 1)


@lru_cache(maxsize=256)
def nationaux(annee: int) -> frozenset[date]:
    """Return the eleven public holidays of a year that are kept everywhere."""
    dimanche = paques(annee)
    return frozenset(
        [date(annee, mois, jour) for mois, jour in _FIXES] + [dimanche + timedelta(n) for n in _APRES_PAQUES]
    )


def regime(departement: str | None) -> str | None:
    """Return the code of a territory that adds holidays to the national ones, `None` for all the others."""
    return departement if departement in _LOCALES or departement in _VENDREDI_SAINT else None


@lru_cache(maxsize=1024)
def locaux(annee: int, departement: str | None) -> frozenset[date]:
    """Return the public holidays that a territory (code of its département) adds to the national ones."""
    if departement is None:
        return frozenset()
    jours = {date(annee, mois, jour) for mois, jour in _LOCALES.get(departement, ())}
    if departement in _VENDREDI_SAINT:
        jours.add(paques(annee) - timedelta(2))
    if departement == "987":
        jours.add(date(annee, 11, 20) if annee >= _MATARII_DEPUIS else date(annee, 6, 29))
    return frozenset(jours) - nationaux(annee)


def est_ferie(jour: date, departement: str | None) -> bool:
    """Tell whether a day is a public holiday in a territory; without its code, a national one."""
    return jour in nationaux(jour.year) or jour in locaux(jour.year, departement)
