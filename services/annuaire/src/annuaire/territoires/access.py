"""Who may load a layer."""

from __future__ import annotations

from typing import Annotated

from socle.acces.politique import Portee
from socle.acces.principal import Principal
from socle.errors import Interdit

Administrateur = Annotated[Principal, Portee("sync:admin")]


def exiger_libre(principal: Principal) -> None:
    """Refuse a key bound to a source, which loads no layer. Raises `Interdit`."""
    if principal.sources is not None:
        raise Interdit("Une clé liée à une source ne peut pas charger de couche.")
