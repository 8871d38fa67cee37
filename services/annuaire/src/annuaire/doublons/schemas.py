"""What is said of duplicates."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

Decision = Literal["fusion", "distincts"]


class FicheDeDoublon(BaseModel):
    """L'une des deux fiches : sa source, sa clé, et le lieu qu'elle porte."""

    source: str
    cle: str
    lieu_id: UUID | None


class DoublonLu(BaseModel):
    """Deux fiches qui paraissent dire le même lieu, et pourquoi."""

    id: UUID
    fiches: Annotated[list[FicheDeDoublon], Field(min_length=2, max_length=2)]
    score: Annotated[float, Field(description="De 0 à 1 ; à 0,95 et plus, la fusion est automatique.")]
    motifs: Annotated[list[dict[str, Any]], Field(description="Par champ : ce qui rapproche ou éloigne, et son poids.")]
    reunis: Annotated[bool, Field(description="Les deux fiches portent le même lieu.")]
    decision: Annotated[Decision | None, Field(description="Ce qu'une personne a décidé ; elle reste.")]
    decide_le: datetime | None
    trouve_le: datetime
