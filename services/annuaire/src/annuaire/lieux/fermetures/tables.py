"""Table of the exceptional closings."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from socle.donnees.types import InstantUTC
from sqlalchemy import Column
from sqlmodel import Field

from annuaire.tables import AnnuaireTable


class FermetureExceptionnelle(AnnuaireTable, table=True):
    """Whole days on which a place is closed, both ends included, on its own calendar."""

    __tablename__ = "fermetures"
    id: UUID = Field(primary_key=True)
    lieu_id: UUID = Field(index=True)
    du: date
    au: date = Field(index=True)
    motif: str
    cree_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
