"""Use cases of search: one question, whichever engine answers it."""

from __future__ import annotations

import math
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from annuaire.lieux.lecture import moments
from annuaire.recherche.champs import FACETTES, MOTEUR, codes_commencant, libelle, montre
from annuaire.recherche.dependances import Recherche
from annuaire.recherche.errors import FacetteInconnue, RechercheIndisponible
from annuaire.recherche.hydrater import Montrees, ecrire, hydrater
from annuaire.recherche.parameters import FiltresActeurs, ParametresFacette, ParametresRecherche
from annuaire.recherche.port import VALEURS_MAX, ActorPage, EngineUnavailable, FacetValue
from annuaire.recherche.rules import corriger
from annuaire.territoires.errors import CoucheAbsente

if TYPE_CHECKING:
    from annuaire.dependances import Contexte

MOTEURS: Final = {"meilisearch": "meilisearch", "embedded": "embarque", "database": "base"}
"""Who answered, as told."""
REESSAYER: Final = {"Retry-After": "5"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Resultat:
    """An answer: its bytes, the page of the engine, until when it holds (Unix time, infinite for ever)."""

    corps: bytes
    page: ActorPage
    jusqu_a: float


async def chercher(
    contexte: Contexte, recherche: Recherche, parametres: ParametresRecherche, *, geojson: bool, instant: datetime
) -> Resultat:
    """Answer a search.

    Raises `FenetreTropGrande` (400), `CoucheAbsente` (400), `RechercheIndisponible` (503).
    """
    question = parametres.question()
    await verifier_la_couche(contexte, parametres)
    page = await demander(recherche.moteur.search(question))
    await contexte.modele.rattraper(le=instant)
    montrees = await hydrater(
        contexte,
        recherche.fiches,
        page.hits,
        instant=instant,
        compacte=parametres.projection == "compacte",
        geojson=geojson,
        distances=parametres.proche is not None,
        surlignage=parametres.surlignage,
    )
    recherche.noter_derives(montrees.derives)
    return Resultat(_ecrire(parametres, page, montrees, geojson=geojson), page, montrees.jusqu_a)


async def demander(reponse: Awaitable[T]) -> T:
    """Await an engine. Raises `RechercheIndisponible` (503) when none can answer."""
    try:
        return await reponse
    except EngineUnavailable as exc:
        raise RechercheIndisponible(
            "Aucun moteur ne peut répondre pour l'instant : réessayez dans quelques secondes. Les listes de lieux "
            "répondent sans lui.",
            entetes=REESSAYER,
        ) from exc


async def verifier_la_couche(contexte: Contexte, parametres: FiltresActeurs) -> None:
    """Refuse a filter by quarter without their layer. Raises `CoucheAbsente` (400)."""
    if not parametres.qpv:
        return
    if contexte.situeur.couche is None:
        async with contexte.base.read() as session:
            await contexte.situeur.suivre(session)
    if contexte.situeur.couche is None:
        raise CoucheAbsente("Aucune couche de quartiers n'est chargée : ce filtre ne peut pas répondre.")


def _ecrire(parametres: ParametresRecherche, page: ActorPage, montrees: Montrees, *, geojson: bool) -> bytes:
    jusqu_a = None if math.isinf(montrees.jusqu_a) else moments.rfc3339(int(montrees.jusqu_a)).decode()
    corrigee = None if page.relaxed else corriger(parametres.q, (hit.matched_words for hit in page.hits))
    fin = ecrire(
        {
            "total": page.total,
            "total_minimal": page.total_is_floor,
            "page": page.page,
            "pages": page.pages,
            "facettes": _facettes(parametres, page),
            "assouplie": page.relaxed,
            "mots_abandonnes": page.dropped_words,
            "correction": corrigee,
            "moteur": MOTEURS[page.engine],
            "degrade": page.degraded,
            "generation": page.generation,
            "valable_jusqu_a": jusqu_a,
        }
    )
    debut = b'{"type":"FeatureCollection","features":[' if geojson else b'{"elements":['
    return b"%s%s],%s" % (debut, b",".join(montrees.elements), fin[1:])


def _facettes(parametres: ParametresRecherche, page: ActorPage) -> dict[str, dict[str, int]] | None:
    """Return the counts by field and value, the commonest first; `None` when the engine that answered can't count."""
    comptees = page.facets
    if comptees is None:
        return None
    return {
        nom: {v.value: v.count for v in comptees.get(MOTEUR[nom], ()) if montre(nom, v.value)}
        for nom in dict.fromkeys(parametres.facettes)
    }


async def lister_les_valeurs(
    contexte: Contexte, recherche: Recherche, nom: str, parametres: ParametresFacette
) -> dict[str, Any]:
    """Return the values of a facet that begin so, among what a search finds.

    Raises `FacetteInconnue` (404), `CoucheAbsente` (400), `RechercheIndisponible` (503).
    """
    if nom not in MOTEUR:
        raise FacetteInconnue(f"Les facettes sont : {', '.join(FACETTES)}.", facettes=list(FACETTES))
    await verifier_la_couche(contexte, parametres)
    facette, filtres, prefixe = MOTEUR[nom], dict(parametres.filtres), parametres.prefixe
    if parametres.comptage_facettes == "disjonctif":
        filtres.pop(facette, None)
    codes = codes_commencant(nom, prefixe, VALEURS_MAX) if prefixe else None
    if codes is not None:
        # a territory is looked for by its name, which engines do not know
        voulus = filtres.get(facette)
        filtres[facette] = tuple(c for c in codes if voulus is None or c in voulus) or ("",)
        prefixe = ""
    question = replace(parametres.requete(relax=not parametres.strict), filters=filtres)
    valeurs = await demander(recherche.moteur.facet_values(facette, prefixe, question))
    return {"facette": nom, "valeurs": [_valeur(nom, v) for v in valeurs if montre(nom, v.value)]}


def _valeur(nom: str, valeur: FacetValue) -> dict[str, Any]:
    return {"valeur": valeur.value, "libelle": libelle(nom, valeur.value), "nombre": valeur.count}
