"""What is said of the changes of a place."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

Evenement = Literal["modification", "retrait", "retour", "fusion", "separation"]


class ChampChange(BaseModel):
    """Un champ qui a changé, et la source qui l'a dit. D'un contact, `avant` et `apres` sont tus."""

    avant: Any
    apres: Any
    source: str


class TraceLue(BaseModel):
    """Un changement d'un lieu."""

    le: datetime
    evenement: Evenement
    champs: Annotated[dict[str, ChampChange], Field(description="Par champ ; vide pour un retrait ou un retour.")]
