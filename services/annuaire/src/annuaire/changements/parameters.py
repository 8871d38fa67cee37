"""Parameters of the change feed, with the names of the RPDE specification."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from socle.donnees.feed import NUMERO_MAX


class ParametresFlux(BaseModel):
    """Où reprendre le flux."""

    model_config = ConfigDict(extra="forbid")

    afterChangeNumber: Annotated[
        int, Field(ge=0, le=NUMERO_MAX, description="Dernier numéro déjà lu ; 0 pour commencer.")
    ] = 0
    limit: Annotated[int, Field(ge=1, le=2000, description="Nombre d'éléments par page.")] = 500
    wait: Annotated[
        int, Field(ge=0, le=25, description="En fin de flux, attendre un changement au plus ce nombre de secondes.")
    ] = 0
