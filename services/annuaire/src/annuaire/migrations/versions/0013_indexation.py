"""What search keeps of each engine that it feeds, and the records that an engine refuses.

Phase: expand. Locks: none, the tables are new.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from socle.donnees.types import InstantUTC, JsonB, texte

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recherche_moteurs",
        sa.Column("moteur", texte(32), primary_key=True),
        sa.Column("position", sa.BigInteger),
        sa.Column("generation", texte(64)),
        sa.Column("reglages", texte(128)),
        sa.Column("chantier", texte(64)),
        sa.Column("taches", JsonB),
        sa.Column("proprietaire", texte(64)),
        sa.Column("bail_jusqu_a", InstantUTC),
        sa.Column("demande", texte(16)),
        sa.Column("etat", JsonB),
    )
    op.create_table(
        "recherche_quarantaine",
        sa.Column("moteur", texte(32), primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("v", sa.BigInteger, nullable=False),
        sa.Column("erreur", texte(500), nullable=False),
        sa.Column("essais", sa.Integer, nullable=False),
        sa.Column("le", InstantUTC, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("recherche_quarantaine")
    op.drop_table("recherche_moteurs")
