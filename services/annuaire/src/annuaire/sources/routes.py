"""Routes of the sources."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from socle.errors import Interdit
from socle.web.idempotence import (
    CleReutilisee,
    RequeteEnCours,
    empreinte_requete,
    lire_cle,
)
from socle.web.pagination import Page, ParametresPage
from socle.web.pagination import empreinte_requete as requete_liee
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
    responses=reponses(SourceExistante, Interdit, CleReutilisee, RequeteEnCours),
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
    cle = lire_cle(idempotency_key)
    empreinte = empreinte_requete("POST", request.url.path, "", "application/json", demande.model_dump_json())
    reponse, premiere = await service.creer_une_fois(
        session, demande=demande, principal=principal, cle=cle, empreinte=empreinte, le=contexte.horloge()
    )
    rejeu = {} if premiere else {"Idempotency-Replayed": "true"}
    return Response(reponse.corps, reponse.statut, headers={**reponse.entetes, **rejeu})


@routeur.get("", summary="Les sources", responses=reponses(Interdit))
async def lister(
    request: Request,
    session: Lecture,
    principal: Lecteur,
    contexte: LeContexte,
    parametres: Annotated[ParametresPage, Query()],
) -> Page[SourceLue]:
    """Liste les sources que cette clé ouvre."""
    requete = requete_liee(request.url.path, request.query_params.multi_items())
    apres = contexte.curseurs.decoder(parametres.curseur, requete)[0] if parametres.curseur else None
    sources = list(
        await service.lister(
            session, principal=principal, apres=str(apres) if apres else None, limite=parametres.limite
        )
    )
    suivant = contexte.curseurs.encoder([sources[-1].id], requete) if len(sources) == parametres.limite else None
    return Page(elements=sources, suivant=suivant)


@routeur.get("/{source_id}", summary="Une source", responses=reponses(SourceInconnue, Interdit))
async def montrer(source_id: IdSource, session: Lecture, principal: Lecteur) -> SourceLue:
    """Donne une source et l'identifiant de sa dernière synchronisation appliquée."""
    return await service.trouver(session, id=source_id, principal=principal)
