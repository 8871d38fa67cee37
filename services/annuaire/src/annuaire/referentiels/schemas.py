"""The closed lists, as the contract describes them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field


class ValeurLue(BaseModel):
    """Une valeur d'une liste fermée."""

    valeur: Annotated[str, Field(description="L'orthographe exacte, stockée et publiée.")]
    slug: Annotated[str, Field(description="La forme ASCII que les filtres acceptent.")]
    libelle: str
    description: str | None
    services: Annotated[list[str], Field(description="Les services du standard que couvre un thème.")]


class ReferentielLu(BaseModel):
    """Une liste fermée et sa version."""

    nom: str
    titre: str
    version: str
    source: str
    champ: Annotated[str | None, Field(description="Le champ du standard qui prend ces valeurs.")]
    note: str | None
    valeurs: list[ValeurLue]


class ReferentielResume(BaseModel):
    """Une liste fermée, sans ses valeurs."""

    nom: str
    titre: str
    version: str
    valeurs: int
