"""Who may say that a place closes: a key that writes lists, bound to a source of the place or to none."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from socle.acces.politique import Portee
from socle.acces.principal import Principal
from socle.errors import Interdit

Declarant = Annotated[Principal, Portee("sync:write", "sync:force", "sync:admin")]


def exiger_une_source(principal: Principal, sources: Collection[str]) -> None:
    """Raise `Interdit` when the caller is bound to other sources than those of the place."""
    if not any(principal.peut(source) for source in sources):
        raise Interdit("Cette clé n'ouvre aucune des sources de ce lieu.")
