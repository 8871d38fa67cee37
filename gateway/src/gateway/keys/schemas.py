"""What the routes of the keys read and say."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from gateway.keys.rules import DUREE_DEFAUT, DUREE_MAXIMALE, DUREE_PUBLIABLE, DUREE_PUBLIABLE_MAXIMALE, PORTEES


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
            default_factory=list,
            max_length=20,
            description="Au moins une, sauf pour une clé publiable.",
            examples=[["lecture"]],
            json_schema_extra={"items": {"type": "string", "enum": sorted(PORTEES)}},
        ),
    ]
    publiable: Annotated[
        StrictBool,
        Field(description="Nomme une application et n'ouvre rien : peut figurer dans le source d'une page."),
    ] = False
    sources: Annotated[list[str] | None, Field(max_length=50, description="Sources auxquelles la lier.")] = None
    reseaux: Annotated[list[str] | None, Field(max_length=50, description="Réseaux d'où l'employer.")] = None
    jours: Annotated[
        StrictInt | None,
        Field(
            ge=1,
            le=DUREE_PUBLIABLE_MAXIMALE.days,
            description=f"{DUREE_DEFAUT.days} sans précision, {DUREE_MAXIMALE.days} au plus ; "
            f"pour une clé publiable, {DUREE_PUBLIABLE.days} et {DUREE_PUBLIABLE_MAXIMALE.days}.",
        ),
    ] = None

    @property
    def duree(self) -> timedelta:
        """How long it is to live."""
        if self.jours is not None:
            return timedelta(days=self.jours)
        return DUREE_PUBLIABLE if self.publiable else DUREE_DEFAUT


class CleLue(BaseModel):
    """Une clé, sans son secret."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    nom: str
    portees: list[str]
    publiable: bool
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
