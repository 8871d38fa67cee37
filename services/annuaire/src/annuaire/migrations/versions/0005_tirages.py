"""Lists that are fetched, and how fresh each source is.

Phase: expand. Locks: short, on `sources` (two columns without a rewrite).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from socle.donnees.types import InstantUTC, texte

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tirages",
        sa.Column("source_id", texte(64), primary_key=True),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("format", texte(16)),
        sa.Column("cadence", texte(64), nullable=False),
        sa.Column("mode", texte(8), nullable=False),
        sa.Column("auth_ref", texte(40)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("etag", sa.String),
        sa.Column("modifie", sa.String),
        sa.Column("run_id", sa.Uuid),
        sa.Column("echecs", sa.Integer, nullable=False),
        sa.Column("issue", texte(32)),
        sa.Column("essai_le", InstantUTC),
        sa.Column("succes_le", InstantUTC),
        sa.Column("prochain_le", InstantUTC, nullable=False),
        sa.Column("promis_le", InstantUTC),
    )
    op.create_index("ix_tirages_prochain_le", "tirages", ["prochain_le"])
    op.add_column("sources", sa.Column("fraiche_le", InstantUTC))
    op.add_column("sources", sa.Column("degradee", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("sources", "degradee")
    op.drop_column("sources", "fraiche_le")
    op.drop_table("tirages")
