"""A pack, as the contract describes it. It is sent as bytes: these models document them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

Heure = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$", examples=["09:00"])]


class CreneauLu(BaseModel):
    """Une plage d'une journée, à l'heure de l'endroit, `a` exclu. Entre les plages, le lieu est fermé."""

    de: Heure
    a: Heure
    etat: Literal["ouvert", "ouvert_sur_rdv", "inconnu"]
    passage: Annotated[
        int | None, Field(description="D'un lieu itinérant : l'arrêt, par sa place dans `passages` ; absent ailleurs.")
    ] = None


class ArretEmporte(BaseModel):
    """Un arrêt d'un lieu itinérant."""

    latitude: float | None
    longitude: float | None
    adresse: str | None
    commune: str | None


class DecalageLu(BaseModel):
    """Le décalage d'un fuseau avec UTC à partir d'un instant, jusqu'au suivant."""

    depuis: datetime
    minutes: Annotated[int, Field(description="Minutes à ajouter à l'heure UTC.", examples=[120])]


class LicenceLue(BaseModel):
    """Une licence, et les sources à citer qui publient sous elle."""

    licence: str
    sources: list[str]


class LieuEmporte(BaseModel):
    """Un lieu en abrégé, et ses plages d'ouverture, exceptions comprises (jours fériés, fermetures)."""

    id: UUID
    nom: str
    adresse: str | None
    code_postal: str | None
    commune: str | None
    latitude: float | None
    longitude: float | None
    telephone: str | None
    modalites_acces: list[str]
    frais_a_charge: list[str]
    services: list[str]
    verifie_le: datetime | None
    licence: str
    sans_public: Annotated[bool, Field(description="Ce lieu ne reçoit personne : il est toujours fermé.")]
    fuseau: Annotated[str, Field(description="Fuseau horaire (IANA) de ses plages, parmi `fuseaux`.")]
    passages: Annotated[list[ArretEmporte], Field(description="Arrêts d'un lieu itinérant.")]
    creneaux: Annotated[
        list[list[CreneauLu]], Field(description="Une liste par jour, de `du` à `au` ; vide un jour de fermeture.")
    ]


class PaquetLu(BaseModel):
    """Les lieux d'un département et quatorze jours de leurs ouvertures."""

    changement_numero: Annotated[int, Field(description="État de l'annuaire : de là, on suit le flux.")]
    suivre: Annotated[str, Field(description="Adresse du flux des changements, à partir de ce numéro.")]
    departement: str
    du: Annotated[date, Field(description="Premier jour des plages.")]
    au: Annotated[date, Field(description="Dernier jour des plages, compris.")]
    valable_jusqu_a: Annotated[datetime, Field(description="Au-delà, les plages ne disent plus rien.")]
    fuseaux: Annotated[dict[str, list[DecalageLu]], Field(description="Décalages de chaque fuseau du paquet.")]
    licences: list[LicenceLue]
    lieux: list[LieuEmporte]
