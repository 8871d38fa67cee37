"""Routes of the sources."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from socle.errors import Interdit
from socle.web import idempotence
from socle.web.idempotence import CleReutilisee
from socle.web.pagination import Feuille, Page, ParametresPage
from socle.web.problemes import reponses
from socle.web.sessions import Ecriture, Lecture

from annuaire.dependances import LeContexte
from annuaire.sources import service
from annuaire.sources.access import Administrateur, Lecteur, exiger_libre
from annuaire.sources.errors import SourceExistante, SourceInconnue
from annuaire.sources.schemas import IdSource, SourceACreer, SourceLue

routeur = APIRouter(prefix="/annuaire/v1/sources", tags=["sources"])


@routeur.post(
    "",
    status_code=201,
    response_model=SourceLue,
    summary="Créer une source",
    responses=reponses(SourceExistante, Interdit, CleReutilisee),
)
async def creer(
    request: Request,
    session: Ecriture,
    principal: Administrateur,
    contexte: LeContexte,
    demande: SourceACreer,
    idempotency_key: Annotated[str | None, Header(description="16 à 64 caractères, propre à cet envoi.")] = None,
) -> Response:
    """Crée une source : une liste qui entrera sous ce nom, cette licence et ce rang de confiance."""
    exiger_libre(principal)
    le = contexte.horloge()

    async def agir() -> idempotence.ReponseGardee:
        source = await service.creer(session, demande=demande, principal=principal, le=le)
        return idempotence.creee(f"{routeur.prefix}/{source.id}", source)

    return await idempotence.une_fois(
        session, request, client=principal.sujet, entete=idempotency_key, corps=demande, le=le, agir=agir
    )


@routeur.get("", summary="Les sources", responses=reponses(Interdit))
async def lister(
    request: Request,
    session: Lecture,
    principal: Lecteur,
    contexte: LeContexte,
    parametres: Annotated[ParametresPage, Query()],
) -> Page[SourceLue]:
    """Liste les sources que cette clé ouvre."""
    feuille = Feuille(contexte.curseurs, request, parametres)
    depart = feuille.depart()
    sources = await service.lister(
        session, principal=principal, apres=str(depart) if depart else None, limite=feuille.limite
    )
    return Page(elements=list(sources), suivant=feuille.suivant(sources, lambda source: source.id))


@routeur.get("/{source_id}", summary="Une source", responses=reponses(SourceInconnue, Interdit))
async def montrer(source_id: IdSource, session: Lecture, principal: Lecteur) -> SourceLue:
    """Donne une source et l'identifiant de sa dernière synchronisation appliquée."""
    return await service.trouver(session, id=source_id, principal=principal)
