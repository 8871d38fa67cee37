"""The table of access keys. The secret is not in it: only its HMAC."""

from __future__ import annotations

from datetime import datetime

from socle.donnees.types import InstantUTC, JsonB, texte
from sqlalchemy import Boolean, Column, false
from sqlmodel import Field

from gateway.tables import GatewayTable


class Cle(GatewayTable, table=True):
    """One key. `sources`: bound to these, or `null`; `reseaux`: CIDR blocks it may come from, or `null` for any;
    `publiable`: names an application and opens nothing.
    """

    __tablename__ = "cles"
    id: str = Field(sa_column=Column(texte(10), primary_key=True))
    nom: str
    empreinte: str = Field(sa_column=Column(texte(64), nullable=False))
    portees: list[str] = Field(sa_column=Column(JsonB, nullable=False))
    sources: list[str] | None = Field(default=None, sa_column=Column(JsonB))
    reseaux: list[str] | None = Field(default=None, sa_column=Column(JsonB))
    publiable: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    creee_par: str = Field(sa_column=Column(texte(64), nullable=False))
    creee_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    expire_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    revoquee_le: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
    utilisee_le: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
