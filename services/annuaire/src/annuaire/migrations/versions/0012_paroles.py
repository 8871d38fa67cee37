"""Action links and mail, for what places say of themselves.

Phase: expand. Locks: none, the tables are new.
"""

from __future__ import annotations

from socle.donnees.migrations import socle_v3

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    socle_v3.creer()


def downgrade() -> None:
    socle_v3.detruire()
