"""Routes of the notifications, the same in every service: included under its own prefix."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from socle.acces.politique import Portee
from socle.acces.principal import Principal
from socle.errors import Interdit
from socle.web import idempotence
from socle.web.documents import JSON
from socle.web.idempotence import CleReutilisee
from socle.web.pagination import Feuille, Page, ParametresPage
from socle.web.problemes import reponses
from socle.web.sessions import Ecriture, Lecture
from socle.webhooks import repository, service
from socle.webhooks.errors import LivraisonEnCours, LivraisonInconnue, TropDeWebhooks, WebhookInconnu, WebhookRefuse
from socle.webhooks.schemas import LivraisonLue, WebhookAInscrire, WebhookAvecSecret, WebhookLu
from socle.webhooks.service import Atelier

routeur = APIRouter(prefix="/webhooks", tags=["webhooks"])

Prevenu = Annotated[Principal, Portee("webhooks")]


def _atelier(request: Request) -> Atelier:
    atelier: Atelier = request.app.state.webhooks
    return atelier


LAtelier = Annotated[Atelier, Depends(_atelier)]


def routeur_sous(prefixe: str) -> APIRouter:
    """Return these routes under the prefix of a service (`/annuaire/v1`)."""
    entier = APIRouter(prefix=prefixe)
    entier.include_router(routeur)
    return entier


@routeur.post(
    "",
    status_code=201,
    response_model=WebhookAvecSecret,
    summary="Inscrire un webhook",
    responses=reponses(WebhookRefuse, TropDeWebhooks, Interdit, CleReutilisee),
)
async def inscrire_webhook(
    request: Request,
    session: Ecriture,
    principal: Prevenu,
    atelier: LAtelier,
    demande: WebhookAInscrire,
    idempotency_key: Annotated[str | None, Header(description="16 à 64 caractères, propre à cet envoi.")] = None,
) -> Response:
    """Inscrit une adresse à prévenir, et donne le secret de ses signatures : il n'est dit qu'ici.

    Les envois suivent Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature` en `v1`, ou en
    `v1a` à la demande) : ils arrivent au moins une fois, dans l'ordre, et sont retentés dix fois en trois jours.
    """
    le = atelier.horloge()

    async def agir() -> idempotence.ReponseGardee:
        webhook = await service.inscrire(session, demande=demande, atelier=atelier, principal=principal, le=le)
        return idempotence.creee(f"{request.url.path}/{webhook.id}", webhook)

    reponse = await idempotence.une_fois(
        session, request, client=principal.sujet, entete=idempotency_key, corps=demande, le=le, agir=agir
    )
    # the answer is kept without its secret, which is drawn again for whoever lost it and asks again
    webhook = WebhookLu.model_validate_json(bytes(reponse.body))
    entier = WebhookAvecSecret(**webhook.model_dump(), secret=atelier.secret(webhook.id, 1, webhook.signature))
    entetes = {nom: valeur for nom, valeur in reponse.headers.items() if nom not in ("content-length", "content-type")}
    return Response(entier.model_dump_json(), 201, headers=entetes, media_type=JSON)


@routeur.get("", summary="Vos webhooks", responses=reponses(Interdit))
async def lister_webhooks(
    request: Request,
    session: Lecture,
    principal: Prevenu,
    atelier: LAtelier,
    parametres: Annotated[ParametresPage, Query()],
) -> Page[WebhookLu]:
    """Liste les webhooks de cette clé."""
    feuille = Feuille(atelier.curseurs, request, parametres)
    depart = feuille.depart()
    webhooks = await repository.du_proprietaire(
        session, principal.sujet, apres=UUID(str(depart)) if depart else None, limite=feuille.limite
    )
    suivant = feuille.suivant(webhooks, lambda webhook: str(webhook.id))
    return Page(elements=[service.lu(webhook) for webhook in webhooks], suivant=suivant)


@routeur.get("/{webhook_id}", summary="Un webhook", responses=reponses(WebhookInconnu, Interdit))
async def montrer_webhook(webhook_id: UUID, session: Lecture, principal: Prevenu) -> WebhookLu:
    """Donne un webhook, sans son secret."""
    return service.lu(await service.trouver(session, id=webhook_id, principal=principal))


@routeur.delete(
    "/{webhook_id}", status_code=204, summary="Supprimer un webhook", responses=reponses(WebhookInconnu, Interdit)
)
async def effacer_webhook(webhook_id: UUID, session: Ecriture, principal: Prevenu, atelier: LAtelier) -> None:
    """Supprime un webhook, et tout ce qui lui restait à livrer."""
    await service.effacer(session, id=webhook_id, principal=principal, le=atelier.horloge())


@routeur.post("/{webhook_id}/rotation", summary="Changer de secret", responses=reponses(WebhookInconnu, Interdit))
async def tourner_secret(
    webhook_id: UUID, session: Ecriture, principal: Prevenu, atelier: LAtelier
) -> WebhookAvecSecret:
    """Donne un nouveau secret ; pendant sept jours, l'ancien signe aussi."""
    webhook, generation = await service.tourner(session, id=webhook_id, principal=principal, le=atelier.horloge())
    nouveau = atelier.secret(webhook_id, generation, webhook.signature)
    return WebhookAvecSecret(**webhook.model_dump(), secret=nouveau)


@routeur.post("/{webhook_id}/reouverture", summary="Rouvrir un webhook", responses=reponses(WebhookInconnu, Interdit))
async def rouvrir_webhook(webhook_id: UUID, session: Ecriture, principal: Prevenu, atelier: LAtelier) -> WebhookLu:
    """Rouvre un webhook désactivé : ce qui l'attendait lui est livré."""
    webhook = await service.rouvrir(session, id=webhook_id, principal=principal, le=atelier.horloge())
    session.apres_commit(atelier.reveiller)
    return webhook


@routeur.get(
    "/{webhook_id}/livraisons", summary="Les livraisons d'un webhook", responses=reponses(WebhookInconnu, Interdit)
)
async def lister_livraisons(
    webhook_id: UUID,
    request: Request,
    session: Lecture,
    principal: Prevenu,
    atelier: LAtelier,
    parametres: Annotated[ParametresPage, Query()],
) -> Page[LivraisonLue]:
    """Liste ce qui a été livré ou reste à livrer, le plus récent d'abord ; ce qui est réglé est gardé trente jours."""
    await service.trouver(session, id=webhook_id, principal=principal)
    feuille = Feuille(atelier.curseurs, request, parametres)
    depart = feuille.depart()
    livraisons = await repository.livraisons(
        session, webhook_id, avant=int(depart) if depart else None, limite=feuille.limite
    )
    suivant = feuille.suivant(livraisons, lambda livraison: livraison.rang)
    return Page(elements=[service.livraison_lue(livraison) for livraison in livraisons], suivant=suivant)


@routeur.post(
    "/{webhook_id}/livraisons/{livraison_id}/rejeu",
    status_code=202,
    summary="Rejouer une livraison",
    responses=reponses(WebhookInconnu, LivraisonInconnue, LivraisonEnCours, Interdit),
)
async def rejouer_livraison(
    webhook_id: UUID, livraison_id: UUID, session: Ecriture, principal: Prevenu, atelier: LAtelier
) -> LivraisonLue:
    """Renvoie une notification déjà livrée ou abandonnée, sous le même `webhook-id`."""
    livraison = await service.rejouer(
        session, id=webhook_id, livraison_id=livraison_id, principal=principal, le=atelier.horloge()
    )
    session.apres_commit(atelier.reveiller)
    return livraison
