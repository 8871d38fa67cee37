"""Who may see and settle duplicates: who sends lists sees those of its sources, who may force a list settles them."""

from __future__ import annotations

from typing import Annotated

from socle.acces.politique import Portee
from socle.acces.principal import Principal

Lecteur = Annotated[Principal, Portee("sync:write", "sync:force", "sync:admin")]
Arbitre = Annotated[Principal, Portee("sync:force", "sync:admin")]
Administrateur = Annotated[Principal, Portee("sync:admin")]
