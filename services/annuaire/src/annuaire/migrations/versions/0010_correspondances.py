"""Correspondences of sources, and where each field of a record comes from.

Phase: expand. Locks: short, on `sources`, `synchronisations`, `synchronisations_plan`,
`synchronisations_images` and `fiches` (columns without a rewrite).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from socle.donnees.types import InstantUTC, JsonB, texte

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "correspondances",
        sa.Column("source_id", texte(64), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("document", JsonB, nullable=False),
        sa.Column("empreinte", texte(64), nullable=False),
        sa.Column("par", texte(128), nullable=False),
        sa.Column("le", InstantUTC, nullable=False),
    )
    op.add_column("sources", sa.Column("correspondance", sa.Integer))
    op.add_column("synchronisations", sa.Column("correspondance", sa.Integer))
    op.add_column("synchronisations_plan", sa.Column("origines", JsonB))
    op.add_column("fiches", sa.Column("origines", JsonB))
    op.add_column("synchronisations_images", sa.Column("origines", JsonB))


def downgrade() -> None:
    op.drop_column("synchronisations_images", "origines")
    op.drop_column("fiches", "origines")
    op.drop_column("synchronisations_plan", "origines")
    op.drop_column("synchronisations", "correspondance")
    op.drop_column("sources", "correspondance")
    op.drop_table("correspondances")
