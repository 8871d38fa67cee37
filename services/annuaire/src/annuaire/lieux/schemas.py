"""The public document of a place, as the contract describes it. Answers are stored bytes: this model documents them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field


class QpvLu(BaseModel):
    """Le quartier prioritaire du lieu. `dehors` : à plus de 500 m ; `bordure` : à moins de 50 m d'un bord."""

    code: str | None
    nom: str | None
    position: Literal["dedans", "proche", "dehors"]
    distance_m: int | None
    bordure: bool


class OuvertureLue(BaseModel):
    """S'il est ouvert au moment de la réponse, à l'heure de l'endroit. `inconnu` : la source ne le dit pas."""

    etat: Literal["ouvert", "ouvert_sur_rdv", "ferme", "inconnu"]
    ferme_a: Annotated[datetime | None, Field(description="Fin de l'ouverture en cours.")]
    prochaine: Annotated[datetime | None, Field(description="Prochaine ouverture, dans les 14 jours.")]


class FicheLieu(BaseModel):
    """Un lieu : les 32 champs du standard national, puis ceux de Maillage. Un champ inconnu vaut `null` ou `[]`."""

    id: UUID
    pivot: Annotated[str | None, Field(description="SIRET, RNA ou RIDET de la structure.")]
    nom: str
    commune: str | None
    code_postal: str | None
    code_insee: str | None
    adresse: str | None
    complement_adresse: str | None
    latitude: float | None
    longitude: float | None
    typologie: list[str]
    telephone: str | None
    courriels: list[str]
    site_web: list[str]
    horaires: Annotated[str | None, Field(description="Au format OSM opening_hours.")]
    presentation_resume: str | None
    presentation_detail: str | None
    source: str | None
    itinerance: list[str]
    structure_parente: str | None
    date_maj: date | None
    services: list[str]
    publics_specifiquement_adresses: list[str]
    prise_en_charge_specifique: list[str]
    frais_a_charge: list[str]
    dispositif_programmes_nationaux: list[str]
    formations_labels: list[str]
    autres_formations_labels: list[str]
    modalites_acces: list[str]
    modalites_accompagnement: list[str]
    fiche_acces_libre: str | None
    prise_rdv: str | None
    telephones: list[str]
    horaires_brut: Annotated[str | None, Field(description="Les horaires tels que la source les écrit.")]
    structure_id: UUID | None
    departement: str | None
    region: str | None
    epci: str | None
    fuseau: Annotated[str | None, Field(description="Fuseau horaire (IANA).")]
    qpv: QpvLu | None
    sources: list[str]
    licence: str
    verifie_le: datetime | None
    version: int
    modifie_le: datetime
    modifie: Annotated[int, Field(description="Numéro de changement (flux).")]


class LieuLu(FicheLieu):
    """Un lieu, et s'il est ouvert."""

    ouverture: OuvertureLue


class LieuProche(LieuLu):
    """Un lieu, avec sa distance au point demandé quand il y en a un."""

    distance_m: Annotated[int | None, Field(description="Mètres, à vol d'oiseau.")] = None


class PageLieux(BaseModel):
    """Une page de lieux."""

    elements: list[LieuProche]
    suivant: str | None
    total: Annotated[int | None, Field(description="Seulement avec `compte=exact`.")] = None
    valable_jusqu_a: Annotated[
        datetime | None, Field(description="Prochain changement d'état de l'un des lieux de la page.")
    ] = None
