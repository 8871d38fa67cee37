"""What is said of an exceptional closing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from socle.web.instants import Jour

DUREE_MAX = timedelta(days=366)

Motif = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
]


class FermetureADeclarer(BaseModel):
    """Une fermeture exceptionnelle : des journées entières, premier et dernier jour compris, à l'heure du lieu."""

    model_config = ConfigDict(extra="forbid")

    du: Annotated[Jour, Field(description="Premier jour.", examples=["2027-08-02"])]
    au: Annotated[Jour, Field(description="Dernier jour, compris.", examples=["2027-08-13"])]
    motif: Annotated[Motif, Field(description="Dit au public.", examples=["Congés d'été"])]

    @model_validator(mode="after")
    def _verifier(self) -> FermetureADeclarer:
        if self.au < self.du:
            raise ValueError("`au` précède `du`")
        if self.au - self.du > DUREE_MAX:
            raise ValueError("une fermeture exceptionnelle dure un an au plus")
        return self


class FermetureLue(BaseModel):
    """Une fermeture exceptionnelle."""

    id: UUID
    du: date
    au: date
    motif: str
    cree_le: datetime


class Fermetures(BaseModel):
    """Les fermetures en cours et à venir, dans l'ordre."""

    elements: list[FermetureLue]
    suivant: Annotated[None, Field(description="Toujours null : elles tiennent en une page.")] = None
