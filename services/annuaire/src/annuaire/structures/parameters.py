"""Parameters of the structures' routes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from socle.web.formes import Forme
from socle.web.instants import Instant
from socle.web.pagination import ParametresPage

from annuaire.referentiels.parameters import ValeurDe
from annuaire.structures.repository import Filtres
from annuaire.territoires.codes import CodeCommune, CodeDepartement, CodeEpci, CodeRegion
from annuaire.territoires.referentiel import Referentiel

VALEURS_MAX = 100


class ParametresStructures(ParametresPage):
    """Filtres d'une liste de structures : les valeurs répétées s'ajoutent, les filtres se croisent."""

    type: Annotated[
        list[Annotated[str, ValeurDe("types_de_structure")]],
        Field(max_length=VALEURS_MAX, description="Type de structure (référentiel `types-structures`)."),
    ] = []
    pivot: Annotated[
        list[Annotated[str, Forme(r"^[A-Za-z0-9]{7,14}$", "un SIRET, un SIREN, un numéro RNA ou RIDET")]],
        Field(max_length=VALEURS_MAX, description="SIRET, SIREN, RNA ou RIDET."),
    ] = []
    code_insee: Annotated[
        list[CodeCommune],
        Field(max_length=VALEURS_MAX, description="Commune ou arrondissement (code INSEE)."),
    ] = []
    departement: Annotated[
        list[CodeDepartement],
        Field(max_length=VALEURS_MAX, description="Département."),
    ] = []
    region: Annotated[list[CodeRegion], Field(max_length=VALEURS_MAX, description="Région.")] = []
    epci: Annotated[list[CodeEpci], Field(max_length=VALEURS_MAX, description="EPCI (SIREN).")] = []
    origine: Annotated[
        list[Literal["reference", "deduit", "saisie"]],
        Field(
            max_length=VALEURS_MAX,
            description="D'où vient la fiche : code officiel géographique, déduite de ses lieux, ou saisie.",
        ),
    ] = []
    modifie_depuis: Annotated[Instant | None, Field(description="Modifiée à cet instant ou après (RFC 3339).")] = None

    def filtres(self) -> Filtres:
        """Return the filters as values."""
        return Filtres(
            type=tuple(self.type),
            pivot=tuple(self.pivot),
            code_insee=_avec_les_arrondissements(self.code_insee),
            departement=tuple(self.departement),
            region=tuple(self.region),
            epci=tuple(self.epci),
            origine=tuple(self.origine),
            modifie_depuis=self.modifie_depuis,
        )


def _avec_les_arrondissements(communes: list[str]) -> tuple[str, ...]:
    referentiel = Referentiel.charger()
    return tuple(code for ville in communes for code in (ville, *(a.code for a in referentiel.arrondissements(ville))))
