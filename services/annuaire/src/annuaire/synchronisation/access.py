"""Who may synchronise a source, and who may force a held run."""

from __future__ import annotations

from typing import Annotated

from socle.acces.politique import Portee
from socle.acces.principal import Principal

SYNC, FORCE, ADMIN = "sync:write", "sync:force", "sync:admin"

Synchroniseur = Annotated[Principal, Portee(SYNC, FORCE, ADMIN)]
"""A key that writes lists; `exiger_source` then binds it to its own sources."""
