"""What a source commits to, how its lists are read, and how its fields rank against those of other sources.

Phase: expand. Locks: an instant on `sources`, a small table.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from socle.donnees.types import JsonB, texte

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sources") as sources:
        sources.add_column(sa.Column("programme", texte(64)))
        sources.add_column(sa.Column("rangs", JsonB))
        sources.add_column(sa.Column("vide_fait_foi", sa.Boolean, nullable=False, server_default=sa.false()))
        sources.add_column(sa.Column("engagement", JsonB))
        sources.add_column(sa.Column("reglages", JsonB))


def downgrade() -> None:
    with op.batch_alter_table("sources") as sources:
        for colonne in ("reglages", "engagement", "vide_fait_foi", "rangs", "programme"):
            sources.drop_column(colonne)
