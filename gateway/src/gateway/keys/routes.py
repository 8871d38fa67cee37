"""Routes of the access keys, for their administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from socle.errors import Interdit, NonAuthentifie
from socle.web.pagination import Curseurs, Page, ParametresPage, empreinte_requete, liens
from socle.web.problemes import reponses
from socle.web.sessions import Ecriture, Lecture

from gateway.keys import repository, service
from gateway.keys.access import Administrateur
from gateway.keys.errors import CleIntrouvable, CleMalDecrite
from gateway.keys.schemas import CleACreer, CleCreee, CleLue

routeur = APIRouter(prefix="/cles", tags=["clés"], responses=reponses(NonAuthentifie, Interdit))


@routeur.get("", operation_id="lister_cles", summary="Lister les clés d'accès")
async def lister(
    _: Administrateur,
    session: Lecture,
    page: Annotated[ParametresPage, Query()],
    request: Request,
    response: Response,
) -> Page[CleLue]:
    """Toutes les clés, vivantes, expirées ou révoquées, sans leurs secrets."""
    curseurs: Curseurs = request.app.state.curseurs
    requete = empreinte_requete(request.url.path, request.query_params.multi_items())
    apres = str(curseurs.decoder(page.curseur, requete)[0]) if page.curseur else ""
    lues = await repository.lister(session, apres=apres, limite=page.limite + 1)
    rendues = lues[: page.limite]
    suivant = curseurs.encoder([rendues[-1].id], requete) if len(lues) > page.limite else None
    response.headers["cache-control"] = "private, no-store"
    response.headers["link"] = liens(
        request.app.state.settings.url_publique,
        request.url.path,
        request.query_params.multi_items(),
        suivant=suivant,
    )
    return Page(elements=[CleLue.model_validate(cle) for cle in rendues], suivant=suivant)


@routeur.post(
    "",
    status_code=201,
    operation_id="creer_cle",
    summary="Créer une clé d'accès",
    responses=reponses(CleMalDecrite),
)
async def creer(
    acteur: Administrateur, session: Ecriture, demande: CleACreer, request: Request, response: Response
) -> CleCreee:
    """Crée une clé et montre son texte, cette fois seulement."""
    etat = request.app.state
    cle, texte = await service.creer(
        session,
        nom=demande.nom,
        portees=demande.portees,
        sources=demande.sources,
        reseaux=demande.reseaux,
        duree=demande.duree,
        publiable=demande.publiable,
        poivre=etat.poivre,
        environnement=etat.environnement,
        createur=acteur.sujet,
    )
    response.headers["cache-control"] = "private, no-store"
    response.headers["location"] = f"/cles/{cle.id}"
    return CleCreee(**CleLue.model_validate(cle).model_dump(), cle=texte)


@routeur.get("/{id}", operation_id="lire_cle", summary="Lire une clé d'accès", responses=reponses(CleIntrouvable))
async def lire(_: Administrateur, session: Lecture, id: str, response: Response) -> CleLue:
    """Une clé, sans son secret."""
    cle = await repository.lire(session, id)
    if cle is None:
        raise CleIntrouvable("Aucune clé n'a cet identifiant.")
    response.headers["cache-control"] = "private, no-store"
    return CleLue.model_validate(cle)


@routeur.post(
    "/{id}/actions/revoquer",
    operation_id="revoquer_cle",
    summary="Révoquer une clé d'accès",
    responses=reponses(CleIntrouvable),
)
async def revoquer(acteur: Administrateur, session: Ecriture, id: str, response: Response) -> CleLue:
    """Révoque une clé pour toujours ; elle n'ouvre plus rien au bout de cinq secondes."""
    cle = await service.revoquer(session, id, acteur=acteur.sujet)
    response.headers["cache-control"] = "private, no-store"
    return CleLue.model_validate(cle)
