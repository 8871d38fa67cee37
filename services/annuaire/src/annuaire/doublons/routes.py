"""Routes of duplicates."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from socle.donnees import jobs
from socle.errors import Interdit
from socle.web import documents, idempotence
from socle.web.idempotence import CleReutilisee
from socle.web.pagination import Feuille, Page
from socle.web.problemes import reponses
from socle.web.sessions import Ecriture, Lecture

from annuaire.dependances import Contexte, LeContexte
from annuaire.doublons import service
from annuaire.doublons.access import Administrateur, Arbitre, Lecteur
from annuaire.doublons.errors import DoublonInconnu, FusionImpossible
from annuaire.doublons.parameters import ParametresDoublons
from annuaire.doublons.rapprocher import RAPPROCHER
from annuaire.doublons.rules import DISTINCTS, FUSION
from annuaire.doublons.schemas import DoublonLu

routeur = APIRouter(prefix="/annuaire/v1/doublons", tags=["doublons"])
REFUS = reponses(DoublonInconnu, FusionImpossible, Interdit, CleReutilisee)
CleIdempotence = Annotated[str | None, Header(description="16 à 64 caractères, propre à cet envoi.")]


class _Rien(BaseModel):
    """Nothing is sent: the address says it all."""

    model_config = ConfigDict(extra="forbid")


@routeur.get("", summary="Les doublons à voir", responses=reponses(Interdit))
async def lister_doublons(
    request: Request,
    session: Lecture,
    principal: Lecteur,
    contexte: LeContexte,
    parametres: Annotated[ParametresDoublons, Query()],
) -> Page[DoublonLu]:
    """Liste les fiches de sources différentes, ou d'une même source, qui paraissent dire le même lieu, et pourquoi."""
    feuille = Feuille(contexte.curseurs, request, parametres)
    depart = feuille.depart()
    doublons = await service.lister(
        session,
        principal=principal,
        source=parametres.source,
        etat=parametres.etat,
        apres=UUID(str(depart)) if depart else None,
        limite=feuille.limite,
    )
    return Page(elements=doublons, suivant=feuille.suivant(doublons, lambda doublon: str(doublon.id)))


@routeur.post(
    "/recalcul",
    status_code=202,
    response_class=Response,
    summary="Tout comparer de nouveau",
    responses={202: {"description": "Le calcul est promis"}, **reponses(Interdit, CleReutilisee)},
)
async def recalculer_doublons(
    request: Request,
    session: Ecriture,
    principal: Administrateur,
    contexte: LeContexte,
    idempotency_key: CleIdempotence = None,
) -> Response:
    """Compare toutes les fiches de toutes les sources ; les décisions prises restent. Le calcul se fait ensuite."""
    le = contexte.horloge()

    async def agir() -> idempotence.ReponseGardee:
        await jobs.promettre(session, RAPPROCHER, {}, le=le)
        session.apres_commit(contexte.reveiller)
        return idempotence.ReponseGardee(202, {}, b"")

    return await idempotence.une_fois(
        session, request, client=principal.sujet, entete=idempotency_key, corps=_Rien(), le=le, agir=agir
    )


@routeur.post("/{id}/fusion", response_model=DoublonLu, summary="Réunir deux fiches", responses=REFUS)
async def fusionner_doublon(
    id: UUID,
    request: Request,
    session: Ecriture,
    principal: Arbitre,
    contexte: LeContexte,
    idempotency_key: CleIdempotence = None,
) -> Response:
    """Réunit deux fiches en un lieu : le plus ancien identifiant reste, l'autre y renvoie pour toujours.

    Rien n'est perdu : `separation` rend à chaque fiche son lieu, tel qu'il était.
    """
    return await _decider(id, FUSION, request, session, principal, contexte, idempotency_key)


@routeur.post("/{id}/separation", response_model=DoublonLu, summary="Séparer deux fiches", responses=REFUS)
async def separer_doublon(
    id: UUID,
    request: Request,
    session: Ecriture,
    principal: Arbitre,
    contexte: LeContexte,
    idempotency_key: CleIdempotence = None,
) -> Response:
    """Dit que deux fiches sont deux lieux, réunies ou non : elles ne seront plus jamais réunies sans une personne."""
    return await _decider(id, DISTINCTS, request, session, principal, contexte, idempotency_key)


async def _decider(
    id: UUID,
    decision: str,
    request: Request,
    session: Ecriture,
    principal: Arbitre,
    contexte: Contexte,
    entete: str | None,
) -> Response:
    le = contexte.horloge()

    async def agir() -> idempotence.ReponseGardee:
        lu = await service.decider(
            session, id=id, decision=decision, principal=principal, outils=contexte.outils, le=le
        )
        return idempotence.ReponseGardee(200, {"Content-Type": documents.JSON}, lu.model_dump_json().encode())

    return await idempotence.une_fois(
        session, request, client=principal.sujet, entete=entete, corps=_Rien(), le=le, agir=agir
    )
