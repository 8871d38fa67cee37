"""The tables of `socle.webhooks` as they were first created. Frozen: a change comes as a new module and a migration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from socle.donnees.types import InstantUTC, JsonB, texte


def creer() -> None:
    """Create the tables of notifications."""
    op.create_table(
        "socle_webhooks",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("proprietaire", texte(128), nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("types", JsonB, nullable=False),
        sa.Column("perimetre", JsonB),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("tourne_le", InstantUTC),
        sa.Column("etat", texte(12), nullable=False),
        sa.Column("motif", texte(12)),
        sa.Column("bail_jusqu_a", InstantUTC),
        sa.Column("cree_le", InstantUTC, nullable=False),
    )
    op.create_index("ix_socle_webhooks_proprietaire", "socle_webhooks", ["proprietaire"])
    op.create_table(
        "socle_livraisons",
        sa.Column("rang", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("webhook_id", sa.Uuid, nullable=False),
        sa.Column("evenement", sa.BigInteger, nullable=False),
        sa.Column("type", texte(64), nullable=False),
        sa.Column("corps", sa.LargeBinary, nullable=False),
        sa.Column("etat", texte(12), nullable=False),
        sa.Column("essais", sa.Integer, nullable=False),
        sa.Column("prendre_apres", InstantUTC, nullable=False),
        sa.Column("statut", sa.Integer),
        sa.Column("issue", texte(32)),
        sa.Column("essai_le", InstantUTC),
        sa.Column("cree_le", InstantUTC, nullable=False),
        sa.UniqueConstraint("webhook_id", "evenement", name="socle_livraisons_evenement"),
    )
    op.create_index("ix_socle_livraisons_cree_le", "socle_livraisons", ["cree_le"])
    op.create_index("socle_livraisons_attente", "socle_livraisons", ["etat", "webhook_id", "rang"])


def detruire() -> None:
    """Drop the tables of notifications."""
    op.drop_table("socle_livraisons")
    op.drop_table("socle_webhooks")
