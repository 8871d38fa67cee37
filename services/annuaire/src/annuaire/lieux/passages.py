"""Stops of an itinerant place: where it stands, when, between which days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

PASSAGES_MAX: Final = 100
"""Stops of one place: a bus that serves a whole département has fewer."""

MONTRES: Final = ("latitude", "longitude", "adresse", "commune")
"""Members of a stop that are shown with the opening of its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One stop of a place that moves.

    `latitude` and `longitude` are WGS84 degrees, both or neither; `horaires` OSM opening hours on the clock of the
    place; `du` and `au` bound the days on which they hold (`AAAA-MM-JJ`, included, `None` without bound). Unknown is
    `None`.
    """

    latitude: float | None = None
    longitude: float | None = None
    adresse: str | None = None
    commune: str | None = None
    horaires: str | None = None
    du: str | None = None
    au: str | None = None

    def en_dict(self) -> dict[str, Any]:
        """Return the stop as JSON values, every member present."""
        return {nom: getattr(self, nom) for nom in _NOMS}

    @classmethod
    def de_dict(cls, valeurs: Mapping[str, Any]) -> Passage:
        """Rebuild a stop stored by `en_dict`."""
        return cls(**{nom: valeurs.get(nom) for nom in _NOMS})


_NOMS: Final = tuple(champ.name for champ in fields(Passage))
