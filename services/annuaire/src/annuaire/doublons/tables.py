"""Tables of duplicates: what finds them, and the pairs found, with what people decided of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from socle.donnees.types import InstantUTC, JsonB, texte
from sqlalchemy import Column, Index
from sqlmodel import Field

from annuaire.tables import AnnuaireTable


class Bloc(AnnuaireTable, table=True):
    """A contact or pivot of a record: those who share one are compared, wherever they are."""

    __tablename__ = "doublons_blocs"
    bloc: str = Field(sa_column=Column(texte(96), primary_key=True))
    source_id: str = Field(sa_column=Column(texte(64), primary_key=True))
    cle: str = Field(sa_column=Column(texte(128), primary_key=True))
    __table_args__ = (Index("doublons_blocs_fiche", "source_id", "cle"),)


class Doublon(AnnuaireTable, table=True):
    """Two records that look like one place; the first is the lesser by (source, key).

    `decision` is that of a person (`fusion`, `distincts`) and lasts as long as the keys; `meilleure`: no other pair of
    its records, toward the same source, is more alike.
    """

    __tablename__ = "doublons"
    id: UUID = Field(primary_key=True)
    source_a: str = Field(sa_column=Column(texte(64), nullable=False))
    cle_a: str = Field(sa_column=Column(texte(128), nullable=False))
    source_b: str = Field(sa_column=Column(texte(64), nullable=False))
    cle_b: str = Field(sa_column=Column(texte(128), nullable=False))
    score: float
    motifs: list[dict[str, Any]] = Field(sa_column=Column(JsonB, nullable=False))
    meilleure: bool = True
    decision: str | None = Field(default=None, sa_column=Column(texte(12)))
    decide_par: str | None = Field(default=None, sa_column=Column(texte(128)))
    decide_le: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
    trouve_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    __table_args__ = (
        Index("doublons_paire", "source_a", "cle_a", "source_b", "cle_b", unique=True),
        Index("doublons_autre", "source_b", "cle_b"),
        Index("doublons_file", "decision", "meilleure", "id"),
    )
