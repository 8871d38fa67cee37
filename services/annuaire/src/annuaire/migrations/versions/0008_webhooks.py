"""Notifications posted to re-users.

Phase: expand. Locks: none, the tables are new.
"""

from __future__ import annotations

from socle.donnees.migrations import socle_v2

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    socle_v2.creer()


def downgrade() -> None:
    socle_v2.detruire()
