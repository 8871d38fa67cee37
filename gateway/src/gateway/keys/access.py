"""Who may administer the keys."""

from __future__ import annotations

from typing import Annotated

from socle.acces.politique import Portee
from socle.acces.principal import Principal

Administrateur = Annotated[Principal, Portee("cles:admin")]
