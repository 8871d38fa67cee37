"""Shared tables as version 4 changes them: how an endpoint of notifications is signed for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from socle.donnees.types import texte


def ajouter() -> None:
    """Add the scheme of signatures; endpoints registered before keep theirs (`v1`)."""
    op.add_column("socle_webhooks", sa.Column("signature", texte(4), nullable=False, server_default="v1"))


def oter() -> None:
    """Take it away."""
    with op.batch_alter_table("socle_webhooks") as webhooks:
        webhooks.drop_column("signature")
