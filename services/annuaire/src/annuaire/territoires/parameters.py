"""Parameters of the territories' routes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from socle.web.pagination import ParametresPage

VALEURS_MAX = 100
MOTIF_COMMUNE = r"^(\d{2}|2[AB])\d{3}$"
MOTIF_DEPARTEMENT = r"^(\d{2}|2[AB]|9[78]\d)$"
MOTIF_REGION = r"^\d{2,3}$"
MOTIF_EPCI = r"^\d{9}$"
MOTIF_QPV = r"^QN[0-9AB]{5}[A-Z]$"

CodesPostaux = Annotated[
    list[Annotated[str, Field(pattern=r"^\d{5}$")]], Field(max_length=VALEURS_MAX, description="Code postal.")
]
Departements = Annotated[
    list[Annotated[str, Field(pattern=MOTIF_DEPARTEMENT)]], Field(max_length=VALEURS_MAX, description="Département.")
]
Regions = Annotated[
    list[Annotated[str, Field(pattern=MOTIF_REGION)]], Field(max_length=VALEURS_MAX, description="Région.")
]
EpciParametre = Annotated[
    list[Annotated[str, Field(pattern=MOTIF_EPCI)]],
    Field(max_length=VALEURS_MAX, description="EPCI ou établissement public territorial (SIREN)."),
]
Communes = Annotated[
    list[Annotated[str, Field(pattern=MOTIF_COMMUNE)]],
    Field(max_length=VALEURS_MAX, description="Commune (code INSEE)."),
]


class ParametresRegions(ParametresPage):
    """Début de nom d'une région."""

    q: Annotated[str | None, Field(max_length=100, description="Début du nom, sans accents ni casse.")] = None


class ParametresDepartements(ParametresRegions):
    """Filtres des départements : les valeurs répétées s'ajoutent, les filtres se croisent."""

    region: Regions = []


class ParametresEpci(ParametresDepartements):
    """Filtres des EPCI : ceux qui ont une commune dans ces départements ou régions."""

    departement: Departements = []


class ParametresCommunes(ParametresEpci):
    """Filtres des communes."""

    epci: EpciParametre = []
    code_postal: CodesPostaux = []


class ParametresQpv(ParametresEpci):
    """Filtres des quartiers : ceux qui touchent ces communes, EPCI, départements ou régions."""

    epci: EpciParametre = []
    commune: Communes = []
