"""What is said of an endpoint and of its notifications, and what is asked to register one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class WebhookAInscrire(BaseModel):
    """Une adresse à prévenir."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[
        str,
        Field(
            min_length=9,
            max_length=2000,
            pattern=r"^https?://[^\s\\\x00-\x1f\x7f]+$",
            description="Adresse https publique, qui répond 2xx en moins de 15 secondes.",
            examples=["https://exemple.fr/maillage"],
        ),
    ]
    types: Annotated[
        list[Annotated[str, Field(max_length=64)]],
        Field(
            min_length=1,
            max_length=20,
            description="`changements.disponibles` (il y a du nouveau : lisez le fil), `synchronisation.terminee`, "
            "`synchronisation.retenue`, `source.degradee`, `signalement.recu` (ces quatre demandent une portée "
            "`sync:…`).",
            examples=[["changements.disponibles"]],
        ),
    ]
    signature: Annotated[
        Literal["v1", "v1a"],
        Field(
            description="Schéma de Standard Webhooks : `v1` (HMAC, un secret partagé) ou `v1a` (Ed25519 : vous ne "
            "tenez qu'une clé publique)."
        ),
    ] = "v1"


class WebhookLu(BaseModel):
    """Une adresse prévenue."""

    id: UUID
    url: str
    types: list[str]
    signature: Literal["v1", "v1a"]
    etat: Literal["actif", "desactive"]
    motif: Annotated[
        Literal["disparu", "echecs"] | None,
        Field(description="Pourquoi il est désactivé : l'adresse a répondu 410, ou dix essais ont échoué."),
    ]
    tourne_le: Annotated[datetime | None, Field(description="Dernier changement de secret.")]
    cree_le: datetime


class WebhookAvecSecret(WebhookLu):
    """La même, avec ce qui vérifie ses signatures, dit une seule fois."""

    secret: Annotated[
        str,
        Field(
            description="`whsec_…`, ou en `v1a` la clé publique `whpk_…` : à donner à une bibliothèque Standard "
            "Webhooks."
        ),
    ]


class LivraisonLue(BaseModel):
    """Une notification : ce qu'elle dit, et ce qu'elle est devenue."""

    id: UUID
    message: Annotated[str, Field(description="L'en-tête `webhook-id`, le même à chaque essai.")]
    type: str
    etat: Literal["a_livrer", "livree", "abandonnee"]
    essais: int
    statut: Annotated[int | None, Field(description="Dernière réponse de l'adresse.")]
    issue: Annotated[str | None, Field(description="Pourquoi le dernier essai a échoué.")]
    corps: Annotated[str, Field(description="Le corps envoyé, à l'octet près.")]
    essai_le: datetime | None
    prochain_essai_le: datetime | None
    cree_le: datetime
