"""Tables of the places: what each source says of them, and the columns by which they are found."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from socle.donnees.types import InstantUTC, JsonB, texte
from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field

from annuaire.tables import AnnuaireTable


class Fiche(AnnuaireTable, table=True):
    """One record of one source: the raw row as it came and its normalised reading, never merged in place.

    `lieu_id` is the place that it bears on; `lieu_propre` the one made for it, which it has again once set apart.
    """

    __tablename__ = "fiches"
    source_id: str = Field(sa_column=Column(texte(64), primary_key=True))
    cle: str = Field(sa_column=Column(texte(128), primary_key=True))
    lieu_id: UUID = Field(index=True)
    lieu_propre: UUID = Field(index=True)
    retiree: bool = False
    brut: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    normalise: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    origines: dict[str, str] | None = Field(default=None, sa_column=Column(JsonB))
    """Fields that no cell of the list declared: `deduit`, `defaut`."""
    empreinte: str = Field(sa_column=Column(texte(64), nullable=False))
    ligne: int
    run_id: UUID
    lue_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    derniere_erreur: dict[str, Any] | None = Field(default=None, sa_column=Column(JsonB))


class Lieu(AnnuaireTable, table=True):
    """A place: the columns by which it is found. What it shows is `socle_publications.document`.

    `source_id` is the source that names it, `partage` whether several records bear on it, `fusionne_dans` the place
    where its records went.
    """

    __tablename__ = "lieux"
    id: UUID = Field(primary_key=True)
    source_id: str = Field(sa_column=Column(texte(64), nullable=False))
    structure_id: UUID | None = Field(default=None, index=True)
    pivot: str | None = Field(default=None, sa_column=Column(texte(14), index=True))
    nom: str
    code_insee: str | None = Field(default=None, sa_column=Column(texte(5)))
    code_postal: str | None = Field(default=None, sa_column=Column(texte(5)))
    departement: str | None = Field(default=None, sa_column=Column(texte(3)))
    region: str | None = Field(default=None, sa_column=Column(texte(3)))
    epci: str | None = Field(default=None, sa_column=Column(texte(9)))
    qpv: str | None = Field(default=None, sa_column=Column(texte(8)))
    latitude: float | None = None
    longitude: float | None = None
    recoit_du_public: bool = True
    supprime: bool = False
    partage: bool = False
    fusionne_dans: UUID | None = Field(default=None, index=True)
    cree_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    __table_args__ = tuple(
        Index(f"lieux_{nom}", nom, "id")
        for nom in ("code_insee", "code_postal", "departement", "region", "epci", "qpv", "source_id")
    )
