"""Routes of the correspondences of a source."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from socle.errors import Interdit, PreconditionFausse, PreconditionRequise
from socle.web import idempotence
from socle.web.contrat import PARFOIS
from socle.web.etags import inchange
from socle.web.idempotence import CleReutilisee
from socle.web.pagination import Feuille, Page, ParametresPage
from socle.web.problemes import reponses
from socle.web.sessions import Ecriture, Lecture

from annuaire.correspondances.document import CorrespondanceInvalide
from annuaire.dependances import LeContexte
from annuaire.exports.routes import INCHANGE
from annuaire.sources.access import Gestionnaire, Lecteur
from annuaire.sources.correspondance import service
from annuaire.sources.correspondance.errors import CorrespondanceInconnue
from annuaire.sources.correspondance.schemas import CorrespondanceEnvoyee, VersionLue
from annuaire.sources.errors import SourceInconnue
from annuaire.sources.schemas import IdSource

routeur = APIRouter(prefix="/annuaire/v1/sources/{source_id}", tags=["sources"])

PRIVE = "private, no-store"


@routeur.get(
    "/correspondance",
    response_model=VersionLue,
    summary="La correspondance d'une source",
    responses={**INCHANGE, **reponses(SourceInconnue, CorrespondanceInconnue, Interdit)},
)
async def montrer(
    source_id: IdSource,
    session: Lecture,
    principal: Lecteur,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Donne le document qui dit comment se lisent les listes d'une source. Sans lui, elles se lisent au standard."""
    version = await service.en_vigueur(session, source_id=source_id, principal=principal)
    etag = service.etag(source_id, version.version)
    if inchange(if_none_match, etag):
        return Response(status_code=304, headers={"ETag": etag, "Cache-Control": PRIVE})
    return _lue(version)


@routeur.put(
    "/correspondance",
    response_model=VersionLue,
    summary="Mettre une correspondance en vigueur",
    responses=reponses(SourceInconnue, CorrespondanceInvalide, PreconditionFausse, PreconditionRequise, Interdit),
)
async def mettre_en_vigueur(
    source_id: IdSource,
    session: Ecriture,
    principal: Gestionnaire,
    contexte: LeContexte,
    demande: CorrespondanceEnvoyee,
    if_match: Annotated[
        str | None, Header(description="L'ETag lu, si la source a une correspondance.", json_schema_extra=PARFOIS)
    ] = None,
) -> Response:
    """Remplace le document qui lit les listes d'une source ; l'ancien reste dans l'historique.

    Le prochain envoi est relu, même identique au dernier. Une faute est dite avec sa place dans le document.
    """
    version = await service.mettre_en_vigueur(
        session,
        source_id=source_id,
        document=demande.root,
        si_version=if_match,
        principal=principal,
        le=contexte.horloge(),
    )
    return _lue(version)


@routeur.post(
    "/correspondances",
    status_code=201,
    response_model=VersionLue,
    summary="Garder une version à l'essai",
    responses=reponses(SourceInconnue, CorrespondanceInvalide, CleReutilisee, Interdit),
)
async def garder(
    source_id: IdSource,
    request: Request,
    session: Ecriture,
    principal: Gestionnaire,
    contexte: LeContexte,
    demande: CorrespondanceEnvoyee,
    idempotency_key: Annotated[str | None, Header(description="16 à 64 caractères, propre à cet envoi.")] = None,
) -> Response:
    """Garde une version sans la mettre en vigueur : à citer dans un envoi (`correspondance=`), d'essai ou non.

    Une version entre en vigueur quand une liste qu'elle a lue est appliquée.
    """
    le = contexte.horloge()

    async def agir() -> idempotence.ReponseGardee:
        version = await service.garder(session, source_id=source_id, document=demande.root, principal=principal, le=le)
        return idempotence.creee(f"/annuaire/v1/sources/{source_id}/correspondances", version)

    return await idempotence.une_fois(
        session, request, client=principal.sujet, entete=idempotency_key, corps=demande, le=le, agir=agir
    )


@routeur.get(
    "/correspondances", summary="Les versions d'une correspondance", responses=reponses(SourceInconnue, Interdit)
)
async def lister(
    source_id: IdSource,
    request: Request,
    session: Lecture,
    principal: Lecteur,
    contexte: LeContexte,
    parametres: Annotated[ParametresPage, Query()],
) -> Page[VersionLue]:
    """Liste les versions de la correspondance d'une source, la plus récente d'abord."""
    feuille = Feuille(contexte.curseurs, request, parametres)
    avant = feuille.depart()
    versions = await service.lister(
        session,
        source_id=source_id,
        principal=principal,
        avant=int(avant) if avant else None,
        limite=feuille.limite,
    )
    return Page(elements=list(versions), suivant=feuille.suivant(versions, lambda version: version.version))


def _lue(version: VersionLue) -> Response:
    entetes = {"ETag": service.etag(version.source, version.version), "Cache-Control": PRIVE}
    return Response(version.model_dump_json(), headers=entetes, media_type="application/json")
