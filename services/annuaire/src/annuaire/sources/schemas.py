"""What is said of a source, what is asked to create one, and what may be changed of it."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from annuaire.correspondances.document.modele import Delimiteur, Encodage
from annuaire.lieux.normalise import LieuNormalise
from annuaire.referentiels.licences import LICENCE_OUVERTE

IdSource = Annotated[
    str,
    Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", description="Identifiant court.", examples=["hub-exemple"]),
]

ChampDeCle = Literal["pivot", "nom", "commune", "code_postal", "code_insee", "adresse", "telephone"]
"""Fields that may make the key of a row without `id`: those that name a place and last."""

_CHAMPS = tuple(champ.name for champ in fields(LieuNormalise))


def _champ_connu(nom: str) -> str:
    if nom not in _CHAMPS:
        raise ValueError(f"« {nom[:40]} » n'est pas un champ d'un lieu : {', '.join(_CHAMPS)}.")
    return nom


ChampDeLieu = Annotated[str, AfterValidator(_champ_connu), Field(json_schema_extra={"enum": list(_CHAMPS)})]


Rang = Annotated[int, Field(ge=1, le=90)]


class Reglages(BaseModel):
    """Comment lire les fichiers d'une source. Ce qui n'est pas réglé est deviné, et la synchronisation le dit."""

    model_config = ConfigDict(extra="forbid")

    encodage: Annotated[Encodage | None, Field(description="CSV : les caractères.")] = None
    delimiteur: Annotated[Delimiteur | None, Field(description="CSV : ce qui sépare.")] = None
    feuille: Annotated[
        str | None, Field(min_length=1, max_length=255, description="Classeur : le nom de la feuille.")
    ] = None
    ligne_entetes: Annotated[
        int | None, Field(ge=1, le=100, description="CSV, classeur : la ligne des en-têtes, comptée depuis 1.")
    ] = None
    cle_json: Annotated[
        str | None,
        Field(max_length=200, description="JSON : le chemin de la liste, noms joints par des points ; vide : en haut."),
    ] = None


class Engagement(BaseModel):
    """Ce à quoi la source s'est engagée, tel que signé : son rôle, la licence, la base légale des contacts."""

    model_config = ConfigDict(extra="forbid")

    role_rgpd: Annotated[
        Literal["responsable_de_traitement", "responsable_conjoint", "sous_traitant"],
        Field(description="Rôle au sens du règlement général sur la protection des données."),
    ]
    licence: Annotated[str, Field(min_length=1, max_length=200)]
    base_contacts: Annotated[str | None, Field(min_length=3, max_length=200)] = None
    texte_version: Annotated[str, Field(min_length=1, max_length=40, description="Version du texte signé.")]
    signe_par: Annotated[str, Field(min_length=2, max_length=200, description="Qui a signé : fonction, organisme.")]
    le: Annotated[date, Field(description="Jour de la signature.")]


class SourceModifiable(BaseModel):
    """Ce qui se règle d'une source."""

    model_config = ConfigDict(extra="forbid")

    nom: Annotated[
        str, Field(min_length=1, max_length=200, description="Nom du producteur de la liste.", examples=["Hub fictif"])
    ]
    licence: Annotated[str, Field(min_length=1, max_length=200, description="Licence des données (URL ou nom).")] = (
        LICENCE_OUVERTE
    )
    rang: Annotated[
        Rang, Field(description="Rang de confiance : 80 pour un Hub sur son territoire, 50 agrégateur.")
    ] = 80
    rangs: Annotated[
        dict[ChampDeLieu, Rang] | None,
        Field(
            max_length=32,
            description="Rang propre à certains champs, à la place de `rang`.",
            examples=[{"horaires": 85, "telephones": 40}],
        ),
    ] = None
    vide_fait_foi: Annotated[
        bool, Field(description="Une cellule vide de cette source peut l'emporter : elle dit « il n'y en a pas ».")
    ] = False
    programme: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=64,
            description="Dispositif national dont la source tient le label : elle a le dernier mot sur ses champs.",
        ),
    ] = None
    cle_derivee: Annotated[
        list[ChampDeCle] | None,
        Field(
            min_length=1,
            max_length=5,
            description="Champs, dans l'ordre, dont se déduit la clé d'une ligne sans `id`.",
            examples=[["nom", "adresse", "code_insee"]],
        ),
    ] = None
    base_contacts: Annotated[
        str | None,
        Field(
            min_length=3,
            max_length=200,
            description="Base légale de la publication des contacts nominatifs ; sans elle, ils restent masqués.",
        ),
    ] = None
    engagement: Annotated[
        Engagement | None,
        Field(description="L'engagement signé ; sa licence et sa base légale sont celles de la source."),
    ] = None
    reglages: Annotated[Reglages | None, Field(description="Réglages de lecture.")] = None

    @model_validator(mode="after")
    def _engagement_tenu(self) -> Self:
        """Refuse a source that says otherwise than what was signed."""
        signe = self.engagement
        if signe is not None and (signe.licence, signe.base_contacts) != (self.licence, self.base_contacts):
            raise ValueError(
                "La licence et la base légale des contacts sont celles de l'engagement signé : "
                "changez-les ensemble, avec un nouvel engagement."
            )
        return self


class SourceACreer(SourceModifiable):
    """Une liste qui va entrer."""

    id: IdSource


class Fraicheur(BaseModel):
    """Depuis quand la liste d'une source est celle de l'annuaire."""

    verifiee_le: Annotated[
        datetime | None, Field(description="Dernière fois que la liste a été appliquée, ou trouvée inchangée.")
    ]
    degradee: Annotated[bool, Field(description="La source est tirée, et ne répond plus.")]


class SourceLue(BaseModel):
    """Une source et l'état de sa dernière synchronisation."""

    id: str
    nom: str
    licence: str
    rang: int
    rangs: dict[str, int] | None
    vide_fait_foi: bool
    programme: str | None
    cle_derivee: list[str] | None
    base_contacts: str | None
    engagement: Engagement | None
    reglages: Reglages | None
    version: int
    derniere_synchronisation: UUID | None
    fraicheur: Fraicheur
    cree_le: datetime
