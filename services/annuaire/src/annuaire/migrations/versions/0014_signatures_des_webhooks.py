"""How an endpoint of notifications is signed for.

Phase: expand. Locks: a short one on `socle_webhooks`; the default is constant, no row is rewritten.
"""

from __future__ import annotations

from socle.donnees.migrations import socle_v4

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    socle_v4.ajouter()


def downgrade() -> None:
    socle_v4.oter()
