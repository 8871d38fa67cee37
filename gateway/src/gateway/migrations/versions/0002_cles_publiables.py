"""Publishable keys: a key that says which application calls, and opens nothing.

Phase: expand. Locks: a column with a constant default is added without rewriting the table.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cles", sa.Column("publiable", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("cles", "publiable")
