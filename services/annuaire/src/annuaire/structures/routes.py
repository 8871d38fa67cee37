"""Routes of the structures."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from socle.acces.politique import Public
from socle.donnees import feed
from socle.identifiants import empreinte
from socle.web import documents
from socle.web.etags import inchange
from socle.web.pagination import empreinte_requete, liens
from socle.web.problemes import reponses
from socle.web.sessions import Lecture
from starlette.responses import Response

from annuaire.dependances import LeContexte
from annuaire.structures import repository
from annuaire.structures.errors import StructureInconnue, StructureSupprimee
from annuaire.structures.parameters import ParametresStructures
from annuaire.structures.schemas import PageStructures, StructureLue

routeur = APIRouter(prefix="/annuaire/v1/structures", tags=["structures"])

INCHANGE: dict[int | str, dict[str, Any]] = {304: {"description": "Inchangé depuis l'ETag cité"}}


@routeur.get("", response_model=PageStructures, summary="Chercher des structures", responses=INCHANGE)
async def lister_structures(
    request: Request,
    session: Lecture,
    _: Public,
    contexte: LeContexte,
    parametres: Annotated[ParametresStructures, Query()],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Liste des structures par type et territoire : communes et EPCI, structures déduites de leurs lieux, autres."""
    paires = request.query_params.multi_items()
    requete = empreinte_requete(request.url.path, paires)
    numero = await feed.dernier_numero(session)
    etag = documents.etag_de_liste(numero, empreinte([requete, parametres.limite, parametres.curseur])[:16])
    entetes = {"ETag": etag, "Cache-Control": documents.LISTE}
    if inchange(if_none_match, etag):
        return Response(status_code=304, headers=entetes)
    position = contexte.curseurs.decoder(parametres.curseur, requete) if parametres.curseur else None
    trouvees = await repository.page(
        session,
        parametres.filtres(),
        apres=UUID(str(position[0])) if position else None,
        limite=parametres.limite,
    )
    pleine = len(trouvees) == parametres.limite
    suivant = contexte.curseurs.encoder([str(trouvees[-1].id)], requete) if pleine else None
    entetes["Link"] = liens(contexte.socle.url_publique, request.url.path, paires, suivant=suivant)
    return documents.page([t.octets for t in trouvees if t.octets], suivant=suivant, total=None, entetes=entetes)


@routeur.get(
    "/{id}",
    response_model=StructureLue,
    summary="Une structure",
    responses={**INCHANGE, **reponses(StructureInconnue, StructureSupprimee)},
)
async def montrer_structure(
    id: UUID, session: Lecture, _: Public, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Donne la fiche publique d'une structure."""
    publiee = (await feed.lire(session, repository.KIND, [id])).get(id)
    if publiee is None:
        raise StructureInconnue("Aucune structure ne porte cet identifiant.")
    if publiee.octets is None:
        raise StructureSupprimee("Cette structure n'a plus de lieu.", supprime_le=publiee.modifie_le.isoformat())
    return documents.detail(
        publiee.octets,
        id=id,
        version=publiee.version,
        modifie_le=publiee.modifie_le,
        si_different=if_none_match,
    )
