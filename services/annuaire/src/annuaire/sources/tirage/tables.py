"""Table of the lists that are fetched."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from socle.donnees.types import InstantUTC, texte
from sqlalchemy import Column, String
from sqlmodel import Field

from annuaire.tables import AnnuaireTable


class Tirage(AnnuaireTable, table=True):
    """Where the list of a source is fetched, when next, and what came of the last time.

    `etag` and `modifie` are what the server said of the list of `run_id`. `promis_le` is set while a fetch is promised.
    """

    __tablename__ = "tirages"
    source_id: str = Field(sa_column=Column(texte(64), primary_key=True))
    url: str = Field(sa_column=Column(String, nullable=False))
    format: str | None = Field(default=None, sa_column=Column(texte(16)))
    cadence: str = Field(sa_column=Column(texte(64), nullable=False))
    mode: str = Field(sa_column=Column(texte(8), nullable=False))
    auth_ref: str | None = Field(default=None, sa_column=Column(texte(40)))
    version: int
    etag: str | None = None
    modifie: str | None = None
    run_id: UUID | None = None
    echecs: int = 0
    issue: str | None = Field(default=None, sa_column=Column(texte(32)))
    essai_le: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
    succes_le: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
    prochain_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False, index=True))
    promis_le: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
