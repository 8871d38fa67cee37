"""Table of the reports."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from socle.donnees.types import InstantUTC
from socle.donnees.types import texte as colonne
from sqlalchemy import Column
from sqlmodel import Field

from annuaire.tables import AnnuaireTable


class Signalement(AnnuaireTable, table=True):
    """A report on a place. `suivi` is the SHA-256 of the secret that its author follows it with.

    `texte` and `courriel` are for the source alone, and are erased after `efface_apres`.
    """

    __tablename__ = "signalements"
    id: UUID = Field(primary_key=True)
    lieu_id: UUID = Field(index=True)
    motif: str = Field(sa_column=Column(colonne(32), nullable=False))
    texte: str | None = None
    courriel: str | None = None
    etat: str = Field(sa_column=Column(colonne(16), nullable=False))
    reponse: str | None = None
    suivi: str = Field(sa_column=Column(colonne(64), nullable=False, unique=True))
    version: int = 1
    cree_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    modifie_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    efface_apres: datetime = Field(sa_column=Column(InstantUTC, nullable=False, index=True))
