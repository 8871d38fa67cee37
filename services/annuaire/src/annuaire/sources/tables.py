"""Tables of the sources."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from socle.donnees.types import InstantUTC, JsonB, texte
from sqlalchemy import Boolean, Column, false
from sqlmodel import Field

from annuaire.tables import AnnuaireTable


class Source(AnnuaireTable, table=True):
    """A list that comes in: who sends it, under which licence, and where its last run stands."""

    __tablename__ = "sources"
    id: str = Field(sa_column=Column(texte(64), primary_key=True))
    nom: str
    licence: str
    rang: int
    cle_derivee: list[str] | None = Field(default=None, sa_column=Column(JsonB))
    base_contacts: str | None = None
    version: int = 1
    dernier_run: UUID | None = None
    dernier_condense: str | None = None
    dernieres_lignes: int | None = None
    fraiche_le: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
    """When its list was last known to be the one in force."""
    degradee: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    """Whether it is fetched in vain."""
    cree_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
