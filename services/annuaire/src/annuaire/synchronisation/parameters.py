"""Parameters of the synchronisation routes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from socle.web.pagination import ParametresPage

from annuaire.synchronisation.schemas import Action, Mode, Severite


class ParametresReception(BaseModel):
    """Comment lire la liste envoyée."""

    model_config = ConfigDict(extra="forbid")

    mode: Annotated[
        Mode,
        Field(description="`complet` : ce qui n'y est plus est retiré. `delta` : le reste n'est pas touché."),
    ] = "complet"
    essai: Annotated[bool, Field(description="S'arrêter au plan, sans rien changer.")] = False
    correspondance: Annotated[
        int | None,
        Field(
            ge=1, le=2_000_000_000, description="Version de la correspondance qui lit cette liste (celle en vigueur)."
        ),
    ] = None


class ParametresPlan(ParametresPage):
    """Page d'un plan."""

    action: Annotated[Action | None, Field(description="Seulement ces lignes.")] = None


class ParametresRapport(ParametresPage):
    """Page d'un rapport."""

    code: Annotated[str | None, Field(max_length=48, description="Seulement ce code.")] = None
    severite: Annotated[Severite | None, Field(description="Seulement cette sévérité.")] = None
