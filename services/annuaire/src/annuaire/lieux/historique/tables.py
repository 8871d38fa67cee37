"""Table of what changed in places."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from socle.donnees.types import InstantUTC, JsonB, texte
from sqlalchemy import Column, Index
from sqlmodel import Field

from annuaire.tables import AnnuaireTable


class LigneHistorique(AnnuaireTable, table=True):
    """One change of one place; `champs` gives `{avant, apres, source}` by field."""

    __tablename__ = "lieux_historique"
    id: UUID = Field(primary_key=True)
    lieu_id: UUID
    le: datetime = Field(sa_column=Column(InstantUTC, nullable=False, index=True))
    evenement: str = Field(sa_column=Column(texte(16), nullable=False))
    champs: dict[str, Any] = Field(sa_column=Column(JsonB, nullable=False))
    __table_args__ = (Index("lieux_historique_lieu", "lieu_id", "id"),)
