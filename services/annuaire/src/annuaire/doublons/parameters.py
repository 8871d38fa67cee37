"""Parameters of the duplicates' routes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from socle.web.pagination import ParametresPage

from annuaire.lieux.filtres import IdSource


class ParametresDoublons(ParametresPage):
    """Doublons demandés."""

    model_config = ConfigDict(extra="forbid")

    etat: Annotated[
        Literal["a_voir", "fusion", "distincts"],
        Field(description="`a_voir` : personne n'a décidé ; `fusion`, `distincts` : ce qui a été décidé."),
    ] = "a_voir"
    source: Annotated[IdSource | None, Field(description="Seulement ceux de cette source.")] = None
