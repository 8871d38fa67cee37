"""The tables of `socle.donnees` as they were first created. Frozen: a change comes as a new module and a migration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from socle.donnees.types import InstantUTC, JsonB, texte

TABLES = (
    "socle_compteurs", "socle_epoques", "socle_publications", "socle_evenements", "socle_taches",
    "socle_cles_idempotence", "socle_audit",
)  # fmt: skip


def creer() -> None:
    """Create the shared tables and their two counter rows."""
    compteurs = op.create_table(
        "socle_compteurs",
        sa.Column("nom", texte(32), primary_key=True),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.Column("epoque", sa.Integer, nullable=False),
        sa.Column("tete", texte(64), nullable=False),
    )
    op.bulk_insert(compteurs, [{"nom": nom, "n": 0, "epoque": 0, "tete": ""} for nom in ("changements", "audit")])
    op.create_table(
        "socle_epoques",
        sa.Column("epoque", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("n_restaure", sa.BigInteger, nullable=False),
        sa.Column("le", InstantUTC, nullable=False),
    )
    op.create_table(
        "socle_publications",
        sa.Column("kind", texte(32), primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("numero", sa.BigInteger),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("supprime", sa.Boolean, nullable=False),
        sa.Column("document", sa.LargeBinary),
        sa.Column("empreinte", texte(64), nullable=False),
        sa.Column("modifie_le", InstantUTC, nullable=False),
        sa.Column("redirection", sa.Uuid),
        sa.Column("lot", texte(32)),
        sa.Column("rang", sa.Integer, nullable=False),
    )
    op.create_index("socle_publications_fil", "socle_publications", ["kind", "numero"], unique=True)
    op.create_index(
        "socle_publications_lot", "socle_publications", ["lot"],
        sqlite_where=sa.text("lot IS NOT NULL"), postgresql_where=sa.text("lot IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "socle_evenements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("type", texte(64), nullable=False),
        sa.Column("objet", texte(64), nullable=False),
        sa.Column("charge", JsonB, nullable=False),
        sa.Column("cree_le", InstantUTC, nullable=False),
        sa.Column("essais", sa.Integer, nullable=False),
        sa.Column("prendre_apres", InstantUTC, nullable=False),
        sa.Column("livre_le", InstantUTC),
        sa.Column("mort", sa.Boolean, nullable=False),
        sa.Column("erreur", sa.String),
    )
    op.create_index("socle_evenements_attente", "socle_evenements", ["livre_le", "mort", "id"])
    op.create_table(
        "socle_taches",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("type", texte(64), nullable=False),
        sa.Column("charge", JsonB, nullable=False),
        sa.Column("etat", texte(16), nullable=False),
        sa.Column("essais", sa.Integer, nullable=False),
        sa.Column("prendre_apres", InstantUTC, nullable=False),
        sa.Column("bail_jusqu_a", InstantUTC),
        sa.Column("proprietaire", sa.String),
        sa.Column("erreur", sa.String),
        sa.Column("cree_le", InstantUTC, nullable=False),
    )
    op.create_index("socle_taches_attente", "socle_taches", ["etat", "prendre_apres"])
    op.create_table(
        "socle_cles_idempotence",
        sa.Column("client", texte(128), primary_key=True),
        sa.Column("cle", texte(64), primary_key=True),
        sa.Column("empreinte", texte(64), nullable=False),
        sa.Column("statut", sa.Integer, nullable=False),
        sa.Column("entetes", JsonB, nullable=False),
        sa.Column("corps", sa.LargeBinary, nullable=False),
        sa.Column("cree_le", InstantUTC, nullable=False),
    )
    op.create_index("ix_socle_cles_idempotence_cree_le", "socle_cles_idempotence", ["cree_le"])
    op.create_table(
        "socle_audit",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("le", InstantUTC, nullable=False),
        sa.Column("acteur", texte(128), nullable=False),
        sa.Column("action", texte(64), nullable=False),
        sa.Column("objet", texte(128), nullable=False),
        sa.Column("version_avant", sa.Integer),
        sa.Column("version_apres", sa.Integer),
        sa.Column("motif", sa.String),
        sa.Column("trace", sa.String),
        sa.Column("precedent", texte(64), nullable=False),
        sa.Column("h", texte(64), nullable=False),
    )


def detruire() -> None:
    """Drop the shared tables."""
    for table in reversed(TABLES):
        op.drop_table(table)
