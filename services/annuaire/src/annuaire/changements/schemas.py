"""A page of the feed, as the contract describes it (OpenActive RPDE 1.1). Answers are joined bytes."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field


class ElementFlux(BaseModel):
    """Un changement : la fiche à jour, ou sa disparition (sans `data`)."""

    state: Literal["updated", "deleted"]
    kind: Literal["lieu", "structure"]
    id: UUID
    modified: int
    data: Annotated[dict[str, object] | None, Field(description="Absent quand `state` vaut `deleted`.")] = None


class PageFlux(BaseModel):
    """Une page du flux. La dernière est vide et `next` est sa propre adresse."""

    next: str
    version: Literal["1.1"]
    items: list[ElementFlux]
    license: str
