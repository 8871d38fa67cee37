"""What a place may say of itself."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Texte = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Valeurs = Annotated[list[Texte], Field(min_length=1, max_length=50)]


class Parole(BaseModel):
    """Ce que le lieu dit de lui-même ; un champ absent reste aux listes, et l'adresse aussi."""

    model_config = ConfigDict(extra="forbid")

    nom: Texte | None = None
    telephone: Valeurs | None = None
    courriels: Valeurs | None = None
    site_web: Valeurs | None = None
    horaires: Annotated[
        Texte | None, Field(description="Format OSM, ou en français simple.", examples=["Mo-Fr 09:00-12:00"])
    ] = None
    presentation_resume: Texte | None = None
    prise_rdv: Texte | None = None
    services: Valeurs | None = None
    frais_a_charge: Valeurs | None = None
    modalites_acces: Valeurs | None = None
    accessibilite: Texte | None = None
    langues: Valeurs | None = None


class ParoleLue(BaseModel):
    """Ce que le lieu a dit de lui-même, et quand il l'a vérifié."""

    lieu_id: UUID
    parole: Parole
    verifie_le: datetime | None


class LienEnvoye(BaseModel):
    """Un lien est parti au courriel publié du lieu."""

    envoye_a: Annotated[str, Field(examples=["a…@exemple.fr"])]


class CampagneFaite(BaseModel):
    """Ce qu'une campagne a envoyé."""

    envoyes: Annotated[int, Field(description="Liens envoyés.")]
    sans_courriel: Annotated[int, Field(description="Lieux sans courriel publié.")]
    deja_demandes: Annotated[int, Field(description="Lieux à qui un lien a été envoyé depuis 30 jours.")]
    reste: Annotated[bool, Field(description="Il reste des lieux : renvoyez la même demande, avec une autre clé.")]
