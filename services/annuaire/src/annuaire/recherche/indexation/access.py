"""Who may see and mend the search index: administrators."""

from __future__ import annotations

from typing import Annotated

from socle.acces.politique import Portee
from socle.acces.principal import Principal

Administrateur = Annotated[Principal, Portee("sync:admin")]
