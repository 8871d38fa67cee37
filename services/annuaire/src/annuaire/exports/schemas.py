"""What is said of an export beside its rows."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field


class PertesStrictes(BaseModel):
    """Ce que l'écriture stricte du standard laisse de côté."""

    changement_numero: Annotated[int, Field(description="État de l'annuaire où cela a été compté.")]
    lignes: Annotated[int, Field(description="Lieux de l'export.")]
    lignes_touchees: Annotated[int, Field(description="Lieux dont une colonne au moins perd quelque chose.")]
    obligatoires_vides: Annotated[
        dict[str, int],
        Field(
            description="Par colonne que le schéma veut remplie, les lieux où nul ne la connaît : rien n'est inventé.",
            examples=[{"pivot": 7}],
        ),
    ]
    pertes: Annotated[
        dict[str, int],
        Field(description="Par colonne, les lieux qui y perdent.", examples=[{"telephone": 12, "horaires": 40}]),
    ]
    hors_du_standard: Annotated[
        dict[str, int],
        Field(
            description="Par champ que le standard n'a pas, les lieux qui en disent quelque chose : aucun tableau ne "
            "le porte, les exports JSON, NDJSON et GeoJSON si.",
            examples=[{"passages": 3}],
        ),
    ]
