"""What a reader asks of places, as values: filters by field, rectangle, date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from annuaire.lieux.lecture.colonnes import Masque, Rangs, masque_de

if TYPE_CHECKING:
    from annuaire.lieux.lecture.tableau import Tableau


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle of WGS84 degrees, edges included; it never crosses the antimeridian."""

    ouest: float
    sud: float
    est: float
    nord: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteres:
    """Filters, all to be met; the values of one field are alternatives.

    `champs` pairs a field of `colonnes.CHAMPS` with its values; `modifie_depuis` is Unix time, included;
    `recoit_du_public` leaves out the places that receive nobody.
    """

    champs: tuple[tuple[str, tuple[str, ...]], ...] = ()
    rectangle: Rectangle | None = None
    modifie_depuis: float | None = None
    recoit_du_public: bool = False

    def masque(self, tableau: Tableau, rangs: Rangs) -> Masque:
        """Return which of these places are in force and meet every filter."""
        tient: Masque = (tableau.recoit_du_public if self.recoit_du_public else tableau.vivants)[rangs]
        if self.champs:
            tient = tient & masque_de(tableau.colonnes, self.champs, rangs)
        if self.modifie_depuis is not None:
            tient = tient & (tableau.modifies_le[rangs] >= self.modifie_depuis)
        if self.rectangle is not None:
            latitudes, longitudes, r = tableau.latitudes[rangs], tableau.longitudes[rangs], self.rectangle
            tient = tient & (latitudes >= r.sud) & (latitudes <= r.nord)
            tient = tient & (longitudes >= r.ouest) & (longitudes <= r.est)
        return tient
