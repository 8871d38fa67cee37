"""The public document of a structure, as the contract describes it. Answers are stored bytes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field


class StructureLue(BaseModel):
    """Une organisation : association, collectivité, Hub, bailleur, financeur…"""

    id: UUID
    nom: str
    types: Annotated[list[str], Field(description="Référentiel `types-structures`.")]
    pivot: Annotated[str | None, Field(description="SIRET, SIREN, RNA ou RIDET.")]
    pivot_forme: Literal["siret", "siren", "rna", "ridet"] | None
    siren: str | None
    sans_siret_motif: str | None
    code_insee: str | None
    departement: str | None
    region: str | None
    epci: str | None
    parent_id: UUID | None
    valide_du: date | None
    valide_au: date | None
    origine: Annotated[
        Literal["reference", "deduit", "saisie"],
        Field(description="`reference` : code officiel géographique ; `deduit` : de ses lieux ; `saisie`."),
    ]
    version: int
    modifie_le: datetime
    modifie: Annotated[int, Field(description="Numéro de changement (flux).")]


class PageStructures(BaseModel):
    """Une page de structures."""

    elements: list[StructureLue]
    suivant: str | None
