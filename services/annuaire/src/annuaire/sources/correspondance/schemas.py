"""What is said of a version of a correspondence, and what is received."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, RootModel

from annuaire.correspondances.document.ecriture import ADRESSE

EXEMPLE: dict[str, Any] = {
    "maillage": 1,
    "cle": "Identifiant",
    "champs": {
        "nom": "Nom du lieu",
        "commune": "Ville",
        "code_postal": "CP",
        "adresse": {"joindre": ["N°", "Voie"]},
        "services": [{"constante": "Aide aux démarches administratives"}],
    },
}


class CorrespondanceEnvoyee(
    RootModel[
        Annotated[
            dict[str, Any],
            Field(description=f"Le document, dont la forme est donnée par `{ADRESSE}`.", examples=[EXEMPLE]),
        ]
    ]
):
    """Un document de correspondance."""


class VersionLue(BaseModel):
    """Une version de la correspondance d'une source."""

    source: str
    version: int
    en_vigueur: Annotated[bool, Field(description="Elle lit les prochains envois de la source.")]
    document: dict[str, Any]
    par: str
    le: datetime
