"""What is said of the search index."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field


class Avancement(BaseModel):
    """Une reconstruction en cours."""

    motif: str
    fiches: Annotated[int, Field(description="Fiches déjà chargées.")]
    total: Annotated[int, Field(description="Fiches à charger, telles que comptées au début.")]


class Reconstruction(BaseModel):
    """La dernière reconstruction faite par ce processus."""

    le: datetime
    motif: str
    reussie: bool
    detail: str | None


class Verification(BaseModel):
    """La dernière comparaison de l'index et de l'annuaire."""

    le: datetime
    fiches: int
    ecarts: Annotated[int, Field(description="Fiches qui différaient, changements en route mis à part.")]
    repares: Annotated[int, Field(description="Celles qui ne diffèrent plus ; s'il en reste, l'index est reconstruit.")]


class FicheRefusee(BaseModel):
    """Une fiche que le moteur refuse ; elle est réessayée à son prochain changement et à chaque vérification."""

    id: UUID
    version: int
    erreur: str
    essais: int
    le: datetime


class EtatDuMoteur(BaseModel):
    """Où en est un moteur."""

    moteur: str
    role: Annotated[
        Literal["indexe", "veille"], Field(description="`veille` : un autre processus l'alimente, celui-ci attend.")
    ]
    etat: Annotated[
        Literal["pret", "construction", "a_construire"],
        Field(description="`construction` avec une `generation` : l'ancien index répond pendant ce temps."),
    ]
    generation: str | None
    fiches: int
    position: Annotated[int | None, Field(description="Numéro jusqu'où chaque changement est cherchable.")]
    dernier_numero: int
    retard_s: Annotated[float, Field(description="Âge du plus ancien changement pas encore cherchable, en secondes.")]
    taches_ouvertes: int
    reconstruction: Avancement | None
    derniere_reconstruction: Reconstruction | None
    derniere_verification: Verification | None
    quarantaine: list[FicheRefusee]
    erreur: Annotated[str | None, Field(description="Ce qui arrête l'indexation, s'il y a quelque chose.")]


class EtatDeLIndex(BaseModel):
    """Où en est la recherche, moteur par moteur."""

    moteurs: list[EtatDuMoteur]
