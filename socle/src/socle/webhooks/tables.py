"""Tables of the notifications: endpoints, and what is delivered to each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlmodel import Field

from socle.donnees.tables import OptionTable
from socle.donnees.types import InstantUTC, JsonB, texte


class Webhook(OptionTable, table=True):
    """An endpoint: where to post, what, and on whose behalf. `perimetre` are the sources it may hear of (null: all)."""

    __tablename__ = "socle_webhooks"
    id: UUID = Field(primary_key=True)
    proprietaire: str = Field(sa_column=Column(texte(128), nullable=False, index=True))
    url: str = Field(sa_column=Column(String, nullable=False))
    types: list[str] = Field(sa_column=Column(JsonB, nullable=False))
    perimetre: list[str] | None = Field(default=None, sa_column=Column(JsonB))
    signature: str = Field(default="v1", sa_column=Column(texte(4), nullable=False, server_default="v1"))
    generation: int = 1
    tourne_le: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
    etat: str = Field(default="actif", sa_column=Column(texte(12), nullable=False))
    motif: str | None = Field(default=None, sa_column=Column(texte(12)))
    bail_jusqu_a: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
    cree_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))


class Livraison(OptionTable, table=True):
    """One notification for one endpoint. Delivered in the order of `rang`; `id` is the same at every try."""

    __tablename__ = "socle_livraisons"
    rang: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    )
    id: UUID = Field(unique=True)
    webhook_id: UUID
    evenement: int = Field(sa_column=Column(BigInteger, nullable=False))
    type: str = Field(sa_column=Column(texte(64), nullable=False))
    corps: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    etat: str = Field(sa_column=Column(texte(12), nullable=False))
    essais: int = 0
    prendre_apres: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    statut: int | None = None
    issue: str | None = Field(default=None, sa_column=Column(texte(32)))
    essai_le: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
    cree_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False, index=True))
    __table_args__: Any = (
        # an event told twice by the outbox is one notification
        UniqueConstraint("webhook_id", "evenement", name="socle_livraisons_evenement"),
        Index("socle_livraisons_attente", "etat", "webhook_id", "rang"),
    )
