"""Routes of the synchronisations."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from socle.acces.principal import Principal
from socle.errors import Interdit, Introuvable
from socle.identifiants import uuid7
from socle.web.cloisons import CloisonPleine
from socle.web.compression import VARY
from socle.web.idempotence import CleReutilisee, ReponseGardee, lire_cle, rejouer, une_fois
from socle.web.pagination import Feuille, Page, ParametresPage
from socle.web.problemes import reponse_probleme, reponses
from socle.web.sessions import Ecriture, Lecture
from starlette.responses import JSONResponse

from annuaire.dependances import Contexte, LeContexte
from annuaire.exports.reponses import ReponseEnFlux, sans_corps
from annuaire.sources import repository as sources
from annuaire.sources.correspondance.errors import CorrespondanceInconnue
from annuaire.sources.errors import SourceInconnue
from annuaire.sources.schemas import IdSource
from annuaire.synchronisation import revenir, service
from annuaire.synchronisation.access import Synchroniseur
from annuaire.synchronisation.annotation.annoter import copier, preparer
from annuaire.synchronisation.envoyer import Envoi
from annuaire.synchronisation.envoyer import envoyer as envoyer_liste
from annuaire.synchronisation.errors import (
    BaseDepassee,
    CondenseInvalide,
    ConfirmationInexacte,
    FichierAbsent,
    FichierPurge,
    NonApplicable,
    PlanDepasse,
    RapportEnPreparation,
    SynchronisationEnCours,
    TropDeSynchronisations,
    TypeDeListeRefuse,
)
from annuaire.synchronisation.etats import TERMINAUX
from annuaire.synchronisation.exemples import LIEU, en_csv, en_ligne
from annuaire.synchronisation.lecteurs import CSV, JSON, NDJSON, TYPES, XLSX
from annuaire.synchronisation.lecteurs.errors import FichierRefuse
from annuaire.synchronisation.parameters import ParametresPlan, ParametresRapport, ParametresReception
from annuaire.synchronisation.proposer import proposer as proposer_pour
from annuaire.synchronisation.reception import recevoir
from annuaire.synchronisation.schemas import (
    DemandeApplication,
    DemandeRetour,
    LignePlanLue,
    LigneRapportLue,
    PropositionLue,
    SynchronisationLue,
)

routeur = APIRouter(prefix="/annuaire/v1", tags=["synchronisation"])

_FICHIER = {"type": "string", "format": "binary"}
# The reader says what is wrong with a list, row by row, once it is received: the schema only says its shape.
_CONTENUS: dict[str, dict[str, Any]] = {
    JSON: {
        "schema": {"type": "array", "items": {"type": "object"}},
        "examples": {"liste": {"summary": "Un lieu fictif, au standard national", "value": [LIEU]}},
    },
    CSV: {"schema": _FICHIER, "examples": {"liste": {"summary": "La même liste, en CSV", "value": en_csv(LIEU)}}},
    NDJSON: {"schema": _FICHIER, "examples": {"liste": {"summary": "Une ligne par lieu", "value": en_ligne(LIEU)}}},
}
CORPS = {
    "requestBody": {
        "required": True,
        "content": {type_mime: _CONTENUS.get(type_mime, {"schema": _FICHIER}) for type_mime in TYPES},
    }
}


@routeur.post(
    "/sources/{source_id}/synchronisations",
    status_code=202,
    response_model=SynchronisationLue,
    summary="Envoyer une liste",
    responses={
        200: {"model": SynchronisationLue, "description": "La synchronisation, finie dans le délai demandé"},
        **reponses(
            SourceInconnue, CorrespondanceInconnue, SynchronisationEnCours, BaseDepassee, CondenseInvalide,
            TypeDeListeRefuse, Interdit,
            CleReutilisee, TropDeSynchronisations, FichierRefuse,
        ),
    },
    openapi_extra=CORPS,
)  # fmt: skip
async def envoyer(
    source_id: IdSource,
    request: Request,
    principal: Synchroniseur,
    contexte: LeContexte,
    parametres: Annotated[ParametresReception, Query()],
    idempotency_key: Annotated[str | None, Header(description="16 à 64 caractères, propre à cet envoi.")] = None,
    prefer: Annotated[
        str | None, Header(description="`respond-async, wait=10` : attendre la fin au plus 10 s.")
    ] = None,
    if_match: Annotated[str | None, Header(description='`"run-…"` : refuser si la source a changé depuis.')] = None,
) -> Response:
    """Reçoit une liste (CSV, TSV, JSON, GeoJSON, NDJSON, XLSX ou ODS), la compare à l'annuaire et l'applique.

    La réponse vient tout de suite (202) et l'état se suit à l'adresse donnée par `Location`. La même requête renvoyée
    avec la même clé d'idempotence reçoit la même réponse et n'agit qu'une fois.
    """
    principal.exiger_source(source_id)
    envoi = Envoi(
        source_id=source_id,
        mode=parametres.mode,
        essai=parametres.essai,
        cle=lire_cle(idempotency_key),
        requete=(request.url.path, request.url.query),
        si_dernier=if_match,
        correspondance=parametres.correspondance,
        principal=principal,
    )
    gardee, premiere = await envoyer_liste(
        contexte.base,
        request.stream(),
        request.headers,
        envoi,
        dossier=contexte.depots,
        quota=contexte.settings.runs_par_heure,
        horloge=contexte.horloge,
    )
    if not premiere:
        return rejouer(gardee)
    contexte.reveiller()
    attente = _attente(prefer)
    id = UUID(gardee.entetes["Location"].rpartition("/")[2])
    fini = await _attendre(contexte, id, principal, attente) if attente else None
    return fini or Response(gardee.corps, gardee.statut, headers=gardee.entetes)


@routeur.post(
    "/sources/{source_id}/correspondances:proposer",
    response_model=PropositionLue,
    summary="Proposer une correspondance",
    responses=reponses(SourceInconnue, CondenseInvalide, TypeDeListeRefuse, Interdit, FichierRefuse, CloisonPleine),
    openapi_extra=CORPS,
)
async def proposer(
    source_id: IdSource, request: Request, principal: Synchroniseur, contexte: LeContexte
) -> PropositionLue:
    """Lit une liste qui ne suit pas le standard et propose le document qui dirait comment la lire.

    Rien n'est gardé, ni le fichier ni la proposition : relisez le document, corrigez-le, puis donnez-le à la source.
    Ce qui n'est pas assez sûr n'est pas proposé : ces colonnes sont dans `colonnes_non_lues`.
    """
    principal.exiger_source(source_id)
    async with contexte.base.read() as session:
        if await sources.lire(session, source_id) is None:
            raise SourceInconnue(f"Aucune source « {source_id} ».")
    # received before it takes a place: a slow sender holds nobody up
    recu = await recevoir(request.stream(), request.headers, id=uuid7(), dossier=contexte.depots)
    chemin = contexte.depots / recu.fichier
    try:
        async with contexte.propositions.place():
            return PropositionLue(**await proposer_pour(chemin, recu.type_mime, dossier=contexte.depots))
    finally:
        chemin.unlink(missing_ok=True)


def _attente(prefer: str | None) -> float:
    """Read `wait=N` of Prefer (RFC 7240), at most 25 seconds."""
    for preference in (prefer or "").split(","):
        nom, _, valeur = preference.strip().partition("=")
        if nom.lower() == "wait" and valeur.strip('"').isdecimal():
            return float(min(int(valeur.strip('"')[:6]), 25))
    return 0.0


async def _attendre(contexte: Contexte, id: UUID, principal: Principal, secondes: float) -> Response | None:
    """Wait for the end of a run; return its answer, or `None` when it goes on."""
    limite = asyncio.get_running_loop().time() + secondes
    while True:
        async with contexte.base.read() as session:
            run = await service.montrer(session, id=id, principal=principal)
        if run.etat in TERMINAUX or run.etat == "retenue":
            await _montrer_l_effet(contexte, run)
            return _fini(run)
        if asyncio.get_running_loop().time() >= limite:
            return None
        await asyncio.sleep(0.05)


async def _montrer_l_effet(contexte: Contexte, run: SynchronisationLue) -> None:
    """Say that a list is applied once its places can be read here: whoever asks will look for them next."""
    if run.etat == "appliquee":
        await contexte.modele.rattraper(le=contexte.horloge(), entierement=True)


def _fini(run: SynchronisationLue) -> Response:
    """Answer with a finished run; a file that could not be read is the problem itself, with its place."""
    entetes = {"Location": service.adresse(run.id)}
    if run.etat == "rejetee" and run.erreur is not None:
        corps = {**run.erreur, "synchronisation": str(run.id)}
        return JSONResponse(corps, run.erreur["status"], entetes, media_type="application/problem+json")
    return Response(run.model_dump_json(), 200, headers=entetes, media_type="application/json")


@routeur.get(
    "/sources/{source_id}/synchronisations",
    summary="Les synchronisations d'une source",
    responses=reponses(SourceInconnue, Interdit),
)
async def lister(
    source_id: IdSource,
    request: Request,
    session: Lecture,
    principal: Synchroniseur,
    contexte: LeContexte,
    parametres: Annotated[ParametresPage, Query()],
) -> Page[SynchronisationLue]:
    """Liste les synchronisations d'une source, la plus récente d'abord."""
    feuille = Feuille(contexte.curseurs, request, parametres)
    avant = feuille.depart()
    runs = await service.lister(
        session,
        source_id=source_id,
        principal=principal,
        avant=UUID(str(avant)) if avant else None,
        limite=parametres.limite,
    )
    return Page(elements=runs, suivant=feuille.suivant(runs, lambda run: str(run.id)))


@routeur.get("/synchronisations/{id}", summary="Une synchronisation", responses=reponses(Introuvable, Interdit))
async def montrer(id: UUID, response: Response, principal: Synchroniseur, contexte: LeContexte) -> SynchronisationLue:
    """Donne l'état d'une synchronisation, son plan chiffré, ses gardes et les comptes de son rapport."""
    async with contexte.base.read() as session:
        run = await service.montrer(session, id=id, principal=principal)
    await _montrer_l_effet(contexte, run)
    response.headers["Cache-Control"] = "private, no-store"
    if run.etat not in TERMINAUX:
        response.headers["Retry-After"] = "1"
    return run


@routeur.get(
    "/synchronisations/{id}/plan", summary="Le plan, ligne par ligne", responses=reponses(Introuvable, Interdit)
)
async def lire_plan(
    id: UUID,
    request: Request,
    session: Lecture,
    principal: Synchroniseur,
    contexte: LeContexte,
    parametres: Annotated[ParametresPlan, Query()],
) -> Page[LignePlanLue]:
    """Dit ce que devient chaque fiche : créée, modifiée (champ par champ), supprimée, rejetée.

    Les fiches inchangées sont comptées, pas listées.
    """
    feuille = Feuille(contexte.curseurs, request, parametres)
    lignes = await service.plan(
        session,
        id=id,
        principal=principal,
        outils=contexte.outils,
        action=parametres.action,
        apres=int(feuille.depart() or 0),
        limite=parametres.limite,
    )
    return Page(elements=list(lignes), suivant=feuille.suivant(lignes, lambda ligne: ligne.rang))


@routeur.get(
    "/synchronisations/{id}/lignes",
    summary="Le rapport, cellule par cellule",
    responses=reponses(Introuvable, Interdit),
)
async def lire_rapport(
    id: UUID,
    request: Request,
    session: Lecture,
    principal: Synchroniseur,
    contexte: LeContexte,
    parametres: Annotated[ParametresRapport, Query()],
) -> Page[LigneRapportLue]:
    """Donne chaque défaut et chaque correction à sa place dans le fichier, avec sa raison en français."""
    feuille = Feuille(contexte.curseurs, request, parametres)
    lignes = await service.rapport(
        session,
        id=id,
        principal=principal,
        code=parametres.code,
        severite=parametres.severite,
        apres=int(feuille.depart() or 0),
        limite=parametres.limite,
    )
    return Page(elements=[lue for _, lue in lignes], suivant=feuille.suivant(lignes, lambda ligne: ligne[0]))


@routeur.get(
    "/synchronisations/{id}/fichier-annote.xlsx",
    summary="La liste, annotée",
    response_class=Response,
    responses={
        200: {
            "description": "Le classeur, sa liste et sa légende",
            "content": {XLSX: {"schema": _FICHIER}},
            "headers": {"Content-Disposition": {"schema": {"type": "string"}, "description": "Nom du fichier."}},
        },
        **reponses(
            Introuvable, FichierAbsent, FichierPurge, RapportEnPreparation, Interdit, FichierRefuse, CloisonPleine
        ),
    },
)
async def rendre_annote(id: UUID, request: Request, principal: Synchroniseur, contexte: LeContexte) -> Response:
    """Rend la liste reçue, lignes et colonnes dans leur ordre, avec `id_maillage` et `probleme` à la fin.

    Les cases qui posent problème sont colorées, et la feuille « Légende » dit ce que valent les couleurs. Une fois
    corrigé, le fichier se renvoie tel quel : `id_maillage` retrouve les lieux, `probleme` n'est pas lu. Un fichier reçu
    est gardé 30 jours (410 ensuite).
    """
    annotation = await preparer(
        contexte.base, id=id, principal=principal, dossier=contexte.depots, horloge=contexte.horloge
    )
    entetes = {
        "Content-Type": XLSX,
        "Content-Disposition": f'attachment; filename="{annotation.run.source_id}-annote.xlsx"',
        "Cache-Control": "private, no-store",
        # a workbook has one form, but what refuses it at the same address is compressed
        "Vary": VARY.decode(),
    }
    return sans_corps(request, None, entetes) or ReponseEnFlux(
        await copier(contexte.base, contexte.exports, annotation), entetes
    )


@routeur.post(
    "/synchronisations/{id}/application",
    status_code=202,
    response_model=SynchronisationLue,
    summary="Appliquer un plan",
    responses=reponses(Introuvable, NonApplicable, ConfirmationInexacte, PlanDepasse, SynchronisationEnCours, Interdit),
)
async def appliquer(
    id: UUID,
    response: Response,
    session: Ecriture,
    principal: Synchroniseur,
    contexte: LeContexte,
    demande: DemandeApplication,
    if_match: Annotated[str | None, Header(description="L'`etag` du plan lu.")] = None,
) -> SynchronisationLue | Response:
    """Applique le plan d'un essai, ou lève les gardes d'une synchronisation retenue en confirmant leurs valeurs.

    Si l'annuaire a changé depuis le plan, un nouveau plan est préparé et la réponse est 412.
    """
    resultat = await service.demander_application(
        session, id=id, demande=demande, si_plan=if_match, principal=principal, le=contexte.horloge()
    )
    session.apres_commit(contexte.reveiller)
    if isinstance(resultat, PlanDepasse):
        return reponse_probleme(resultat)
    response.headers["Location"] = service.adresse(id)
    return resultat


@routeur.post(
    "/synchronisations/{id}/annulation", summary="Annuler", responses=reponses(Introuvable, NonApplicable, Interdit)
)
async def annuler(id: UUID, session: Ecriture, principal: Synchroniseur, contexte: LeContexte) -> SynchronisationLue:
    """Abandonne une synchronisation qui n'est pas en cours d'application. Rien de l'annuaire ne change."""
    return await service.annuler(session, id=id, principal=principal, le=contexte.horloge())


@routeur.post(
    "/synchronisations/{id}/retour",
    status_code=202,
    response_model=SynchronisationLue,
    summary="Défaire une synchronisation",
    responses=reponses(Introuvable, NonApplicable, SynchronisationEnCours, CleReutilisee, Interdit),
)
async def defaire(
    id: UUID,
    request: Request,
    session: Ecriture,
    principal: Synchroniseur,
    contexte: LeContexte,
    demande: DemandeRetour,
    idempotency_key: Annotated[str | None, Header(description="16 à 64 caractères, propre à cet envoi.")] = None,
) -> Response:
    """Remet les fiches comme elles étaient avant une synchronisation appliquée depuis moins de 30 jours.

    C'est une synchronisation comme une autre, que les gardes peuvent retenir. Une fiche changée depuis est laissée
    telle quelle, et dite dans le rapport (`fiche_changee_depuis`).
    """
    le = contexte.horloge()

    async def agir() -> ReponseGardee:
        retour = await revenir.demander(session, id=id, motif=demande.motif, principal=principal, le=le)
        session.apres_commit(contexte.reveiller)
        entetes = {"Location": service.adresse(retour.id), "Content-Type": "application/json"}
        return ReponseGardee(202, entetes, service.lue(retour, {}).model_dump_json().encode())

    return await une_fois(
        session, request, client=principal.sujet, entete=idempotency_key, corps=demande, le=le, agir=agir
    )
