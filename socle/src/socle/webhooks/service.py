"""Use cases of the endpoints: register, show, rotate the secret, open again, take away, replay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from socle.acces.principal import Principal
from socle.donnees import audit
from socle.donnees.db import ReadSession, WriteSession
from socle.errors import Interdit
from socle.horloge import Horloge
from socle.identifiants import uuid7
from socle.web.pagination import Curseurs
from socle.web.sortant.adresses import Reglages, examiner
from socle.web.sortant.errors import MESSAGES, SortieRefusee
from socle.webhooks import repository
from socle.webhooks.diffuser import TypeDEvenement
from socle.webhooks.errors import (
    LivraisonEnCours,
    LivraisonInconnue,
    TropDeWebhooks,
    WebhookInconnu,
    WebhookRefuse,
)
from socle.webhooks.schemas import LivraisonLue, WebhookAInscrire, WebhookLu
from socle.webhooks.signature import Schema, a_confier, secret
from socle.webhooks.tables import Livraison, Webhook

WEBHOOKS_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Atelier:
    """What the composition root of a service gives to the routes of its notifications."""

    types: Sequence[TypeDEvenement]
    cle: bytes
    reglages: Reglages
    curseurs: Curseurs
    horloge: Horloge
    reveiller: Callable[[], None]

    def secret(self, id: UUID, generation: int, schema: Schema) -> str:
        """Return what an endpoint verifies signatures with."""
        return a_confier(secret(self.cle, id, generation, schema))


async def inscrire(
    session: WriteSession, *, demande: WebhookAInscrire, atelier: Atelier, principal: Principal, le: datetime
) -> WebhookLu:
    """Register an endpoint, on behalf of a key and within its sources.

    Raises `WebhookRefuse` (422), `Interdit` (403) for a type that the key may not hear, `TropDeWebhooks` (409).
    """
    connus = {type.nom: type for type in atelier.types}
    inconnus = sorted(set(demande.types) - connus.keys())
    if inconnus:
        raise WebhookRefuse(f"Type inconnu : {inconnus[0][:64]}. Choix : {', '.join(sorted(connus))}.")
    for nom in sorted(set(demande.types)):
        portees = connus[nom].portees
        if portees and not portees & principal.portees:
            raise Interdit(f"Entendre {nom} demande la portée {' ou '.join(sorted(portees))}.", portees=sorted(portees))
    try:
        examiner(demande.url, atelier.reglages)
    except SortieRefusee as refus:
        raise WebhookRefuse(MESSAGES[refus.classe]) from None
    await session.seul(f"webhooks {principal.sujet}")
    if await repository.compter(session, principal.sujet) >= WEBHOOKS_MAX:
        raise TropDeWebhooks(f"Une clé a {WEBHOOKS_MAX} webhooks au plus : supprimez-en un.")
    webhook = Webhook(
        id=uuid7(),
        proprietaire=principal.sujet,
        url=demande.url,
        types=sorted(set(demande.types)),
        signature=demande.signature,
        perimetre=None if principal.sources is None else sorted(principal.sources),
        cree_le=le,
    )
    await repository.inscrire(session, webhook)
    audit.consigner(session, _acte(principal, "webhook.inscrire", webhook.id, le))
    return lu(webhook)


async def trouver(session: ReadSession, *, id: UUID, principal: Principal) -> Webhook:
    """Return an endpoint of this caller; to others it does not exist. Raises `WebhookInconnu` (404)."""
    webhook = await repository.lire(session, id, principal.sujet)
    if webhook is None:
        raise WebhookInconnu("Aucun de vos webhooks ne porte cet identifiant.")
    return webhook


async def tourner(session: WriteSession, *, id: UUID, principal: Principal, le: datetime) -> tuple[WebhookLu, int]:
    """Give an endpoint a new secret; the former one signs too for seven days. Returns the number of the new one."""
    webhook = await trouver(session, id=id, principal=principal)
    generation = webhook.generation + 1
    await repository.modifier(session, id, generation=generation, tourne_le=le)
    audit.consigner(session, _acte(principal, "webhook.tourner", id, le))
    return lu(await trouver(session, id=id, principal=principal)), generation


async def rouvrir(session: WriteSession, *, id: UUID, principal: Principal, le: datetime) -> WebhookLu:
    """Open an endpoint again; what waited for it follows."""
    await trouver(session, id=id, principal=principal)
    await repository.modifier(session, id, etat="actif", motif=None)
    audit.consigner(session, _acte(principal, "webhook.rouvrir", id, le))
    return lu(await trouver(session, id=id, principal=principal))


async def effacer(session: WriteSession, *, id: UUID, principal: Principal, le: datetime) -> None:
    """Take an endpoint away, with all that was meant for it."""
    await trouver(session, id=id, principal=principal)
    await repository.effacer(session, id)
    audit.consigner(session, _acte(principal, "webhook.effacer", id, le))


async def rejouer(
    session: WriteSession, *, id: UUID, livraison_id: UUID, principal: Principal, le: datetime
) -> LivraisonLue:
    """Put a settled notification back in the queue, under the same id and with all its tries before it.

    Raises `WebhookInconnu`, `LivraisonInconnue` (404), `LivraisonEnCours` (409).
    """
    webhook = await trouver(session, id=id, principal=principal)
    livraison = await repository.livraison(session, id, livraison_id)
    if livraison is None or livraison.rang is None:
        raise LivraisonInconnue("Aucune livraison de ce webhook ne porte cet identifiant.")
    if webhook.etat != "actif":
        raise LivraisonEnCours("Ce webhook est désactivé : rouvrez-le d'abord.")
    if livraison.etat == "a_livrer":
        raise LivraisonEnCours("Cette livraison attend déjà son prochain essai.")
    await repository.noter(session, livraison.rang, etat="a_livrer", essais=0, prendre_apres=le)
    audit.consigner(session, _acte(principal, "webhook.rejouer", id, le))
    rejouee = await repository.livraison(session, id, livraison_id)
    return livraison_lue(rejouee or livraison)


def lu(webhook: Webhook) -> WebhookLu:
    """Show an endpoint."""
    return WebhookLu.model_validate(
        webhook.model_dump(include={"id", "url", "types", "signature", "etat", "motif", "tourne_le", "cree_le"})
    )


def livraison_lue(livraison: Livraison) -> LivraisonLue:
    """Show a notification."""
    return LivraisonLue.model_validate(
        {
            **livraison.model_dump(include={"id", "type", "etat", "essais", "statut", "issue", "essai_le", "cree_le"}),
            "message": f"msg_{livraison.id.hex}",
            "corps": livraison.corps.decode(),
            "prochain_essai_le": livraison.prendre_apres if livraison.etat == "a_livrer" else None,
        }
    )


def _acte(principal: Principal, action: str, id: UUID, le: datetime) -> audit.Acte:
    return audit.Acte(acteur=principal.sujet, action=action, objet=f"webhook:{id}", le=le)
