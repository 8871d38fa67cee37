"""Tables that every service has: change counter and publications, outbox, jobs, idempotency keys, audit.

Tables do not validate (SQLModel `table=True`); they never leave `socle.donnees` and the repositories.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from socle.donnees.types import InstantUTC, JsonB, texte


class SocleTable(SQLModel, registry=registry()):
    """Own registry: a service's metadata never mixes with this one."""


class OptionTable(SQLModel, registry=registry()):
    """Tables of the parts that a service takes or leaves: mail, action links, webhooks."""


class Compteur(SocleTable, table=True):
    """The counter rows, locked last: `changements` (with its epoch) and `audit` (with the head of the chain)."""

    __tablename__ = "socle_compteurs"
    nom: str = Field(sa_column=Column(texte(32), primary_key=True))
    n: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    epoque: int = 0
    tete: str = Field(default="", sa_column=Column(texte(64), nullable=False))


class Epoque(SocleTable, table=True):
    """A restore: changes after `n_restaure` of the epoch before were lost with the old database."""

    __tablename__ = "socle_epoques"
    epoque: int = Field(primary_key=True)
    n_restaure: int = Field(sa_column=Column(BigInteger, nullable=False))
    le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))


class Publication(SocleTable, table=True):
    """The public document of an object, written once per change and read as bytes by everyone.

    `document` is JSON without its last member (`modifie`), which is `numero` and is known at the commit only.
    A withdrawn object keeps its row as a tombstone, for ever, without document.
    """

    __tablename__ = "socle_publications"
    kind: str = Field(sa_column=Column(texte(32), primary_key=True))
    id: UUID = Field(primary_key=True)
    numero: int | None = Field(default=None, sa_column=Column(BigInteger))
    version: int
    supprime: bool = False
    document: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    empreinte: str = Field(sa_column=Column(texte(64), nullable=False))
    modifie_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    redirection: UUID | None = None
    lot: str | None = Field(default=None, sa_column=Column(texte(32)))
    rang: int = 0
    __table_args__ = (
        Index("socle_publications_fil", "kind", "numero", unique=True),
        Index("socle_publications_lot", "lot", sqlite_where=text("lot IS NOT NULL"),
              postgresql_where=text("lot IS NOT NULL")),
    )  # fmt: skip


class Evenement(SocleTable, table=True):
    """The outbox: an event written in the business transaction, delivered afterwards at least once."""

    __tablename__ = "socle_evenements"
    id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    )
    type: str = Field(sa_column=Column(texte(64), nullable=False))
    objet: str = Field(sa_column=Column(texte(64), nullable=False))
    charge: dict[str, Any] = Field(sa_column=Column(JsonB, nullable=False))
    cree_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    essais: int = 0
    prendre_apres: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    livre_le: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
    mort: bool = False
    erreur: str | None = None
    __table_args__ = (Index("socle_evenements_attente", "livre_le", "mort", "id"),)


class Tache(SocleTable, table=True):
    """A job: work promised in a transaction, taken under a lease, resumed after a crash."""

    __tablename__ = "socle_taches"
    id: UUID = Field(primary_key=True)
    type: str = Field(sa_column=Column(texte(64), nullable=False))
    charge: dict[str, Any] = Field(sa_column=Column(JsonB, nullable=False))
    etat: str = Field(sa_column=Column(texte(16), nullable=False))
    essais: int = 0
    prendre_apres: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    bail_jusqu_a: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
    proprietaire: str | None = None
    erreur: str | None = None
    cree_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    __table_args__ = (Index("socle_taches_attente", "etat", "prendre_apres"),)


class CleIdempotence(SocleTable, table=True):
    """One answer already given to (client, key): its request's fingerprint and the answer itself."""

    __tablename__ = "socle_cles_idempotence"
    client: str = Field(sa_column=Column(texte(128), primary_key=True))
    cle: str = Field(sa_column=Column(texte(64), primary_key=True))
    empreinte: str = Field(sa_column=Column(texte(64), nullable=False))
    statut: int
    entetes: dict[str, Any] = Field(sa_column=Column(JsonB, nullable=False))
    corps: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    cree_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False, index=True))


class LigneAudit(SocleTable, table=True):
    """One link of the audit chain; `h` seals the row and its predecessor."""

    __tablename__ = "socle_audit"
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    acteur: str = Field(sa_column=Column(texte(128), nullable=False))
    action: str = Field(sa_column=Column(texte(64), nullable=False))
    objet: str = Field(sa_column=Column(texte(128), nullable=False))
    version_avant: int | None = None
    version_apres: int | None = None
    motif: str | None = None
    trace: str | None = None
    precedent: str = Field(sa_column=Column(texte(64), nullable=False))
    h: str = Field(sa_column=Column(texte(64), nullable=False))


class LienAction(OptionTable, table=True):
    """A link that lets one person do one thing once; `condense` is the SHA-256 of its secret."""

    __tablename__ = "socle_liens_action"
    condense: str = Field(sa_column=Column(texte(64), primary_key=True))
    action: str = Field(sa_column=Column(texte(32), nullable=False))
    objet: str = Field(sa_column=Column(texte(128), nullable=False))
    version: int
    destinataire: str = Field(sa_column=Column(texte(254), nullable=False))
    cree_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    expire_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    utilise_le: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
    __table_args__ = (Index("socle_liens_action_objet", "action", "objet"),)


colonne = texte


class Courriel(OptionTable, table=True):
    """A message to send; its text goes once it is sent."""

    __tablename__ = "socle_courriels"
    id: UUID = Field(primary_key=True)
    destinataire: str = Field(sa_column=Column(colonne(254), nullable=False))
    sujet: str
    texte: str
    cree_le: datetime = Field(sa_column=Column(InstantUTC, nullable=False))
    envoye_le: datetime | None = Field(default=None, sa_column=Column(InstantUTC))
