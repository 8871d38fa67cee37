"""Duplicates: blocks that find them, pairs found, decisions of people.

Phase: expand. Locks: none, the tables are new.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from socle.donnees.types import InstantUTC, JsonB, texte

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "doublons_blocs",
        sa.Column("bloc", texte(96), primary_key=True),
        sa.Column("source_id", texte(64), primary_key=True),
        sa.Column("cle", texte(128), primary_key=True),
    )
    op.create_index("doublons_blocs_fiche", "doublons_blocs", ["source_id", "cle"])
    op.create_table(
        "doublons",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("source_a", texte(64), nullable=False),
        sa.Column("cle_a", texte(128), nullable=False),
        sa.Column("source_b", texte(64), nullable=False),
        sa.Column("cle_b", texte(128), nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("motifs", JsonB, nullable=False),
        sa.Column("meilleure", sa.Boolean, nullable=False),
        sa.Column("decision", texte(12)),
        sa.Column("decide_par", texte(128)),
        sa.Column("decide_le", InstantUTC),
        sa.Column("trouve_le", InstantUTC, nullable=False),
    )
    op.create_index("doublons_paire", "doublons", ["source_a", "cle_a", "source_b", "cle_b"], unique=True)
    op.create_index("doublons_autre", "doublons", ["source_b", "cle_b"])
    op.create_index("doublons_file", "doublons", ["decision", "meilleure", "id"])


def downgrade() -> None:
    op.drop_table("doublons")
    op.drop_table("doublons_blocs")
