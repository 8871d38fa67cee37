"""What the routes of the keys read and say."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from gateway.keys.rules import DUREE_DEFAUT, DUREE_MAXIMALE, PORTEES


class CleACreer(BaseModel):
    """Description d'une clé à créer."""

    model_config = ConfigDict(extra="forbid")

    nom: Annotated[
        str,
        Field(
            min_length=1,
            max_length=100,
            description="Qui s'en sert, et pour quoi.",
            examples=["Hub fictif, envoi du soir"],
        ),
    ]
    portees: Annotated[
        list[str],
        # The rules refuse an unknown scope with the list of the known ones: the schema only says them.
        Field(
            min_length=1,
            max_length=20,
            examples=[["lecture"]],
            json_schema_extra={"items": {"type": "string", "enum": sorted(PORTEES)}},
        ),
    ]
    sources: Annotated[list[str] | None, Field(max_length=50, description="Sources auxquelles la lier.")] = None
    reseaux: Annotated[list[str] | None, Field(max_length=50, description="Réseaux d'où l'employer.")] = None
    jours: Annotated[StrictInt, Field(ge=1, le=DUREE_MAXIMALE.days)] = DUREE_DEFAUT.days


class CleLue(BaseModel):
    """Une clé, sans son secret."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    nom: str
    portees: list[str]
    sources: list[str] | None
    reseaux: list[str] | None
    creee_par: str
    creee_le: datetime
    expire_le: datetime
    revoquee_le: datetime | None
    utilisee_le: datetime | None


class CleCreee(CleLue):
    """Une clé qui vient d'être créée : la seule réponse qui porte son texte."""

    cle: Annotated[str, Field(description="À garder maintenant : elle ne sera plus jamais montrée.")]
