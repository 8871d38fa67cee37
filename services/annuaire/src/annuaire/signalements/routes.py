"""Routes of the reports."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Request, Response
from socle.acces.politique import Public
from socle.errors import Interdit, PreconditionFausse, PreconditionRequise
from socle.web import documents, idempotence
from socle.web.etags import exiger_if_match, inchange
from socle.web.idempotence import CleReutilisee
from socle.web.pagination import Feuille, Page, ParametresPage
from socle.web.patch import TYPE_MEDIA, lire_patch, schema_de_patch, valider_patch
from socle.web.problemes import reponses
from socle.web.sessions import Ecriture, Lecture

from annuaire.dependances import LeContexte
from annuaire.lieux.errors import LieuInconnu, LieuSupprime
from annuaire.signalements import service
from annuaire.signalements.errors import SignalementInconnu, SuiteImpossible, TropDeSignalements
from annuaire.signalements.parameters import ParametresSignalements
from annuaire.signalements.schemas import (
    SignalementAFaire,
    SignalementFait,
    SignalementPublic,
    SignalementSuivi,
    SignalementTransmis,
    SuiteDonnee,
)
from annuaire.sources import service as sources
from annuaire.sources.access import Lecteur
from annuaire.sources.errors import SourceInconnue
from annuaire.sources.schemas import IdSource

routeur = APIRouter(prefix="/annuaire/v1", tags=["signalements"])

Secret = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{16,64}$", description="Fin de l'adresse donnée à l'envoi.")]
PRIVE = "private, no-store"


@routeur.post(
    "/lieux/{id}/signalements",
    status_code=201,
    response_model=SignalementFait,
    summary="Signaler une erreur sur un lieu",
    responses=reponses(LieuInconnu, LieuSupprime, TropDeSignalements, CleReutilisee),
)
async def signaler(
    id: UUID,
    request: Request,
    session: Ecriture,
    principal: Public,
    contexte: LeContexte,
    demande: SignalementAFaire,
    idempotency_key: Annotated[str | None, Header(description="16 à 64 caractères, propre à cet envoi.")] = None,
) -> Response:
    """Signale une erreur, sans compte ni clé : la source du lieu le reçoit, et sa réponse est publique.

    Le texte et l'adresse ne vont qu'à elle, et sont effacés au plus tard au bout de 180 jours. `suivi` est l'adresse
    secrète où voir ce qu'il en est.
    """
    le = contexte.horloge()
    racine = contexte.socle.url_publique.rstrip("/")

    async def agir() -> idempotence.ReponseGardee:
        fait = await service.signaler(session, lieu_id=id, demande=demande, racine=racine, le=le)
        gardee = idempotence.creee(fait.suivi.removeprefix(racine), fait)
        return idempotence.ReponseGardee(201, {**gardee.entetes, "Cache-Control": PRIVE}, gardee.corps)

    session.apres_commit(contexte.reveiller)
    return await idempotence.une_fois(
        session, request, client=principal.sujet, entete=idempotency_key, corps=demande, le=le, agir=agir
    )


@routeur.get(
    "/lieux/{id}/signalements", summary="Les signalements d'un lieu", responses=reponses(LieuInconnu, LieuSupprime)
)
async def lister_du_lieu(
    id: UUID,
    request: Request,
    response: Response,
    session: Lecture,
    _: Public,
    contexte: LeContexte,
    parametres: Annotated[ParametresPage, Query()],
) -> Page[SignalementPublic]:
    """Donne le motif, l'état et la réponse de chaque signalement, le dernier d'abord ; jamais ce qui a été écrit."""
    response.headers["Cache-Control"] = "no-cache"
    feuille = Feuille(contexte.curseurs, request, parametres)
    trouves = await service.lister_du_lieu(session, lieu_id=id, apres=_depart(feuille), limite=feuille.limite)
    return Page(elements=trouves, suivant=feuille.suivant(trouves, lambda s: str(s.id)))


@routeur.get("/signalements/{suivi}", summary="Suivre son signalement", responses=reponses(SignalementInconnu))
async def suivre(
    suivi: Secret, response: Response, session: Lecture, _: Public, contexte: LeContexte
) -> SignalementSuivi:
    """Dit à la personne qui a signalé une erreur ce qu'il en est."""
    response.headers["Cache-Control"] = PRIVE
    return await service.suivre(session, secret=suivi, le=contexte.horloge())


@routeur.get(
    "/sources/{source_id}/signalements",
    summary="Les signalements reçus par une source",
    responses=reponses(SourceInconnue, Interdit),
)
async def lister_de_la_source(
    source_id: IdSource,
    request: Request,
    session: Lecture,
    principal: Lecteur,
    contexte: LeContexte,
    parametres: Annotated[ParametresSignalements, Query()],
) -> Page[SignalementTransmis]:
    """Donne à une source les signalements de ses lieux, le dernier d'abord, avec ce qui a été écrit."""
    await sources.trouver(session, id=source_id, principal=principal)
    feuille = Feuille(contexte.curseurs, request, parametres)
    trouves = await service.lister_de_la_source(
        session, source_id=source_id, etats=parametres.etat, apres=_depart(feuille), limite=feuille.limite,
        le=contexte.horloge(),
    )  # fmt: skip
    return Page(elements=trouves, suivant=feuille.suivant(trouves, lambda s: str(s.id)))


@routeur.get(
    "/sources/{source_id}/signalements/{signalement_id}",
    response_model=SignalementTransmis,
    summary="Un signalement reçu",
    responses={
        304: {"description": "Inchangé depuis l'ETag cité"},
        **reponses(SourceInconnue, SignalementInconnu, Interdit),
    },
)
async def montrer(
    source_id: IdSource,
    signalement_id: UUID,
    session: Lecture,
    principal: Lecteur,
    contexte: LeContexte,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Donne un signalement d'un lieu de cette source ; son `ETag` sert à y répondre."""
    await sources.trouver(session, id=source_id, principal=principal)
    lu = await service.trouver(session, source_id=source_id, id=signalement_id, le=contexte.horloge())
    return _dire(lu, if_none_match)


@routeur.patch(
    "/sources/{source_id}/signalements/{signalement_id}",
    response_model=SignalementTransmis,
    summary="Donner suite à un signalement",
    responses=reponses(
        SourceInconnue, SignalementInconnu, SuiteImpossible, PreconditionFausse, PreconditionRequise, Interdit
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                TYPE_MEDIA: {
                    "schema": schema_de_patch(SuiteDonnee),
                    "examples": {
                        "reponse": {
                            "summary": "Répondre",
                            "value": {"etat": "repondu", "reponse": "Les horaires sont corrigés, merci."},
                        }
                    },
                }
            },
        }
    },
)
async def donner_suite(
    source_id: IdSource,
    signalement_id: UUID,
    request: Request,
    session: Ecriture,
    principal: Lecteur,
    contexte: LeContexte,
    if_match: Annotated[str | None, Header(description="L'ETag lu.")] = None,
) -> Response:
    """Dit qu'un signalement est pris en charge (`transmis`), y répond (`repondu`), ou le clôt (`clos`)."""
    demande = valider_patch(SuiteDonnee, await lire_patch(request))
    le = contexte.horloge()
    await sources.trouver(session, id=source_id, principal=principal)
    lu = await service.trouver(session, source_id=source_id, id=signalement_id, le=le)
    exiger_if_match(if_match, documents.etag_de_detail(lu.id, lu.version))
    return _dire(
        await service.donner_suite(
            session, source_id=source_id, id=signalement_id, demande=demande, principal=principal, le=le
        )
    )


def _dire(signalement: SignalementTransmis, si_different: str | None = None) -> Response:
    etag = documents.etag_de_detail(signalement.id, signalement.version)
    entetes = {"ETag": etag, "Cache-Control": PRIVE}
    if inchange(si_different, etag):
        return Response(status_code=304, headers=entetes)
    return Response(signalement.model_dump_json(), headers=entetes, media_type=documents.JSON)


def _depart(feuille: Feuille) -> UUID | None:
    depart = feuille.depart()
    return UUID(str(depart)) if depart else None
