"""Where a place lies: its commune's territories from the reference, its quarter from the QPV layer in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from annuaire.lieux.projection import Territoire
from annuaire.territoires.referentiel import Referentiel
from annuaire.territoires.rules import departements_du_code_postal, fuseau


class Couche(Protocol):
    """A layer of quarters."""

    def situer(self, longitude: float, latitude: float) -> Any: ...


@dataclass(slots=True)
class Situeur:
    """The reference of territories and, once loaded, a layer of quarters (`None`: no QPV is known, nor denied)."""

    referentiel: Referentiel
    couche: Couche | None = None

    def territoire(self, code_insee: str | None, code_postal: str | None) -> Territoire:
        """Return the territories of a commune or arrondissement; without it, those that the postal code is sure of."""
        if code_insee is not None:
            arrondissement = self.referentiel.arrondissement(code_insee)
            commune = self.referentiel.commune(arrondissement.commune if arrondissement else code_insee)
            if commune is not None:
                return Territoire(commune.departement, commune.region, commune.epci, fuseau(commune.code))
        departements = departements_du_code_postal(code_postal) if code_postal else ()
        if len(departements) != 1:
            return Territoire()
        departement = self.referentiel.departement(departements[0])
        region = departement.region if departement else None
        return Territoire(departements[0], region, None, fuseau(departements[0]))

    def qpv(self, latitude: float | None, longitude: float | None) -> dict[str, Any] | None:
        """Return the quarter of a point as the public document shows it."""
        if self.couche is None or latitude is None or longitude is None:
            return None
        return self.couche.situer(longitude, latitude).en_dict()  # type: ignore[no-any-return]
