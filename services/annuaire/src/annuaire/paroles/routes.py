"""Routes of what places say of themselves."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import APIRouter, Header, Path, Request, Response
from socle.acces.politique import Public
from socle.acces.principal import Principal
from socle.donnees.db import ReadSession
from socle.errors import Interdit, PreconditionFausse, PreconditionRequise
from socle.web import documents, idempotence
from socle.web.etags import exiger_if_match, inchange
from socle.web.idempotence import CleReutilisee
from socle.web.patch import TYPE_MEDIA, lire_patch, schema_de_patch, valider_patch
from socle.web.problemes import reponses
from socle.web.sessions import Ecriture, Lecture

from annuaire.dependances import Contexte, LeContexte
from annuaire.lieux.errors import LieuInconnu, LieuSupprime
from annuaire.lieux.fermetures.repository import sources_du_lieu
from annuaire.paroles import page, service, suivre
from annuaire.paroles.access import Declarant, exiger_une_source
from annuaire.paroles.errors import DejaDemande, ParoleIllisible, SansCourriel
from annuaire.paroles.schemas import CampagneFaite, LienEnvoye, Parole, ParoleLue
from annuaire.sources import service as sources
from annuaire.sources.errors import SourceInconnue
from annuaire.sources.schemas import IdSource

routeur = APIRouter(prefix="/annuaire/v1", tags=["paroles"])

PRIVE = "private, no-store"
OCTETS_FORMULAIRE = 64 * 1024
Secret = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
Cle = Annotated[str | None, Header(description="16 à 64 caractères, propre à cet envoi.")]


@routeur.get(
    "/lieux/{id}/parole",
    response_model=ParoleLue,
    summary="Ce que le lieu dit de lui-même",
    responses={304: {"description": "Inchangé depuis l'ETag cité"}, **reponses(LieuInconnu, LieuSupprime, Interdit)},
)
async def montrer_parole(
    id: UUID, session: Lecture, principal: Declarant, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Donne ce que le lieu a dit de lui-même, qui l'emporte sur toutes les listes ; son `ETag` sert à le changer."""
    return await _dire(session, id, principal, if_none_match)


@routeur.patch(
    "/lieux/{id}/parole",
    status_code=204,
    response_class=Response,
    summary="Parler au nom d'un lieu",
    responses=reponses(LieuInconnu, LieuSupprime, ParoleIllisible, PreconditionFausse, PreconditionRequise, Interdit),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                TYPE_MEDIA: {
                    "schema": schema_de_patch(Parole),
                    "examples": {"horaires": {"summary": "Ses heures", "value": {"horaires": "Mo-Fr 09:00-12:00"}}},
                }
            },
        }
    },
)
async def corriger_parole(
    id: UUID,
    request: Request,
    session: Ecriture,
    principal: Declarant,
    contexte: LeContexte,
    if_match: Annotated[str | None, Header(description="L'ETag lu.")] = None,
) -> Response:
    """Écrit ce que le lieu, vérifié, dit de lui-même (JSON Merge Patch : `null` rend le champ aux listes)."""
    changements = await lire_patch(request)
    valider_patch(
        Parole, {nom: valeur for nom, valeur in changements.items() if valeur is not None or nom not in CONNUS}
    )
    lue, version = await service.lue(session, id)
    exiger_une_source(principal, await sources_du_lieu(session, id))
    exiger_if_match(if_match, documents.etag_de_detail(lue.lieu_id, version))
    await service.dire(
        session, lieu_id=id, changements=changements, acteur=principal.sujet, outils=contexte.outils,
        referentiel=contexte.situeur.referentiel, le=contexte.horloge(),
    )  # fmt: skip
    session.apres_commit(contexte.reveiller)
    await session.flush()
    return Response(status_code=204, headers={"Cache-Control": PRIVE})


CONNUS = frozenset(Parole.model_fields)


@routeur.post(
    "/lieux/{id}/revendications",
    status_code=202,
    response_model=LienEnvoye,
    summary="Demander à corriger sa propre fiche",
    responses=reponses(LieuInconnu, LieuSupprime, SansCourriel, DejaDemande, CleReutilisee),
)
async def revendiquer(
    id: UUID, request: Request, session: Ecriture, principal: Public, contexte: LeContexte, idempotency_key: Cle = None
) -> Response:
    """Envoie au courriel publié du lieu un lien à usage unique, d'où confirmer ou corriger sa fiche."""
    le = contexte.horloge()

    async def agir() -> idempotence.ReponseGardee:
        adresse = await service.demander(session, lieu_id=id, racine=_racine(contexte), le=le)
        corps = LienEnvoye(envoye_a=adresse).model_dump_json().encode()
        return idempotence.ReponseGardee(202, {"Content-Type": documents.JSON, "Cache-Control": PRIVE}, corps)

    session.apres_commit(contexte.reveiller)
    return await idempotence.une_fois(
        session, request, client=principal.sujet, entete=idempotency_key, corps=Parole(), le=le, agir=agir
    )


@routeur.post(
    "/sources/{source_id}/campagnes",
    status_code=202,
    response_model=CampagneFaite,
    summary="Demander à chaque lieu si sa fiche est juste",
    responses=reponses(SourceInconnue, Interdit, CleReutilisee),
)
async def faire_campagne(
    source_id: IdSource,
    request: Request,
    session: Ecriture,
    principal: Declarant,
    contexte: LeContexte,
    idempotency_key: Cle = None,
) -> Response:
    """Envoie à chaque lieu de la source un lien « Tout est exact » ou « Corriger », 500 au plus à la fois."""
    await sources.trouver(session, id=source_id, principal=principal)
    le = contexte.horloge()

    async def agir() -> idempotence.ReponseGardee:
        faite = await service.faire_campagne(session, source_id=source_id, racine=_racine(contexte), le=le)
        return idempotence.ReponseGardee(202, {"Content-Type": documents.JSON}, faite.model_dump_json().encode())

    session.apres_commit(contexte.reveiller)
    return await idempotence.une_fois(
        session, request, client=principal.sujet, entete=idempotency_key, corps=Parole(), le=le, agir=agir
    )


@routeur.get("/paroles/{secret}", include_in_schema=False)
async def montrer_lien(secret: Secret, session: Lecture, _: Public, contexte: LeContexte) -> Response:
    """Montre la fiche et demande si elle est juste ; ne change rien."""
    return _html(await suivre.montrer(session, secret, le=contexte.horloge()))


@routeur.post("/paroles/{secret}", include_in_schema=False)
async def suivre_lien(secret: Secret, request: Request, _: Public, contexte: LeContexte) -> Response:
    """Confirme ou corrige la fiche, une seule fois."""
    champs = parse_qs((await request.body())[:OCTETS_FORMULAIRE].decode("utf-8", "replace"), keep_blank_values=True)
    vue = await suivre.suivre(
        contexte.base, secret, champs, outils=contexte.outils, referentiel=contexte.situeur.referentiel,
        le=contexte.horloge(),
    )  # fmt: skip
    contexte.reveiller()
    return _html(vue)


async def _dire(session: ReadSession, id: UUID, principal: Principal, si_different: str | None) -> Response:
    lue, version = await service.lue(session, id)
    exiger_une_source(principal, await sources_du_lieu(session, id))
    entetes = {"ETag": documents.etag_de_detail(id, version), "Cache-Control": PRIVE}
    if inchange(si_different, entetes["ETag"]):
        return Response(status_code=304, headers=entetes)
    return Response(lue.model_dump_json(), headers=entetes, media_type=documents.JSON)


def _html(vue: suivre.Page) -> Response:
    entetes = {
        "Content-Security-Policy": page.CSP, "Cache-Control": PRIVE, "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    return Response(vue.html, vue.statut, headers=entetes, media_type="text/html; charset=utf-8")


def _racine(contexte: Contexte) -> str:
    return contexte.socle.url_publique.rstrip("/")
