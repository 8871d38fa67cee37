"""Routes of the fetching of lists."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response
from socle.errors import Interdit, PreconditionFausse
from socle.web.documents import JSON
from socle.web.etags import exiger_if_match, inchange
from socle.web.problemes import reponses
from socle.web.sessions import Ecriture, Lecture

from annuaire.dependances import LeContexte
from annuaire.sources.access import Administrateur, Lecteur
from annuaire.sources.errors import SourceInconnue
from annuaire.sources.schemas import IdSource
from annuaire.sources.tirage import service
from annuaire.sources.tirage.errors import AdresseRefusee, SansTirage, SecretInconnu, TirageTropProche
from annuaire.sources.tirage.schemas import TirageADefinir, TirageLu

routeur = APIRouter(prefix="/annuaire/v1/sources/{source_id}/tirage", tags=["sources"])

PRIVE = "private, no-store"


@routeur.put(
    "",
    summary="Faire tirer une source",
    responses={
        201: {"model": TirageLu, "description": "La source n'était pas tirée, elle l'est"},
        **reponses(SourceInconnue, Interdit, AdresseRefusee, SecretInconnu, PreconditionFausse),
    },
)
async def definir_tirage(
    source_id: IdSource,
    response: Response,
    session: Ecriture,
    principal: Administrateur,
    contexte: LeContexte,
    demande: TirageADefinir,
    if_match: Annotated[str | None, Header(description="L'ETag lu : refuser si le réglage a changé depuis.")] = None,
) -> TirageLu:
    """Dit où aller chercher la liste d'une source, et à quelle cadence : chaque tirage est une synchronisation.

    Un fichier absent, vide, ou une page web à sa place ne retire jamais aucun lieu. Les liens de partage des outils
    courants sont reconnus.
    """
    if if_match is not None:
        exiger_if_match(
            if_match, service.etag(await service.trouver(session, source_id=source_id, principal=principal))
        )
    tirage, nouveau = await service.definir(
        session,
        source_id=source_id,
        demande=demande,
        reglages=contexte.sortie.reglages,
        secrets=contexte.socle.secrets,
        principal=principal,
        le=contexte.horloge(),
    )
    response.status_code = 201 if nouveau else 200
    if nouveau:
        response.headers["Location"] = f"/annuaire/v1/sources/{source_id}/tirage"
    response.headers["ETag"] = service.etag(tirage)
    return tirage


@routeur.get(
    "",
    response_model=TirageLu,
    summary="Le tirage d'une source",
    responses={304: {"description": "Inchangé depuis l'ETag cité"}, **reponses(SourceInconnue, SansTirage, Interdit)},
)
async def montrer_tirage(
    source_id: IdSource,
    session: Lecture,
    principal: Lecteur,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Dit comment une liste est tirée, ce que le dernier essai a donné et quand sera le prochain."""
    tirage = await service.trouver(session, source_id=source_id, principal=principal)
    entetes = {"ETag": service.etag(tirage), "Cache-Control": PRIVE}
    if inchange(if_none_match, entetes["ETag"]):
        return Response(status_code=304, headers=entetes)
    return Response(tirage.model_dump_json(), headers=entetes, media_type=JSON)


@routeur.delete(
    "",
    status_code=204,
    summary="Ne plus tirer une source",
    responses=reponses(SourceInconnue, SansTirage, Interdit),
)
async def arreter_tirage(
    source_id: IdSource, session: Ecriture, principal: Administrateur, contexte: LeContexte
) -> None:
    """Arrête de tirer une source. Ses lieux restent."""
    await service.arreter(session, source_id=source_id, principal=principal, le=contexte.horloge())


@routeur.post(
    "/maintenant",
    status_code=202,
    summary="Tirer une source maintenant",
    responses=reponses(SourceInconnue, SansTirage, TirageTropProche, Interdit),
)
async def tirer_maintenant(
    source_id: IdSource, session: Ecriture, principal: Administrateur, contexte: LeContexte
) -> TirageLu:
    """Va chercher la liste sans attendre l'heure prévue. Une demande déjà faite n'est pas faite deux fois."""
    tirage = await service.demander(session, source_id=source_id, principal=principal, le=contexte.horloge())
    session.apres_commit(contexte.reveiller)
    return tirage
