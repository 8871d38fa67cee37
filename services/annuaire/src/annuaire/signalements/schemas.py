"""What is said of a report, to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Motif = Literal[
    "ferme_definitivement", "horaires_faux", "coordonnees_fausses", "doublon", "accessibilite", "autre"
]  # fmt: skip
Etat = Literal["recu", "transmis", "repondu", "clos"]
Texte = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$"),
]
Courriel = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^[^\s@<>()|;,\x00-\x1f]{1,64}@[A-Za-z0-9.-]{3,189}$")
]


class SignalementAFaire(BaseModel):
    """Ce qui ne va pas. Le texte et l'adresse ne vont qu'à la source du lieu, jamais au public."""

    model_config = ConfigDict(extra="forbid")

    motif: Annotated[Motif, Field(examples=["horaires_faux"])]
    texte: Annotated[Texte | None, Field(description="1 000 caractères au plus.")] = None
    courriel: Annotated[Courriel | None, Field(description="Pour être joint par la source ; effacé ensuite.")] = None

    @model_validator(mode="after")
    def _verifier(self) -> SignalementAFaire:
        if self.motif == "autre" and self.texte is None:
            raise ValueError("le motif `autre` demande un texte")
        return self


class SignalementPublic(BaseModel):
    """Un signalement, sans ce que la personne a écrit."""

    id: UUID
    motif: Motif
    etat: Etat
    reponse: Annotated[str | None, Field(description="Réponse publique de la source.")]
    cree_le: datetime
    modifie_le: datetime


class SignalementSuivi(SignalementPublic):
    """Un signalement, pour la personne qui l'a fait."""

    lieu_id: UUID
    texte: str | None


class SignalementFait(SignalementPublic):
    """Un signalement reçu, et l'adresse secrète où le suivre."""

    suivi: Annotated[str, Field(description="Adresse à garder : elle n'est donnée qu'une fois.")]


class SignalementTransmis(SignalementSuivi):
    """Un signalement, pour la source du lieu."""

    courriel: str | None
    version: int
    efface_apres: Annotated[datetime, Field(description="Après cet instant, le texte et l'adresse sont effacés.")]


class SuiteDonnee(BaseModel):
    """Ce que la source fait d'un signalement."""

    model_config = ConfigDict(extra="forbid")

    etat: Annotated[Literal["transmis", "repondu", "clos"], Field(examples=["repondu"])]
    reponse: Annotated[Texte | None, Field(description="Publique : ne nommez personne.")] = None

    @model_validator(mode="after")
    def _verifier(self) -> SuiteDonnee:
        if self.etat == "repondu" and self.reponse is None:
            raise ValueError("`repondu` demande une réponse")
        return self
