"""Tables of the layer of priority quarters; the other territories come from the committed reference."""

from __future__ import annotations

from datetime import datetime

from socle.donnees.types import InstantUTC, JsonB, texte
from sqlalchemy import Column, LargeBinary
from sqlmodel import Field

from annuaire.tables import AnnuaireTable


class Couche(AnnuaireTable, table=True):
    """A layer in force: where it comes from, and the SHA-256 of its file."""

    __tablename__ = "couches"
    nom: str = Field(sa_column=Column(texte(16), primary_key=True))
    source: str
    licence: str
    millesime: int
    empreinte: str = Field(sa_column=Column(texte(64), nullable=False))
    version: int
    charge_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))


class QuartierPrioritaire(AnnuaireTable, table=True):
    """A quarter of the layer in force; `contour` is WKB (ISO 19125), WGS84 degrees, longitude first."""

    __tablename__ = "quartiers_prioritaires"
    code: str = Field(sa_column=Column(texte(8), primary_key=True))
    nom: str
    communes: list[str] = Field(sa_column=Column(JsonB, nullable=False))
    contour: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
