"""First tables: the shared ground, access keys.

Phase: expand. Locks: none, the tables are new.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from socle.donnees.migrations import socle_v1
from socle.donnees.types import InstantUTC, JsonB, texte

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    socle_v1.creer()
    op.create_table(
        "cles",
        sa.Column("id", texte(10), primary_key=True),
        sa.Column("nom", sa.String, nullable=False),
        sa.Column("empreinte", texte(64), nullable=False),
        sa.Column("portees", JsonB, nullable=False),
        sa.Column("sources", JsonB),
        sa.Column("reseaux", JsonB),
        sa.Column("creee_par", texte(64), nullable=False),
        sa.Column("creee_le", InstantUTC, nullable=False),
        sa.Column("expire_le", InstantUTC, nullable=False),
        sa.Column("revoquee_le", InstantUTC),
        sa.Column("utilisee_le", InstantUTC),
    )


def downgrade() -> None:
    op.drop_table("cles")
    socle_v1.detruire()
