"""What is said of a run, of its plan and of its report."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Mode = Literal["complet", "delta"]
Action = Literal["crees", "modifies", "renommes", "ressuscites", "supprimes", "rejetes"]
Severite = Literal["erreur", "avertissement", "info"]


class LignesLues(BaseModel):
    """Ce que contenait le fichier. `lues = crees + modifies + inchanges + rejetees + doublons_internes + regroupees`.

    `regroupees` compte les lignes qui disent, après une première, un même lieu.
    """

    lues: int
    valides: int
    rejetees: int
    doublons_internes: int
    regroupees: int = 0


class PlanResume(BaseModel):
    """Ce que la liste change. `ressuscites` est compris dans `crees`, `renommes` dans `modifies`."""

    crees: int
    modifies: int
    inchanges: int
    supprimes: int
    ressuscites: int
    renommes: Annotated[int, Field(description="Fiches reconnues sous une nouvelle clé : leur lieu reste le même.")] = 0
    etag: str


class GardeLue(BaseModel):
    """Une garde : elle retient la synchronisation quand elle est déclenchée."""

    regle: str
    seuil: float
    valeur: float
    declenchee: bool
    forcable: bool
    champ: Annotated[str | None, Field(description="Le champ dont parle la garde, s'il y en a un.")] = None


class SynchronisationLue(BaseModel):
    """Une synchronisation et son état."""

    id: UUID
    source: str
    mode: Annotated[
        Literal["complet", "delta", "retour"], Field(description="`retour` : défait une synchronisation appliquée.")
    ]
    retour_de: Annotated[UUID | None, Field(description="La synchronisation que celle-ci défait.")]
    essai: bool
    etat: Annotated[
        str,
        Field(
            description="recue, retenue, application ; fins : appliquee, inchange, essai, rejetee, annulee, "
            "expiree, echouee."
        ),
    ]
    base: UUID | None
    correspondance: Annotated[
        int | None, Field(description="Version de la correspondance qui lit la liste ; `null` : au standard.")
    ]
    empreinte_fichier: str
    lignes: LignesLues | None
    plan: PlanResume | None
    garde: list[GardeLue]
    devine: Annotated[dict[str, Any] | None, Field(description="Ce que le lecteur a deviné : encodage, feuille…")]
    rapport: Annotated[dict[str, int], Field(description="Nombre de lignes du rapport par code.")]
    changement_numero: int | None
    erreur: Annotated[dict[str, Any] | None, Field(description="Le problème qui a arrêté la synchronisation.")]
    duree_ms: dict[str, int]
    recue_le: datetime
    finie_le: datetime | None


class Champ(BaseModel):
    """Un champ qui change. `gagne` : la valeur de cette liste sera celle de l'annuaire."""

    champ: str
    avant: Any
    apres: Any
    gagne: bool
    source_gagnante: Annotated[str, Field(description="La source dont l'annuaire montrera la valeur.")]


class LignePlanLue(BaseModel):
    """Ce que devient une fiche."""

    rang: int
    action: Action
    cle: str
    ancienne_cle: Annotated[str | None, Field(description="La clé que la fiche quitte pour `cle`.")]
    id: UUID
    ligne: int | None
    champs: list[Champ]


class LigneRapportLue(BaseModel):
    """Un défaut ou une correction, à sa place dans le fichier."""

    ligne: int
    feuille: str | None
    cle: str | None
    champ: str | None
    code: str
    severite: Severite
    valeur: str | None
    message: str
    suggestion: str | None
    action: str


class DemandeApplication(BaseModel):
    """La levée des gardes : chaque règle déclenchée, avec sa valeur exacte, et pourquoi."""

    model_config = ConfigDict(extra="forbid")

    confirmer: Annotated[dict[str, float], Field(max_length=10, examples=[{"suppressions": 512}])] = {}
    motif: Annotated[str | None, Field(min_length=10, max_length=500)] = None


class PropositionLue(BaseModel):
    """Une correspondance proposée pour une liste : à relire, à corriger, puis à rendre."""

    document: dict[str, Any] = Field(description="Le document, tel qu'il peut être rendu.")
    yaml: str = Field(description="Le même, en YAML, avec en commentaire ce que vaut chaque proposition.")
    confiances: dict[str, float] = Field(description="De 0 à 1, pour chaque champ proposé.")
    colonnes_non_lues: list[str] = Field(description="Colonnes qu'aucun champ ne lit.")
    lignes: int = Field(description="Lignes de la liste.")
    devine: dict[str, Any] = Field(description="Ce qui a été deviné du fichier : encodage, feuille, ligne de titres…")


class DemandeRetour(BaseModel):
    """Pourquoi défaire une synchronisation."""

    model_config = ConfigDict(extra="forbid")

    motif: Annotated[str, Field(min_length=10, max_length=500, examples=["La liste envoyée était celle d'avril."])]
