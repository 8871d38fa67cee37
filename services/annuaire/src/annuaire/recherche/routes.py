"""Routes of search."""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request
from socle.web.documents import JSON
from socle.web.errors import FormatRefuse
from socle.web.etags import etag_faible, inchange
from socle.web.negociation import choisir
from socle.web.pagination import liens_de_pages
from socle.web.problemes import reponses
from starlette.responses import Response

from annuaire.dependances import LeContexte
from annuaire.lieux.lecture import moments
from annuaire.lieux.schemas import en_geojson
from annuaire.recherche import service
from annuaire.recherche.access import Chercheur
from annuaire.recherche.dependances import LaRecherche
from annuaire.recherche.errors import FacetteInconnue, FenetreTropGrande, RechercheIndisponible
from annuaire.recherche.hydrater import ecrire
from annuaire.recherche.parameters import ParametresFacette, ParametresRecherche, ParametresSuggestions
from annuaire.recherche.schemas import CollectionTrouvee, FacetteLue, PageRecherche, SuggestionsLues
from annuaire.recherche.suggerer import suggerer
from annuaire.territoires.errors import CoucheAbsente

routeur = APIRouter(prefix="/annuaire/v1/recherche", tags=["recherche"])

FORMATS = {"json": JSON, "geojson": "application/geo+json"}
SECONDES, SECONDES_DEGRADE = 30, 5
"""How long an answer may be kept; one of a fallback engine is not for long."""

INCHANGE: dict[int | str, dict[str, Any]] = {304: {"description": "Inchangé depuis l'ETag cité"}}
MOTEUR: dict[str, Any] = {
    "X-Search-Engine": {
        "schema": {"type": "string", "enum": ["meilisearch", "embarque", "base"]},
        "description": "Le moteur qui a répondu.",
    }
}


@routeur.get(
    "",
    response_model=PageRecherche,
    summary="Chercher des lieux et des structures",
    responses={
        200: {"content": en_geojson(CollectionTrouvee), "headers": MOTEUR},
        **INCHANGE,
        **reponses(FenetreTropGrande, CoucheAbsente, FormatRefuse, RechercheIndisponible),
    },
)
async def chercher(
    request: Request,
    _: Chercheur,
    contexte: LeContexte,
    recherche: LaRecherche,
    parametres: Annotated[ParametresRecherche, Query()],
    if_none_match: Annotated[str | None, Header()] = None,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """Cherche par mots dans les noms, les communes, les services et les présentations, fautes de frappe comprises.

    Les filtres sont ceux de `/lieux`. Quand rien n'a tous les mots, ceux qui manquent partout sont lâchés, et la
    réponse le dit (`assouplie`, `mots_abandonnes`) ; `strict=true` l'interdit. `moteur` et `degrade` disent qui a
    répondu. Une recherche montre ses 1 000 premiers résultats.
    """
    geojson = choisir(accept, FORMATS, format=parametres.format) == "geojson"
    instant = contexte.horloge()
    resultat = await service.chercher(contexte, recherche, parametres, geojson=geojson, instant=instant)
    page = resultat.page
    secondes = SECONDES_DEGRADE if page.degraded else SECONDES
    entetes = _entetes(resultat.corps) | {
        "Cache-Control": moments.cache(instant.timestamp(), resultat.jusqu_a, secondes).decode(),
        "Link": liens_de_pages(
            contexte.socle.url_publique,
            request.url.path,
            request.query_params.multi_items(),
            page=page.page,
            pages=page.pages,
        ),
        "X-Search-Engine": service.MOTEURS[page.engine],
    }
    return _repondre(resultat.corps, entetes, if_none_match, media=FORMATS["geojson" if geojson else "json"])


@routeur.get(
    "/suggestions",
    response_model=SuggestionsLues,
    summary="Compléter ce qui est tapé",
    responses={**INCHANGE, **reponses(RechercheIndisponible)},
)
async def suggerer_la_suite(
    _: Chercheur,
    contexte: LeContexte,
    recherche: LaRecherche,
    parametres: Annotated[ParametresSuggestions, Query()],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Propose des communes, des services, des lieux et des structures dont le nom complète ce qui est tapé.

    Chaque suggestion dit ce qu'il faut demander ensuite : `lien`, et `filtre` quand c'en est un.
    """
    corps = ecrire({"suggestions": await suggerer(contexte, recherche, parametres)})
    return _repondre(corps, _entetes(corps), if_none_match)


@routeur.get(
    "/facettes/{nom}",
    response_model=FacetteLue,
    summary="Les valeurs d'une facette",
    responses={**INCHANGE, **reponses(FacetteInconnue, CoucheAbsente, RechercheIndisponible)},
)
async def lister_les_valeurs(
    nom: Annotated[str, Path(max_length=100, description="Champ, comme dans `facettes`.", examples=["code_insee"])],
    _: Chercheur,
    contexte: LeContexte,
    recherche: LaRecherche,
    parametres: Annotated[ParametresFacette, Query()],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Donne les valeurs d'un champ parmi ce que trouve une recherche, la plus fréquente d'abord, 150 au plus.

    `prefixe` est le début de la valeur ; d'un territoire, le début de son nom ou de son code.
    """
    corps = ecrire(await service.lister_les_valeurs(contexte, recherche, nom, parametres))
    return _repondre(corps, _entetes(corps), if_none_match)


def _entetes(corps: bytes) -> dict[str, str]:
    """An index follows the directory at its own pace: only what is answered says whether it is the same answer."""
    return {
        "ETag": etag_faible(blake2b(corps, digest_size=12).hexdigest()),
        "Cache-Control": f"public, max-age={SECONDES}",
        "Vary": "Accept, Accept-Encoding",
    }


def _repondre(corps: bytes, entetes: dict[str, str], si_different: str | None, *, media: str = JSON) -> Response:
    if inchange(si_different, entetes["ETag"]):
        return Response(status_code=304, headers=entetes)
    return Response(corps, headers=entetes, media_type=media)
