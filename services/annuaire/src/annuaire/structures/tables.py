"""Tables of the structures."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from socle.donnees.types import InstantUTC, JsonB, texte
from sqlalchemy import Column
from sqlmodel import Field

from annuaire.tables import AnnuaireTable


class Structure(AnnuaireTable, table=True):
    """An organisation. `origine` says where it comes from: `reference` (COG), `deduit` (of its places), `saisie`."""

    __tablename__ = "structures"
    id: UUID = Field(primary_key=True)
    origine: str = Field(sa_column=Column(texte(16), nullable=False))
    pivot: str | None = Field(default=None, sa_column=Column(texte(14), unique=True))
    sans_siret_motif: str | None = None
    nom: str
    nom_plie: str = Field(sa_column=Column(texte(), nullable=False, index=True))
    types: list[str] = Field(sa_column=Column(JsonB, nullable=False))
    code_insee: str | None = Field(default=None, sa_column=Column(texte(5), index=True))
    departement: str | None = Field(default=None, sa_column=Column(texte(3), index=True))
    region: str | None = Field(default=None, sa_column=Column(texte(3), index=True))
    epci: str | None = Field(default=None, sa_column=Column(texte(9), index=True))
    parent_id: UUID | None = None
    valide_du: str | None = Field(default=None, sa_column=Column(texte(10)))
    valide_au: str | None = Field(default=None, sa_column=Column(texte(10)))
    supprimee: bool = False
    cree_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
