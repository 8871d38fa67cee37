"""Where a place lies: its commune's territories from the reference, its quarter from the QPV layer in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from socle.donnees.db import ReadSession

from annuaire.lieux.projection import Territoire
from annuaire.territoires import service as territoires
from annuaire.territoires.qpv import CoucheQpv
from annuaire.territoires.referentiel import Referentiel
from annuaire.territoires.rules import departements_du_code_postal, fuseau

Point = tuple[float | None, float | None]
"""Latitude and longitude in WGS84 degrees, both or neither."""


@dataclass(slots=True)
class Situeur:
    """The reference of territories and, once loaded, a layer of quarters (`None`: no QPV is known, nor denied)."""

    referentiel: Referentiel
    couche: CoucheQpv | None = None
    version: int | None = None

    async def suivre(self, session: ReadSession) -> None:
        """Take the layer in force, when it is not the one already held."""
        version = await territoires.version_couche(session)
        if version != self.version:
            self.couche, self.version = await territoires.lire_couche(session), version

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

    def nom_de_commune(self, code_insee: str | None) -> str | None:
        """Return the name of a commune; that of its city for an arrondissement."""
        if code_insee is None:
            return None
        arrondissement = self.referentiel.arrondissement(code_insee)
        commune = self.referentiel.commune(arrondissement.commune if arrondissement else code_insee)
        return commune.nom if commune else None

    def quartiers(self, points: Sequence[Point]) -> list[dict[str, Any] | None]:
        """Return the quarter of each point as the public document shows it; `None` without a layer or a point."""
        if self.couche is None:
            return [None] * len(points)
        situables = [(lon, lat) for lat, lon in points if lat is not None and lon is not None]
        situes = iter(self.couche.situer_tous(situables) if situables else [])
        return [None if lat is None or lon is None else next(situes).en_dict() for lat, lon in points]
