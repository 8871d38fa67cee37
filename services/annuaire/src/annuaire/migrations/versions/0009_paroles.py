"""Action links and mail, for what places say of themselves.

Phase: expand. Locks: none, the tables are new.
"""

from __future__ import annotations

from socle.donnees.migrations import socle_v2

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    socle_v2.creer()


def downgrade() -> None:
    socle_v2.detruire()
