"""Who may export what is not public."""

from __future__ import annotations

from typing import Final

from socle.acces.politique import Politique, autoriser
from socle.acces.principal import Principal

FICHES: Final = Politique("fiches-de-sa-source", portees=frozenset({"sync:write", "sync:force", "sync:admin"}))


def exiger_la_source(principal: Principal, source: str) -> None:
    """Let the key of a source read its own records. Raises `NonAuthentifie` (401), `Interdit` (403)."""
    autoriser(principal, FICHES)
    principal.exiger_source(source)
