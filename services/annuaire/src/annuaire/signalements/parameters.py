"""Parameters of the reports' routes."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from socle.web.pagination import ParametresPage

from annuaire.signalements.schemas import Etat


class ParametresSignalements(ParametresPage):
    """Filtres des signalements d'une source."""

    model_config = ConfigDict(extra="forbid")

    etat: Annotated[list[Etat], Field(default_factory=list, max_length=4, description="État ; plusieurs s'ajoutent.")]
