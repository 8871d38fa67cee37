"""Tables of the synchronisations: the run, its plan, its row report, what it replaced."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from socle.donnees.types import InstantUTC, JsonB, texte
from sqlalchemy import BigInteger, Column, Index, LargeBinary, text
from sqlmodel import Field

from annuaire.synchronisation.etats import ACTIFS
from annuaire.tables import AnnuaireTable

_ACTIF = text("etat IN (" + ", ".join(f"'{etat}'" for etat in ACTIFS) + ")")


class Synchronisation(AnnuaireTable, table=True):
    """One run of one source; `etat` is durable, so that a restart resumes from it.

    `retour_de` is the run that this one undoes; `source_avant` what the source said of itself before the application.
    """

    __tablename__ = "synchronisations"
    id: UUID = Field(primary_key=True)
    source_id: str = Field(sa_column=Column(texte(64), nullable=False, index=True))
    client: str = Field(sa_column=Column(texte(128), nullable=False))
    mode: str = Field(sa_column=Column(texte(8), nullable=False))
    essai: bool
    etat: str = Field(sa_column=Column(texte(16), nullable=False))
    base: UUID | None = None
    fichier: str | None = None
    type_mime: str
    condense: str = Field(sa_column=Column(texte(64), nullable=False))
    correspondance: int | None = None
    """Version of the correspondence of its source that reads it."""
    lignes: dict[str, Any] | None = Field(default=None, sa_column=Column(JsonB))
    plan: dict[str, Any] | None = Field(default=None, sa_column=Column(JsonB))
    garde: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JsonB))
    devine: dict[str, Any] | None = Field(default=None, sa_column=Column(JsonB))
    confirmation: dict[str, Any] | None = Field(default=None, sa_column=Column(JsonB))
    changement_numero: int | None = Field(default=None, sa_column=Column(BigInteger))
    erreur: dict[str, Any] | None = Field(default=None, sa_column=Column(JsonB))
    duree_ms: dict[str, Any] = Field(sa_column=Column(JsonB, nullable=False))
    retour_de: UUID | None = None
    source_avant: dict[str, Any] | None = Field(default=None, sa_column=Column(JsonB))
    recue_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    finie_le: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
    __table_args__ = (
        # one run at a time per source, held by the database itself
        Index("synchronisations_active", "source_id", unique=True, sqlite_where=_ACTIF, postgresql_where=_ACTIF),
    )


class LignePlan(AnnuaireTable, table=True):
    """What the run will do to one record; unchanged records are counted, not listed."""

    __tablename__ = "synchronisations_plan"
    run_id: UUID = Field(primary_key=True)
    rang: int = Field(primary_key=True)
    action: str = Field(sa_column=Column(texte(12), nullable=False))
    cle: str = Field(sa_column=Column(texte(128), nullable=False))
    ancienne_cle: str | None = Field(default=None, sa_column=Column(texte(128)))
    lieu_id: UUID
    ligne: int | None = None
    empreinte: str | None = Field(default=None, sa_column=Column(texte(64)))
    brut: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    normalise: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    origines: dict[str, str] | None = Field(default=None, sa_column=Column(JsonB))
    __table_args__ = (Index("synchronisations_plan_action", "run_id", "action", "rang"),)


class LigneRapport(AnnuaireTable, table=True):
    """One fault or correction of one cell of the file, in the order of the file."""

    __tablename__ = "synchronisations_rapport"
    run_id: UUID = Field(primary_key=True)
    rang: int = Field(primary_key=True)
    ligne: int
    feuille: str | None = None
    cle: str | None = Field(default=None, sa_column=Column(texte(128)))
    champ: str | None = None
    code: str = Field(sa_column=Column(texte(48), nullable=False))
    severite: str = Field(sa_column=Column(texte(16), nullable=False))
    valeur: str | None = None
    suggestion: str | None = None
    action: str = Field(sa_column=Column(texte(16), nullable=False))


class Image(AnnuaireTable, table=True):
    """A record as it was before a run touched it, kept as long as the run may be undone: every column of `fiches`."""

    __tablename__ = "synchronisations_images"
    defait: UUID = Field(primary_key=True)
    cle: str = Field(sa_column=Column(texte(128), primary_key=True))
    source_id: str = Field(sa_column=Column(texte(64), nullable=False))
    lieu_id: UUID
    lieu_propre: UUID
    retiree: bool
    brut: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    normalise: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    origines: dict[str, str] | None = Field(default=None, sa_column=Column(JsonB))
    empreinte: str = Field(sa_column=Column(texte(64), nullable=False))
    ligne: int
    run_id: UUID
    lue_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    derniere_erreur: dict[str, Any] | None = Field(default=None, sa_column=Column(JsonB))
