"""Routes of the search index, for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from socle.acces.principal import Principal
from socle.donnees.db import WriteSession
from socle.errors import Interdit
from socle.web import idempotence
from socle.web.idempotence import CleReutilisee
from socle.web.problemes import reponses
from socle.web.sessions import Ecriture, Lecture

from annuaire.dependances import Contexte, LeContexte
from annuaire.recherche.indexation import service
from annuaire.recherche.indexation.access import Administrateur
from annuaire.recherche.indexation.dependances import LIndexation
from annuaire.recherche.indexation.errors import MoteurInconnu
from annuaire.recherche.indexation.indexeur import Demande
from annuaire.recherche.indexation.schemas import EtatDeLIndex
from annuaire.recherche.indexation.service import Indexation

routeur = APIRouter(prefix="/annuaire/v1/recherche/index", tags=["recherche"])
REFUS = {202: {"description": "Le travail est promis"}, **reponses(Interdit, MoteurInconnu, CleReutilisee)}
CleIdempotence = Annotated[str | None, Header(description="16 à 64 caractères, propre à cet envoi.")]
Moteur = Annotated[str | None, Query(max_length=32, description="Un seul moteur ; à défaut, chacun.")]


class _Demande(BaseModel):
    """Nothing is sent: the address says it all."""

    model_config = ConfigDict(extra="forbid")
    moteur: str | None = None


@routeur.get("", summary="Où en est l'index de la recherche", responses=reponses(Interdit))
async def lire_index(response: Response, session: Lecture, _: Administrateur, indexation: LIndexation) -> EtatDeLIndex:
    """Dit, moteur par moteur, jusqu'où chaque changement est cherchable, ce qui se construit et ce qui est refusé."""
    response.headers["Cache-Control"] = "private, no-store"
    return await service.etat(session, indexation)


@routeur.post(
    "/actions/reconstruire", status_code=202, response_class=Response, summary="Reconstruire l'index", responses=REFUS
)
async def reconstruire_index(
    request: Request,
    session: Ecriture,
    principal: Administrateur,
    contexte: LeContexte,
    indexation: LIndexation,
    moteur: Moteur = None,
    idempotency_key: CleIdempotence = None,
) -> Response:
    """Construit un index neuf à côté de celui qui répond, puis le met à sa place d'un coup.

    Les recherches continuent pendant ce temps. `GET /annuaire/v1/recherche/index` dit où en est le travail.
    """
    return await _demander("reconstruire", request, session, principal, contexte, indexation, moteur, idempotency_key)


@routeur.post(
    "/actions/verifier", status_code=202, response_class=Response, summary="Vérifier l'index", responses=REFUS
)
async def verifier_index(
    request: Request,
    session: Ecriture,
    principal: Administrateur,
    contexte: LeContexte,
    indexation: LIndexation,
    moteur: Moteur = None,
    idempotency_key: CleIdempotence = None,
) -> Response:
    """Compare chaque fiche de l'index à l'annuaire, répare ce qui diffère, et réessaie ce qui était refusé.

    C'est fait aussi au démarrage et toutes les heures.
    """
    return await _demander("verifier", request, session, principal, contexte, indexation, moteur, idempotency_key)


async def _demander(
    demande: Demande,
    request: Request,
    session: WriteSession,
    principal: Principal,
    contexte: Contexte,
    indexation: Indexation,
    moteur: str | None,
    entete: str | None,
) -> Response:
    le = contexte.horloge()

    async def agir() -> idempotence.ReponseGardee:
        await service.demander(session, indexation, demande, moteur=moteur, principal=principal, le=le)
        return idempotence.ReponseGardee(202, {}, b"")

    return await idempotence.une_fois(
        session, request, client=principal.sujet, entete=entete, corps=_Demande(moteur=moteur), le=le, agir=agir
    )
