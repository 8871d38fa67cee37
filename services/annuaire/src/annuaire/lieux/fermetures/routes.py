"""Routes of the exceptional closings."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from socle.acces.politique import Public
from socle.errors import Interdit
from socle.web import documents, idempotence
from socle.web.etags import inchange
from socle.web.idempotence import CleReutilisee
from socle.web.problemes import reponses
from socle.web.sessions import Ecriture, Lecture

from annuaire.dependances import LeContexte
from annuaire.lieux.errors import LieuInconnu, LieuSupprime
from annuaire.lieux.fermetures import repository, service
from annuaire.lieux.fermetures.access import Declarant
from annuaire.lieux.fermetures.errors import FermetureInconnue, FermeturePassee, TropDeFermetures
from annuaire.lieux.fermetures.schemas import FermetureADeclarer, FermetureLue, Fermetures

routeur = APIRouter(prefix="/annuaire/v1/lieux/{id}/fermetures", tags=["lieux"])


@routeur.post(
    "",
    status_code=201,
    response_model=FermetureLue,
    summary="Déclarer une fermeture exceptionnelle",
    responses=reponses(LieuInconnu, LieuSupprime, Interdit, FermeturePassee, TropDeFermetures, CleReutilisee),
)
async def declarer_fermeture(
    id: UUID,
    request: Request,
    session: Ecriture,
    principal: Declarant,
    contexte: LeContexte,
    demande: FermetureADeclarer,
    idempotency_key: Annotated[str | None, Header(description="16 à 64 caractères, propre à cet envoi.")] = None,
) -> Response:
    """Ferme un lieu quelques jours, sans renvoyer sa liste : « ouvert maintenant » en tient compte aussitôt.

    Les jours sont ceux du lieu, premier et dernier compris. La fermeture l'emporte sur les horaires.
    """
    le = contexte.horloge()

    async def agir() -> idempotence.ReponseGardee:
        fermeture = await service.declarer(session, lieu_id=id, demande=demande, principal=principal, le=le)
        return idempotence.creee(f"/annuaire/v1/lieux/{id}/fermetures/{fermeture.id}", fermeture)

    return await idempotence.une_fois(
        session, request, client=principal.sujet, entete=idempotency_key, corps=demande, le=le, agir=agir
    )


@routeur.get(
    "",
    response_model=Fermetures,
    summary="Les fermetures exceptionnelles d'un lieu",
    responses={304: {"description": "Inchangé depuis l'ETag cité"}, **reponses(LieuInconnu, LieuSupprime)},
)
async def lister_fermetures(
    id: UUID,
    session: Lecture,
    _: Public,
    contexte: LeContexte,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Donne les fermetures en cours et à venir d'un lieu, dans l'ordre."""
    le = contexte.horloge()
    etag = documents.etag_de_liste(await repository.numero(session), f"{id.hex}.{service.premier_jour(le)}")
    entetes = {"ETag": etag, "Cache-Control": "no-cache"}
    fermetures = Fermetures(elements=await service.lister(session, lieu_id=id, le=le))
    if inchange(if_none_match, etag):
        return Response(status_code=304, headers=entetes)
    return Response(fermetures.model_dump_json(), headers=entetes, media_type=documents.JSON)


@routeur.delete(
    "/{fermeture_id}",
    status_code=204,
    summary="Annuler une fermeture exceptionnelle",
    responses=reponses(LieuInconnu, LieuSupprime, FermetureInconnue, Interdit),
)
async def annuler_fermeture(
    id: UUID, fermeture_id: UUID, session: Ecriture, principal: Declarant, contexte: LeContexte
) -> None:
    """Annule une fermeture : le lieu reprend ses horaires."""
    await service.annuler(session, lieu_id=id, fermeture_id=fermeture_id, principal=principal, le=contexte.horloge())
