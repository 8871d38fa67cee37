"""Routes of the exports."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from socle.acces.politique import Public
from socle.donnees import feed
from socle.errors import Interdit, NonAuthentifie
from socle.web.cloisons import CloisonPleine
from socle.web.errors import FormatRefuse
from socle.web.etags import etag_faible
from socle.web.problemes import reponses
from starlette.responses import Response

from annuaire.dependances import LeContexte
from annuaire.exports import presentation
from annuaire.exports.access import exiger_la_source
from annuaire.exports.formats import MEDIAS, format_de
from annuaire.exports.parameters import ParametresExport, ParametresTerritoire
from annuaire.exports.reponses import ReponseEnFlux, sans_corps
from annuaire.exports.schemas import PertesStrictes
from annuaire.exports.service import Demande, compter_les_pertes, copier
from annuaire.referentiels.licences import LICENCE_OUVERTE

routeur = APIRouter(prefix="/annuaire/v1/exports", tags=["exports"])

PUBLIC, PRIVE = "public, max-age=60", "private, no-store"
INCHANGE: dict[int | str, dict[str, Any]] = {304: {"description": "Inchangé depuis l'ETag cité"}}
ENTETES: dict[str, dict[str, Any]] = {
    "Change-Number": {"schema": {"type": "integer"}, "description": "Où reprendre le flux."},
    "Content-Disposition": {"schema": {"type": "string"}, "description": "Nom du fichier."},
    "ETag": {"schema": {"type": "string"}},
    "Link": {"schema": {"type": "string"}, "description": "`license` ; `describedby`, ce que `strict` laisse de côté."},
}


@routeur.get(
    "/lieux",
    summary="Copier tous les lieux",
    response_class=Response,
    responses={
        200: {
            "description": 'Les lieux, dans un même état. En NDJSON, `{"fin": true, "lignes": n, …}` vient à la fin.',
            "content": {media: {"schema": {"type": "string"}} for media in MEDIAS.values()},
            "headers": ENTETES,
        },
        **INCHANGE,
        **reponses(NonAuthentifie, Interdit, FormatRefuse, CloisonPleine),
    },
)
async def exporter_lieux(
    request: Request,
    principal: Public,
    contexte: LeContexte,
    parametres: Annotated[ParametresExport, Query()],
    # OpenAPI keeps the name of this header for itself: `format` says that it counts
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Donne les lieux dans un même état de l'annuaire, dont le numéro est dans l'en-tête `Change-Number`.

    Pour tenir une copie : exporter en NDJSON, puis suivre `/changements/lieux` à partir de ce numéro. La dernière ligne
    dit combien il y en avait : sans elle, la copie est incomplète. Les tableaux ont les 32 colonnes du standard
    national, et se renvoient tels quels. La licence de chaque lieu est dans sa fiche.
    """
    format = format_de(parametres.nom_de_format(), accept)
    source, prive = parametres.seule_source(), parametres.contacts == "tous"
    if prive and source:
        exiger_la_source(principal, source)
    filtres = parametres.filtres(contexte.situeur.referentiel)
    racine = f"{contexte.socle.url_publique.rstrip('/')}{routeur.prefix}/lieux"
    variantes = (format.nom, parametres.strict, source, presentation.variante(filtres))

    async with contexte.base.read() as session:
        numero = await feed.dernier_numero(session)
        citee = (await contexte.outils.sources(session)).get(source) if source else None
    licence = LICENCE_OUVERTE if source is None else citee.licence if citee else None

    def entetes(numero: int) -> dict[str, str]:
        dits = {
            "Content-Type": format.type_de_contenu,
            "Content-Disposition": "attachment; filename="
            f'"{presentation.nom_de_fichier(format.nom, parametres.demandes(), source, contexte.horloge().date())}"',
            "Change-Number": str(numero),
            "Cache-Control": PRIVE if prive else PUBLIC,
            "Vary": "Accept",
        }
        if not prive:
            dits["ETag"] = etag_faible(presentation.marque(str(numero), *variantes))
        pertes = presentation.adresse_des_pertes(racine, parametres.demandes(), source) if parametres.strict else None
        lien = presentation.liens(licence=licence, pertes=pertes)
        return {**dits, "Link": lien} if lien else dits

    courte = sans_corps(request, if_none_match, entetes(numero))
    if courte is not None:
        return courte
    demande = Demande(
        format=format.nom,
        strict=parametres.strict,
        filtres=filtres,
        source=source,
        fiches=prive,
        sources=contexte.outils.sources,
    )
    copie = await copier(contexte.base, contexte.exports, demande)
    return ReponseEnFlux(copie, entetes(copie.numero))


@routeur.get("/lieux/pertes", summary="Ce que l'écriture stricte laisse de côté", responses=reponses(CloisonPleine))
async def compter_pertes(
    _: Public, response: Response, contexte: LeContexte, parametres: Annotated[ParametresTerritoire, Query()]
) -> PertesStrictes:
    """Compte, par colonne, les lieux dont `strict` n'écrit pas toute la valeur : second téléphone, horaires illisibles.

    L'écriture par défaut garde tout, téléphones joints par `|` ; l'écriture stricte passe le schéma publié.
    """
    response.headers["Cache-Control"] = PUBLIC
    filtres = parametres.filtres(contexte.situeur.referentiel)
    demande = Demande(
        format="csv",
        strict=True,
        filtres=filtres,
        source=parametres.seule_source(),
        sources=contexte.outils.sources,
    )
    return await compter_les_pertes(contexte.base, contexte.exports, demande)
