"""Table of the versions of correspondences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from socle.donnees.types import InstantUTC, JsonB, texte
from sqlalchemy import Column
from sqlmodel import Field

from annuaire.tables import AnnuaireTable


class VersionDeCorrespondance(AnnuaireTable, table=True):
    """One version of a document, as it was sent. It never changes; `sources.correspondance` names the one in force."""

    __tablename__ = "correspondances"
    source_id: str = Field(sa_column=Column(texte(64), primary_key=True))
    version: int = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_column=Column(JsonB, nullable=False))
    empreinte: str = Field(sa_column=Column(texte(64), nullable=False))
    par: str = Field(sa_column=Column(texte(128), nullable=False))
    le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
