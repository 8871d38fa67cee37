"""Reports on places.

Phase: expand. Locks: none, the table is new.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from socle.donnees.types import InstantUTC, texte

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signalements",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("lieu_id", sa.Uuid, nullable=False),
        sa.Column("motif", texte(32), nullable=False),
        sa.Column("texte", sa.String),
        sa.Column("courriel", sa.String),
        sa.Column("etat", texte(16), nullable=False),
        sa.Column("reponse", sa.String),
        sa.Column("suivi", texte(64), nullable=False, unique=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("cree_le", InstantUTC, nullable=False),
        sa.Column("modifie_le", InstantUTC, nullable=False),
        sa.Column("efface_apres", InstantUTC, nullable=False),
    )
    op.create_index("ix_signalements_lieu_id", "signalements", ["lieu_id"])
    op.create_index("ix_signalements_efface_apres", "signalements", ["efface_apres"])


def downgrade() -> None:
    op.drop_table("signalements")
