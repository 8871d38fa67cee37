"""Records as they were before each run, so that it may be undone; new keys of records.

Phase: expand. Locks: an instant on `synchronisations` and `synchronisations_plan`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from socle.donnees.types import InstantUTC, JsonB, texte

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("synchronisations") as synchronisations:
        synchronisations.add_column(sa.Column("retour_de", sa.Uuid))
        synchronisations.add_column(sa.Column("source_avant", JsonB))
    with op.batch_alter_table("synchronisations_plan") as plan:
        plan.add_column(sa.Column("ancienne_cle", texte(128)))
    op.create_table(
        "synchronisations_images",
        sa.Column("defait", sa.Uuid, primary_key=True),
        sa.Column("cle", texte(128), primary_key=True),
        sa.Column("source_id", texte(64), nullable=False),
        sa.Column("lieu_id", sa.Uuid, nullable=False),
        sa.Column("lieu_propre", sa.Uuid, nullable=False),
        sa.Column("retiree", sa.Boolean, nullable=False),
        sa.Column("brut", sa.LargeBinary, nullable=False),
        sa.Column("normalise", sa.LargeBinary, nullable=False),
        sa.Column("empreinte", texte(64), nullable=False),
        sa.Column("ligne", sa.Integer, nullable=False),
        sa.Column("run_id", sa.Uuid, nullable=False),
        sa.Column("lue_le", InstantUTC, nullable=False),
        sa.Column("derniere_erreur", JsonB),
    )


def downgrade() -> None:
    op.drop_table("synchronisations_images")
    with op.batch_alter_table("synchronisations_plan") as plan:
        plan.drop_column("ancienne_cle")
    with op.batch_alter_table("synchronisations") as synchronisations:
        synchronisations.drop_column("source_avant")
        synchronisations.drop_column("retour_de")
