"""What is said of a source, and what is asked to create one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from annuaire.referentiels.licences import LICENCE_OUVERTE

IdSource = Annotated[
    str,
    Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", description="Identifiant court.", examples=["hub-exemple"]),
]

ChampDeCle = Literal["pivot", "nom", "commune", "code_postal", "code_insee", "adresse", "telephone"]
"""Fields that may make the key of a row without `id`: those that name a place and last."""


class SourceACreer(BaseModel):
    """Une liste qui va entrer."""

    model_config = ConfigDict(extra="forbid")

    id: IdSource
    nom: Annotated[
        str, Field(min_length=1, max_length=200, description="Nom du producteur de la liste.", examples=["Hub fictif"])
    ]
    licence: Annotated[str, Field(min_length=1, max_length=200, description="Licence des données (URL ou nom).")] = (
        LICENCE_OUVERTE
    )
    rang: Annotated[
        int, Field(ge=1, le=90, description="Rang de confiance : 80 pour un Hub sur son territoire, 50 agrégateur.")
    ] = 80
    cle_derivee: Annotated[
        list[ChampDeCle] | None,
        Field(
            min_length=1,
            max_length=5,
            description="Champs, dans l'ordre, dont se déduit la clé d'une ligne sans `id`.",
            examples=[["nom", "adresse", "code_insee"]],
        ),
    ] = None
    base_contacts: Annotated[
        str | None,
        Field(
            min_length=3,
            max_length=200,
            description="Base légale de la publication des contacts nominatifs ; sans elle, ils restent masqués.",
        ),
    ] = None


class Fraicheur(BaseModel):
    """Depuis quand la liste d'une source est celle de l'annuaire."""

    verifiee_le: Annotated[
        datetime | None, Field(description="Dernière fois que la liste a été appliquée, ou trouvée inchangée.")
    ]
    age_heures: Annotated[int | None, Field(description="Heures écoulées depuis.")]
    degradee: Annotated[bool, Field(description="La source est tirée, et ne répond plus.")]


class SourceLue(BaseModel):
    """Une source et l'état de sa dernière synchronisation."""

    id: str
    nom: str
    licence: str
    rang: int
    cle_derivee: list[str] | None
    base_contacts: str | None
    version: int
    derniere_synchronisation: UUID | None
    fraicheur: Fraicheur
    cree_le: datetime
