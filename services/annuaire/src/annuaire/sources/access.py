"""Who may read, create and change sources."""

from __future__ import annotations

from typing import Annotated

from socle.acces.politique import Portee
from socle.acces.principal import Principal
from socle.errors import Interdit

ADMIN = "sync:admin"

Lecteur = Annotated[Principal, Portee("sync:write", "sync:force", ADMIN)]
Gestionnaire = Annotated[Principal, Portee("sync:write", ADMIN)]
"""A key that writes lists; what it may change of its source, `service.modifier` says."""
Administrateur = Annotated[Principal, Portee(ADMIN)]


def exiger_libre(principal: Principal) -> None:
    """Refuse a key bound to a source, which creates no other. Raises `Interdit`."""
    if principal.sources is not None:
        raise Interdit("Une clé liée à une source ne peut pas en créer d'autres.")
