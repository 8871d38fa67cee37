"""Routes of the sources."""

from __future__ import annotations

from email.utils import format_datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from socle.acces.politique import Public
from socle.errors import Interdit, PreconditionFausse, PreconditionRequise
from socle.web import idempotence
from socle.web.cloisons import CloisonPleine
from socle.web.documents import JSON
from socle.web.etags import etag_faible, inchange
from socle.web.idempotence import CleReutilisee
from socle.web.pagination import Feuille, Page, ParametresPage
from socle.web.patch import TYPE_MEDIA, lire_patch, schema_de_patch
from socle.web.problemes import reponses
from socle.web.sessions import Ecriture, Lecture

from annuaire.dependances import LeContexte
from annuaire.exports import presentation as exports
from annuaire.exports.formats import FORMATS
from annuaire.exports.parameters import ParametresListe
from annuaire.exports.reponses import ReponseEnFlux, sans_corps
from annuaire.exports.routes import ENTETES, INCHANGE, PUBLIC
from annuaire.exports.routes import routeur as routeur_des_exports
from annuaire.exports.service import Demande, copier
from annuaire.lieux.repository import Filtres
from annuaire.sources import service
from annuaire.sources.access import Administrateur, Gestionnaire, Lecteur, exiger_libre
from annuaire.sources.errors import SourceExistante, SourceInconnue
from annuaire.sources.schemas import IdSource, SourceACreer, SourceLue, SourceModifiable

routeur = APIRouter(prefix="/annuaire/v1/sources", tags=["sources"])

PRIVE = "private, no-store"


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


@routeur.get(
    "/{source_id}",
    response_model=SourceLue,
    summary="Une source",
    responses={**INCHANGE, **reponses(SourceInconnue, Interdit)},
)
async def montrer(
    source_id: IdSource,
    session: Lecture,
    principal: Lecteur,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Donne une source, ce qui s'en règle et l'identifiant de sa dernière synchronisation appliquée."""
    source = await service.trouver(session, id=source_id, principal=principal)
    if inchange(if_none_match, service.etag(source)):
        return Response(status_code=304, headers={"ETag": service.etag(source), "Cache-Control": PRIVE})
    return _lue(source)


@routeur.patch(
    "/{source_id}",
    response_model=SourceLue,
    summary="Régler une source",
    responses=reponses(SourceInconnue, PreconditionFausse, PreconditionRequise, Interdit),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                TYPE_MEDIA: {
                    "schema": schema_de_patch(SourceModifiable),
                    "examples": {
                        "feuille": {
                            "summary": "Dire où est la liste dans le classeur",
                            "value": {"reglages": {"feuille": "Lieux", "ligne_entetes": 3}},
                        },
                        "rangs": {
                            "summary": "Croire cette source sur les horaires",
                            "value": {"rangs": {"horaires": 85}},
                        },
                    },
                }
            },
        }
    },
)
async def regler(
    source_id: IdSource,
    request: Request,
    principal: Gestionnaire,
    contexte: LeContexte,
    if_match: Annotated[str | None, Header(description="L'ETag lu.")] = None,
) -> Response:
    """Règle une source (JSON Merge Patch : `null` efface) : lecture de ses fichiers, rangs, licence, engagement.

    La clé qui envoie les listes en change la lecture (`reglages`) ; le reste demande la portée `sync:admin`.
    """
    changements = await lire_patch(request)
    async with contexte.base.write() as session:
        source = await service.modifier(
            session, id=source_id, changements=changements, si_version=if_match, principal=principal,
            le=contexte.horloge(),
        )  # fmt: skip
        session.apres_commit(contexte.reveiller)
    return _lue(source)


def _lue(source: SourceLue) -> Response:
    entetes = {"ETag": service.etag(source), "Cache-Control": PRIVE}
    return Response(source.model_dump_json(), headers=entetes, media_type=JSON)


@routeur.get(
    "/{source_id}/lieux.csv",
    summary="Le tableau d'une source",
    response_class=Response,
    responses={
        200: {
            "description": "Les 32 colonnes du standard national.",
            "content": {"text/csv": {"schema": {"type": "string"}}},
            "headers": {**ENTETES, "Last-Modified": {"schema": {"type": "string"}}},
        },
        **INCHANGE,
        **reponses(SourceInconnue, CloisonPleine),
    },
)
async def moissonner(
    source_id: IdSource,
    request: Request,
    _: Public,
    contexte: LeContexte,
    parametres: Annotated[ParametresListe, Query()],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Donne les lieux d'une source, sous ses propres clés, à une adresse qui ne change pas : un dépôt sert à tous.

    À donner à qui moissonne, carte nationale comprise : `ETag` dit si quelque chose y a changé depuis. Par défaut tout
    est écrit, téléphones joints par `|` ; `strict=1` obéit aux motifs du schéma publié.
    """
    # The state is read before the rows are: a change between the two gives rows newer than their tag, never older.
    async with contexte.base.read() as session:
        licence = (await service.connaitre(session, id=source_id)).licence
        etat = await contexte.etats.lire(session, source_id)
    format = FORMATS["excel" if parametres.dialecte == "excel-fr" else "csv"]
    racine = f"{contexte.socle.url_publique.rstrip('/')}{routeur_des_exports.prefix}/lieux"
    pertes = exports.adresse_des_pertes(racine, Filtres(), source_id) if parametres.strict else None
    lien = exports.liens(licence=licence, pertes=pertes)
    etiquette = exports.marque(f"{etat.numero}.{etat.lieux}", source_id, format.nom, parametres.strict)
    entetes = {
        "Content-Type": format.type_de_contenu,
        "Content-Disposition": f'attachment; filename="lieux-{source_id}.csv"',
        "Cache-Control": PUBLIC,
        "ETag": etag_faible(etiquette),
        **({"Last-Modified": format_datetime(etat.modifie_le, usegmt=True)} if etat.modifie_le else {}),
        **({"Link": lien} if lien else {}),
    }
    courte = sans_corps(request, if_none_match, entetes)
    if courte is not None:
        return courte
    demande = Demande(format=format.nom, strict=parametres.strict, source=source_id, sources=contexte.outils.sources)
    return ReponseEnFlux(await copier(contexte.base, contexte.exports, demande), entetes)
