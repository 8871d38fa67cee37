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
    """Ce que contenait le fichier. `lues = crees + modifies + inchanges + rejetees + doublons_internes`."""

    lues: int
    valides: int
    rejetees: int
    doublons_internes: int


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


class DemandeRetour(BaseModel):
    """Pourquoi défaire une synchronisation."""

    model_config = ConfigDict(extra="forbid")

    motif: Annotated[str, Field(min_length=10, max_length=500, examples=["La liste envoyée était celle d'avril."])]
