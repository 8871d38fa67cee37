"""What is asked to be oriented, and what is answered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from socle.web.instants import Instant

from annuaire.lieux.filtres import Langue
from annuaire.lieux.parameters import moment
from annuaire.lieux.schemas import LieuLu
from annuaire.recherche.orientation.rules import Contrainte
from annuaire.recherche.parameters import sans_controle
from annuaire.recherche.port import LONGUEUR_Q
from annuaire.referentiels.parameters import ValeurDe
from annuaire.territoires.codes import CodeCommune

LIMITE_DEFAUT, LIMITE_MAX = 5, 10
CODES_MAX = 20
DISTANCE_DEFAUT_M = 20_000


class PointDonne(BaseModel):
    """Un point, en degrés (WGS84)."""

    model_config = ConfigDict(extra="forbid")

    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, examples=[45.19])]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, examples=[5.72])]


class OrientationDemandee(BaseModel):
    """Un besoin, un endroit, un moment. Rien n'en est gardé."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "besoin": "faire une demande en ligne à la caf",
                    "point": {"latitude": 45.19, "longitude": 5.72},
                    "distance_max_m": 10_000,
                    "quand": "maintenant",
                    "gratuit": True,
                },
                {
                    "services": ["aide-aux-demarches-administratives"],
                    "code_insee": "38185",
                    "accompagnement": "accompagne",
                },
            ]
        },
    )

    besoin: Annotated[
        Annotated[str, Field(max_length=LONGUEUR_Q), AfterValidator(sans_controle)],
        Field(description="Le besoin, en mots de tous les jours ; jamais gardé, jamais écrit dans un journal."),
    ] = ""
    services: Annotated[
        list[Annotated[str, ValeurDe("services")]], Field(max_length=CODES_MAX, description="L'un de ces services.")
    ] = []
    themes: Annotated[
        list[Annotated[str, ValeurDe("themes")]],
        Field(max_length=CODES_MAX, description="Ou l'un des services de ces thèmes."),
    ] = []
    publics: Annotated[
        list[Annotated[str, ValeurDe("publics_specifiquement_adresses")]],
        Field(
            max_length=CODES_MAX, description="Public auquel la personne appartient : ce qui s'y adresse est préféré."
        ),
    ] = []
    point: Annotated[PointDonne | None, Field(description="D'où l'on part ; à défaut, `code_insee`.")] = None
    code_insee: Annotated[CodeCommune | None, Field(description="Commune d'où l'on part.")] = None
    distance_max_m: Annotated[int, Field(ge=100, le=100_000, description="Mètres, à vol d'oiseau.")] = DISTANCE_DEFAUT_M
    quand: Annotated[
        Literal["maintenant"] | Instant | None,
        BeforeValidator(moment),
        Field(
            description="Jour et heure de la venue : `maintenant`, ou un instant (RFC 3339) ; sans lui, peu importe."
        ),
    ] = None
    gratuit: bool = False
    accessible: Annotated[bool, Field(description="Accessible aux personnes handicapées.")] = False
    langue: Annotated[Langue | None, Field(description="Langue parlée (ISO 639).")] = None
    accompagnement: Annotated[
        Literal["seul", "accompagne"] | None, Field(description="En autonomie, ou avec quelqu'un.")
    ] = None
    a_distance: Annotated[bool, Field(description="Admettre ceux qui aident à distance, même loin ou fermés.")] = False
    limite: Annotated[int, Field(ge=1, le=LIMITE_MAX, description="Nombre de propositions.")] = LIMITE_DEFAUT

    @model_validator(mode="after")
    def _verifier(self) -> OrientationDemandee:
        if (self.point is None) == (self.code_insee is None):
            raise ValueError("donnez `point`, ou bien `code_insee`")
        return self

    def instant(self, maintenant: datetime) -> datetime:
        """Return the instant at which openings are judged."""
        return self.quand.astimezone(UTC) if isinstance(self.quand, datetime) else maintenant


class LieuPropose(LieuLu):
    """Un lieu : sa fiche publique, s'il est ouvert au moment demandé, et sa distance."""

    distance_m: Annotated[int | None, Field(description="Mètres, à vol d'oiseau.")]


class Proposition(BaseModel):
    """Un lieu, et pourquoi il est proposé."""

    raisons: Annotated[list[str], Field(description="Pourquoi ce lieu convient, en français.")]
    reserves: Annotated[list[str], Field(description="Ce qu'il faut savoir ou vérifier avant d'y aller.")]
    inconnues: Annotated[list[Contrainte], Field(description="Ce qu'aucune source ne dit de ce lieu.")]
    lieu: LieuPropose


class Assouplissement(BaseModel):
    """Ce qui était demandé, que rien ne tenait."""

    contrainte: Contrainte | Literal["mots"]
    explication: str


class OrientationRendue(BaseModel):
    """Quelques lieux, le meilleur d'abord. Liste vide : rien ne convient, même en assouplissant."""

    propositions: list[Proposition]
    assouplie: Annotated[bool, Field(description="Rien ne tenait tout ce qui était demandé.")]
    assouplissements: list[Assouplissement]
    mots_abandonnes: list[str]
    moteur: Literal["meilisearch", "embarque", "base"]
    degrade: Annotated[bool, Field(description="Un moteur de secours a répondu.")]
