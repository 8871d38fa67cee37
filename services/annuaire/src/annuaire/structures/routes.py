"""Routes of the structures."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from socle.acces.politique import Public
from socle.donnees import feed
from socle.errors import Interdit, PreconditionFausse, PreconditionRequise
from socle.identifiants import empreinte
from socle.web import documents, idempotence
from socle.web.etags import exiger_if_match, inchange
from socle.web.idempotence import CleReutilisee
from socle.web.pagination import Feuille, liens
from socle.web.patch import TYPE_MEDIA, fusionner, lire_patch, schema_de_patch, valider_patch
from socle.web.problemes import reponses
from socle.web.sessions import Lecture
from starlette.responses import Response

from annuaire.dependances import Contexte, LeContexte
from annuaire.structures import repository
from annuaire.structures.access import Administrateur
from annuaire.structures.errors import (
    StructureDeReference,
    StructureExistante,
    StructureInconnue,
    StructureSupprimee,
)
from annuaire.structures.inscrire import corriger, inscrire, valeurs_saisies
from annuaire.structures.parameters import ParametresStructures
from annuaire.structures.schemas import PageStructures, StructureASaisir, StructureLue

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
    feuille = Feuille(contexte.curseurs, request, parametres)
    numero = await feed.dernier_numero(session)
    etag = documents.etag_de_liste(numero, empreinte([feuille.requete, parametres.limite, parametres.curseur])[:16])
    entetes = {"ETag": etag, "Cache-Control": documents.LISTE}
    if inchange(if_none_match, etag):
        return Response(status_code=304, headers=entetes)
    depart = feuille.depart()
    trouvees = await repository.page(
        session,
        parametres.filtres(),
        apres=UUID(str(depart)) if depart else None,
        limite=parametres.limite,
    )
    suivant = feuille.suivant(trouvees, lambda trouvee: str(trouvee.id))
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


@routeur.post(
    "",
    status_code=201,
    response_model=StructureLue,
    summary="Inscrire une structure",
    responses=reponses(StructureExistante, StructureInconnue, Interdit, CleReutilisee),
)
async def inscrire_structure(
    request: Request,
    principal: Administrateur,
    contexte: LeContexte,
    demande: StructureASaisir,
    idempotency_key: Annotated[str | None, Header(description="16 à 64 caractères, propre à cet envoi.")] = None,
) -> Response:
    """Inscrit une organisation qui n'est pas un lieu : préfecture, bailleur, Hub, financeur, collectif d'habitants…"""
    cle = idempotence.lire_cle(idempotency_key)
    condense = idempotence.empreinte_requete("POST", request.url.path, "", documents.JSON, demande.model_dump_json())
    le = contexte.horloge()
    async with contexte.base.write() as session:
        deja = await idempotence.chercher(session, principal.sujet, cle, condense)
        if deja is None:
            id = await inscrire(
                session,
                valeurs=demande.model_dump(),
                principal=principal,
                situer=contexte.situeur.territoire,
                plier=contexte.outils.plier,
                le=le,
            )
            deja = idempotence.ReponseGardee(201, {"Location": f"{routeur.prefix}/{id}"}, b"")
            await idempotence.garder(session, principal.sujet, cle, condense, deja, le=le)
            session.apres_commit(contexte.reveiller)
            rejeu = {}
        else:
            rejeu = {"Idempotency-Replayed": "true"}
    id = UUID(deja.entetes["Location"].rpartition("/")[2])
    return await _ecrite(contexte, id, 201, {**deja.entetes, **rejeu})


@routeur.patch(
    "/{id}",
    response_model=StructureLue,
    summary="Corriger une structure",
    responses=reponses(
        StructureInconnue, StructureDeReference, StructureExistante, PreconditionFausse, PreconditionRequise, Interdit
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                TYPE_MEDIA: {
                    "schema": schema_de_patch(StructureASaisir),
                    "examples": {
                        "nom": {"summary": "Changer le nom", "value": {"nom": "Hub fictif du Centre"}},
                        "fin": {"summary": "Dire sa fin", "value": {"valide_au": "2027-12-31"}},
                    },
                }
            },
        }
    },
)
async def corriger_structure(
    id: UUID,
    request: Request,
    principal: Administrateur,
    contexte: LeContexte,
    if_match: Annotated[str | None, Header(description="L'ETag lu.")] = None,
) -> Response:
    """Corrige une structure (JSON Merge Patch : `null` efface). Elle ne suit plus, dès lors, le nom de ses lieux."""
    changements = await lire_patch(request)
    async with contexte.base.write() as session:
        valeurs, version = await valeurs_saisies(session, id)
        exiger_if_match(if_match, documents.etag_de_detail(id, version))
        demande = valider_patch(StructureASaisir, fusionner(valeurs, changements))
        await corriger(
            session,
            id=id,
            valeurs=demande.model_dump(),
            principal=principal,
            situer=contexte.situeur.territoire,
            plier=contexte.outils.plier,
            le=contexte.horloge(),
        )
        session.apres_commit(contexte.reveiller)
    return await _ecrite(contexte, id, 200, {})


async def _ecrite(contexte: Contexte, id: UUID, statut: int, entetes: dict[str, str]) -> Response:
    """Answer a write with the document as committed: its change number is known only then."""
    async with contexte.base.read() as session:
        publiee = (await feed.lire(session, repository.KIND, [id]))[id]
    entetes = {**entetes, "ETag": documents.etag_de_detail(id, publiee.version)}
    return Response(publiee.octets or b"", statut, headers=entetes, media_type=documents.JSON)
