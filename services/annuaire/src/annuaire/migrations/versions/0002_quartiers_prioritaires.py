"""Layer of priority quarters.

Phase: expand. Locks: none, the tables are new.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from socle.donnees.types import InstantUTC, JsonB, texte

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "couches",
        sa.Column("nom", texte(16), primary_key=True),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("licence", sa.String, nullable=False),
        sa.Column("millesime", sa.Integer, nullable=False),
        sa.Column("empreinte", texte(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("charge_le", InstantUTC, nullable=False),
    )
    op.create_table(
        "quartiers_prioritaires",
        sa.Column("code", texte(8), primary_key=True),
        sa.Column("nom", sa.String, nullable=False),
        sa.Column("communes", JsonB, nullable=False),
        sa.Column("contour", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("quartiers_prioritaires")
    op.drop_table("couches")
