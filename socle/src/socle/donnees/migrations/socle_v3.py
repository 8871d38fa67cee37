"""Shared tables added to version 2: action links, and mail to send."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from socle.donnees.types import InstantUTC, texte


def creer() -> None:
    """Create the tables."""
    op.create_table(
        "socle_liens_action",
        sa.Column("condense", texte(64), primary_key=True),
        sa.Column("action", texte(32), nullable=False),
        sa.Column("objet", texte(128), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("destinataire", texte(254), nullable=False),
        sa.Column("cree_le", InstantUTC, nullable=False),
        sa.Column("expire_le", InstantUTC, nullable=False),
        sa.Column("utilise_le", InstantUTC),
    )
    op.create_index("socle_liens_action_objet", "socle_liens_action", ["action", "objet"])
    op.create_table(
        "socle_courriels",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("destinataire", texte(254), nullable=False),
        sa.Column("sujet", sa.String, nullable=False),
        sa.Column("texte", sa.String, nullable=False),
        sa.Column("cree_le", InstantUTC, nullable=False),
        sa.Column("envoye_le", InstantUTC),
    )


def detruire() -> None:
    """Drop the tables."""
    op.drop_table("socle_courriels")
    op.drop_table("socle_liens_action")
