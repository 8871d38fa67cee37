"""Exceptional closings of places, and the counter that says they changed.

Phase: expand. Locks: none, the table is new.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from socle.donnees.types import InstantUTC, texte

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COMPTEURS = sa.table(
    "socle_compteurs",
    sa.column("nom", texte(32)),
    sa.column("n", sa.BigInteger),
    sa.column("epoque", sa.Integer),
    sa.column("tete", texte(64)),
)


def upgrade() -> None:
    op.create_table(
        "fermetures",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("lieu_id", sa.Uuid, nullable=False),
        sa.Column("du", sa.Date, nullable=False),
        sa.Column("au", sa.Date, nullable=False),
        sa.Column("motif", sa.String, nullable=False),
        sa.Column("cree_le", InstantUTC, nullable=False),
    )
    op.create_index("ix_fermetures_lieu_id", "fermetures", ["lieu_id"])
    op.create_index("ix_fermetures_au", "fermetures", ["au"])
    op.bulk_insert(_COMPTEURS, [{"nom": "fermetures", "n": 0, "epoque": 0, "tete": ""}])


def downgrade() -> None:
    op.execute(_COMPTEURS.delete().where(_COMPTEURS.c.nom == "fermetures"))
    op.drop_table("fermetures")
