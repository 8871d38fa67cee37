"""Tables of the sources."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from socle.donnees.types import InstantUTC, JsonB, texte
from sqlalchemy import Boolean, Column, false
from sqlmodel import Field

from annuaire.tables import AnnuaireTable


class Source(AnnuaireTable, table=True):
    """A list that comes in: who sends it, under which licence, and where its last run stands.

    `rangs` replaces `rang` for the fields that it names; `vide_fait_foi` makes an empty cell a value, which may win.
    """

    __tablename__ = "sources"
    id: str = Field(sa_column=Column(texte(64), primary_key=True))
    nom: str
    licence: str
    rang: int
    cle_derivee: list[str] | None = Field(default=None, sa_column=Column(JsonB))
    base_contacts: str | None = None
    programme: str | None = Field(default=None, sa_column=Column(texte(64)))
    rangs: dict[str, int] | None = Field(default=None, sa_column=Column(JsonB))
    vide_fait_foi: bool = False
    engagement: dict[str, Any] | None = Field(default=None, sa_column=Column(JsonB))
    reglages: dict[str, Any] | None = Field(default=None, sa_column=Column(JsonB))
    correspondance: int | None = None
    """Version in force of the document that says how its list is read."""
    version: int = 1
    dernier_run: UUID | None = None
    dernier_condense: str | None = None
    dernieres_lignes: int | None = None
    fraiche_le: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
    """When its list was last known to be the one in force."""
    degradee: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    """Whether it is fetched in vain."""
    cree_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
