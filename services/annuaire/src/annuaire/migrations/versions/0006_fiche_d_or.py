"""Several records bear on one place: its own place for each, where merged places went, and the history of places.

Phase: expand. Locks: `fiches` is copied on SQLite, rewritten under a short lock on PostgreSQL.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from socle.donnees.types import InstantUTC, JsonB, texte

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fiches", sa.Column("lieu_propre", sa.Uuid))
    op.execute("UPDATE fiches SET lieu_propre = lieu_id")
    with op.batch_alter_table("fiches") as fiches:
        fiches.alter_column("lieu_propre", existing_type=sa.Uuid, nullable=False)
    op.create_index("ix_fiches_lieu_propre", "fiches", ["lieu_propre"])
    op.add_column("lieux", sa.Column("partage", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("lieux", sa.Column("fusionne_dans", sa.Uuid))
    with op.batch_alter_table("lieux") as lieux:
        lieux.alter_column("partage", existing_type=sa.Boolean, existing_nullable=False, server_default=None)
    op.create_index("ix_lieux_fusionne_dans", "lieux", ["fusionne_dans"])
    op.create_table(
        "lieux_historique",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("lieu_id", sa.Uuid, nullable=False),
        sa.Column("le", InstantUTC, nullable=False),
        sa.Column("evenement", texte(16), nullable=False),
        sa.Column("champs", JsonB, nullable=False),
    )
    op.create_index("ix_lieux_historique_le", "lieux_historique", ["le"])
    op.create_index("lieux_historique_lieu", "lieux_historique", ["lieu_id", "id"])


def downgrade() -> None:
    op.drop_table("lieux_historique")
    op.drop_index("ix_lieux_fusionne_dans", "lieux")
    with op.batch_alter_table("lieux") as lieux:
        lieux.drop_column("fusionne_dans")
        lieux.drop_column("partage")
    op.drop_index("ix_fiches_lieu_propre", "fiches")
    with op.batch_alter_table("fiches") as fiches:
        fiches.drop_column("lieu_propre")
