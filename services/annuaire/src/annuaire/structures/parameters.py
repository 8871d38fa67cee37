"""Parameters of the structures' routes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from socle.web.pagination import ParametresPage

from annuaire.structures.repository import Filtres

VALEURS_MAX = 100


class ParametresStructures(ParametresPage):
    """Filtres d'une liste de structures : les valeurs répétées s'ajoutent, les filtres se croisent."""

    type: Annotated[
        list[Annotated[str, Field(pattern=r"^[a-z_]{2,40}$")]],
        Field(max_length=VALEURS_MAX, description="Type de structure (référentiel `types-structures`)."),
    ] = []
    pivot: Annotated[
        list[Annotated[str, Field(pattern=r"^[A-Za-z0-9]{7,14}$")]],
        Field(max_length=VALEURS_MAX, description="SIRET, SIREN, RNA ou RIDET."),
    ] = []
    code_insee: Annotated[
        list[Annotated[str, Field(pattern=r"^(\d{2}|2[AB])\d{3}$")]],
        Field(max_length=VALEURS_MAX, description="Commune (code INSEE)."),
    ] = []
    departement: Annotated[
        list[Annotated[str, Field(pattern=r"^(\d{2}|2[AB]|9[78]\d)$")]],
        Field(max_length=VALEURS_MAX, description="Département."),
    ] = []
    region: Annotated[
        list[Annotated[str, Field(pattern=r"^\d{2,3}$")]], Field(max_length=VALEURS_MAX, description="Région.")
    ] = []
    epci: Annotated[
        list[Annotated[str, Field(pattern=r"^\d{9}$")]], Field(max_length=VALEURS_MAX, description="EPCI (SIREN).")
    ] = []

    def filtres(self) -> Filtres:
        """Return the filters as values."""
        return Filtres(
            type=tuple(self.type),
            pivot=tuple(self.pivot),
            code_insee=tuple(self.code_insee),
            departement=tuple(self.departement),
            region=tuple(self.region),
            epci=tuple(self.epci),
        )
