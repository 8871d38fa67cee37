"""What becomes of a notification after each try. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

ATTENTES: Final = tuple(
    timedelta(seconds=s)
    for s in (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)  # fmt: skip
"""Before each of the ten tries, since the one before: 0, 5 s, 5 min, 30 min, 2, 5, 10, 14, 20, 24 h."""
DELAI: Final = 15.0
"""Seconds that a receiver has to answer."""
OCTETS_MAX: Final = 20 * 1024
ECART: Final = timedelta(seconds=30)
"""Between two notifications that say the same thing: « there is something new »."""

Sort = Literal["livree", "a_livrer", "abandonnee"]


@dataclass(frozen=True, slots=True)
class Suite:
    """What comes next: the state of the notification, when to try again, why the endpoint is closed (if it is)."""

    etat: Sort
    attente: timedelta = timedelta(0)
    fermeture: str | None = None


def suite(essais: int, statut: int | None, *, revenir: timedelta | None = None) -> Suite:
    """Decide after the try number `essais`; `statut` is `None` when nothing was answered.

    `revenir` is the receiver's own `Retry-After`: it delays, it never hastens.
    """
    if statut is not None and 200 <= statut < 300:
        return Suite("livree")
    if statut == 410:
        return Suite("abandonnee", fermeture="disparu")
    if essais >= len(ATTENTES):
        return Suite("abandonnee", fermeture="echecs")
    attente = ATTENTES[essais]
    return Suite("a_livrer", max(attente, revenir or attente))
