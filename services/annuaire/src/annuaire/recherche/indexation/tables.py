"""Tables of indexing: how far each engine is, and the records that it refuses."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from socle.donnees.types import InstantUTC, JsonB, texte
from sqlalchemy import BigInteger, Column
from sqlmodel import Field

from annuaire.tables import AnnuaireTable


class SuiviDeMoteur(AnnuaireTable, table=True):
    """An engine. `demande` is what a person asks of the process that feeds it, `etat` what that process last said.

    An engine that keeps its position beside its index leaves the rest empty; for the others, `position` is the number
    up to which `generation` shows every change, `chantier` a generation being built, `taches` the promises of the
    engine that are not kept yet, `proprietaire` the process that feeds it until `bail_jusqu_a`.
    """

    __tablename__ = "recherche_moteurs"
    moteur: str = Field(sa_column=Column(texte(32), primary_key=True))
    position: int | None = Field(default=None, sa_column=Column(BigInteger))
    generation: str | None = Field(default=None, sa_column=Column(texte(64)))
    reglages: str | None = Field(default=None, sa_column=Column(texte(128)))
    chantier: str | None = Field(default=None, sa_column=Column(texte(64)))
    taches: list[str] | None = Field(default=None, sa_column=Column(JsonB))
    proprietaire: str | None = Field(default=None, sa_column=Column(texte(64)))
    bail_jusqu_a: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
    demande: str | None = Field(default=None, sa_column=Column(texte(16)))
    etat: dict[str, Any] | None = Field(default=None, sa_column=Column(JsonB))


class Quarantaine(AnnuaireTable, table=True):
    """A record that an engine refuses; it is tried again when it changes, or when a person asks for a check."""

    __tablename__ = "recherche_quarantaine"
    moteur: str = Field(sa_column=Column(texte(32), primary_key=True))
    id: UUID = Field(primary_key=True)
    v: int = Field(sa_column=Column(BigInteger, nullable=False))
    erreur: str = Field(sa_column=Column(texte(500), nullable=False))
    essais: int = 1
    le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
