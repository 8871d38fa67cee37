"""Use case of orientation: candidates from the engine, facts from the read model, the choice by the rules."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from annuaire.lieux.horaires.calendrier import PARIS
from annuaire.lieux.horaires.fuseaux import zone
from annuaire.lieux.lecture import documents
from annuaire.lieux.lecture.itinerants import Moment
from annuaire.lieux.lecture.ouvertures import fin_de
from annuaire.recherche.dependances import Recherche
from annuaire.recherche.documents import LIEU
from annuaire.recherche.hydrater import ecrire
from annuaire.recherche.orientation.rules import (
    A_DISTANCE,
    RELACHEES,
    Besoin,
    Choix,
    Contrainte,
    Faits,
    Orientation,
    orienter,
)
from annuaire.recherche.orientation.schemas import OrientationDemandee
from annuaire.recherche.port import FENETRE, TAILLE_MAX, ActorPage, ActorQuery, Circle, Hit
from annuaire.recherche.service import MOTEURS, demander
from annuaire.referentiels.repository import Referentiels
from annuaire.territoires.errors import TerritoireInconnu

if TYPE_CHECKING:
    from annuaire.dependances import Contexte
    from annuaire.lieux.lecture.tableau import Tableau

PAGES: Final = 3
"""Pages of candidates looked at: beyond, one looks for too wide a thing for its best place to be missed."""
ELARGIE_M: Final = 100_000
ELARGIR: Final = 3
"""How much further one looks when nothing is near, and how far at most."""

Filtres = Mapping[str, tuple[str, ...]]
"""Values by facet of the engines."""


@dataclass(slots=True)
class Recolte:
    """Candidates of one search."""

    page: ActorPage
    faits: list[Faits]


async def proposer(
    contexte: Contexte, recherche: Recherche, demande: OrientationDemandee, *, maintenant: datetime
) -> bytes:
    """Answer a need. Raises `TerritoireInconnu` (404), `RechercheIndisponible` (503)."""
    centre = _depart(contexte, demande)
    besoin, instant = _besoin(demande), demande.instant(maintenant)
    await contexte.modele.rattraper(le=maintenant)
    recolte, orientation = await _chercher(contexte, recherche, demande.besoin, besoin, centre, instant, demande.limite)
    return _ecrire(contexte, recolte.page, orientation, instant)


def _depart(contexte: Contexte, demande: OrientationDemandee) -> Circle:
    if demande.point is not None:
        return Circle(lat=demande.point.latitude, lng=demande.point.longitude, radius_m=demande.distance_max_m)
    code = demande.code_insee or ""
    referentiel = contexte.situeur.referentiel
    commune = referentiel.arrondissement(code) or referentiel.actuelle(code)
    if commune is None or commune.latitude is None or commune.longitude is None:
        raise TerritoireInconnu(f"Aucune commune située ne porte le code « {code} » : donnez un `point`.")
    return Circle(lat=commune.latitude, lng=commune.longitude, radius_m=demande.distance_max_m)


def _besoin(demande: OrientationDemandee) -> Besoin:
    themes = (theme for theme in Referentiels.charger()["themes"] if theme.valeur in demande.themes)
    services = dict.fromkeys([*demande.services, *(service for theme in themes for service in theme.services)])
    return Besoin(
        services=tuple(services),
        publics=tuple(dict.fromkeys(demande.publics)),
        distance_max_m=demande.distance_max_m,
        gratuit=demande.gratuit,
        accessible=demande.accessible,
        langue=demande.langue,
        accompagnement=demande.accompagnement,
        a_distance=demande.a_distance,
        a_un_moment=demande.quand is not None,
        maintenant=demande.quand == "maintenant",
    )


async def _chercher(
    contexte: Contexte, recherche: Recherche, texte: str, besoin: Besoin, centre: Circle, instant: datetime, limite: int
) -> tuple[Recolte, Orientation]:
    """Look for what meets everything, then for what comes near, then without the words, further away, without codes.

    The first search asks the engine for the constraints themselves, so that none of its first candidates is in vain.
    """
    lieux: Filtres = {"genre": (LIEU,)}
    filtres = {**lieux, **({"services": besoin.services} if besoin.services else {})}
    plus_loin = replace(centre, radius_m=min(ELARGIE_M, besoin.distance_max_m * ELARGIR))
    rien, mots = frozenset[Contrainte](), frozenset({Contrainte.MOTS} if texte else ())
    etapes: list[tuple[str, Filtres, Circle, frozenset[Contrainte]]] = [
        (texte, {**filtres, **_exiges(besoin)}, centre, rien),
        (texte, filtres, centre, rien),
        ("", filtres, centre, mots),
        (texte, filtres, plus_loin, rien),
        ("", lieux, plus_loin, mots),
    ]
    trouvees: tuple[Recolte, Orientation] | None = None
    for q, voulus, zone_, abandonnees in etapes:
        recolte = await _recolter(contexte, recherche, q, voulus, zone_, instant)
        if besoin.a_distance and zone_ is centre:
            au_loin = {**voulus, "accompagnement": (A_DISTANCE,)}
            loin = await _recolter(contexte, recherche, q, au_loin, replace(centre, radius_m=None), instant, pages=1)
            deja = {faits.id for faits in recolte.faits}
            recolte.faits += [faits for faits in loin.faits if faits.id not in deja]
        orientation = orienter(besoin, recolte.faits, limite, abandonnees=abandonnees)
        if orientation.choix and not orientation.relachees:
            return recolte, orientation
        if trouvees is None or _vaut_mieux(orientation, trouvees[1]):
            trouvees = recolte, orientation
    assert trouvees is not None  # noqa: S101 - there are stages
    return trouvees


def _vaut_mieux(une: Orientation, autre: Orientation) -> bool:
    """Tell whether one gives less up than another; the first found stays where they are worth the same."""
    if not une.choix or not autre.choix:
        return bool(une.choix) and not autre.choix
    return une.choix[0].poids < autre.choix[0].poids


def _exiges(besoin: Besoin) -> dict[str, tuple[str, ...]]:
    """Return, as filters of the engine, what may be asked of it."""
    exiges: dict[str, tuple[str, ...]] = {}
    if besoin.gratuit:
        exiges["frais"] = ("Gratuit", "Gratuit sous condition")
    if besoin.accessible:
        exiges["accessibilite"] = ("oui",)
    if besoin.langue is not None:
        exiges["langues"] = (besoin.langue,)
    if besoin.accompagnement is not None:
        seul = besoin.accompagnement == "seul"
        exiges["accompagnement"] = (
            ("En autonomie",) if seul else ("Accompagnement individuel", "Dans un atelier collectif")
        )
    return exiges


async def _recolter(
    contexte: Contexte,
    recherche: Recherche,
    q: str,
    filtres: Filtres,
    centre: Circle,
    instant: datetime,
    *,
    pages: int = PAGES,
) -> Recolte:
    """Search, and read what the places found are known for; those that are no longer shown are counted as late."""
    hits: list[Hit] = []
    for numero in range(1, min(pages, FENETRE // TAILLE_MAX) + 1):
        question = ActorQuery(
            q=q, filters=filtres, geo=centre, page=numero, size=TAILLE_MAX, sort="relevance" if q else "distance"
        )
        page = await demander(recherche.moteur.search(question))
        hits += page.hits
        if numero >= page.pages:
            break
    faits = _lire(contexte, hits, instant)
    recherche.noter_derives(len(hits) - len(faits))
    return Recolte(page, faits)


def _lire(contexte: Contexte, hits: Sequence[Hit], instant: datetime) -> list[Faits]:
    tableau = contexte.modele.tableau
    lus: list[Faits] = []
    for hit in hits:
        if not _montre(tableau, hit.id):
            continue
        rang = tableau.rangs[hit.id]
        document: dict[str, Any] = json.loads((tableau.documents[rang] or b"{") + b"}")
        lus.append(
            Faits(
                id=hit.id,
                services=tuple(document["services"]),
                publics=tuple(document["publics_specifiquement_adresses"]),
                frais=tuple(document["frais_a_charge"]),
                accompagnements=tuple(document["modalites_accompagnement"]),
                accessibilite=document["accessibilite"]["etat"],
                langues=tuple(document["langues"]),
                recoit_du_public=bool(tableau.recoit_du_public[rang]),
                telephone=document["telephone"],
                ouverture=tableau.ouvertures.dire(rang, instant, tableau.heures[rang], hit.id),
                heure=instant.astimezone(zone(document["fuseau"]) or PARIS),
                distance_m=hit.distance_m,
                merite=hit.score,
            )
        )
    return lus


def _ecrire(contexte: Contexte, page: ActorPage, orientation: Orientation, instant: datetime) -> bytes:
    tableau = contexte.modele.tableau
    # a place may have been withdrawn since its facts were read, while another search was awaited
    restants = [choix for choix in orientation.choix if _montre(tableau, choix.faits.id)]
    propositions = [_proposition(tableau, choix, instant) for choix in restants]
    relachees = [{"contrainte": str(c), "explication": RELACHEES[c]} for c in orientation.relachees]
    if page.relaxed and orientation.choix:
        mots = ", ".join(f"« {mot} »" for mot in page.dropped_words)
        relachees.append({"contrainte": "mots", "explication": f"ces mots ne sont nulle part : {mots}"})
    fin = ecrire(
        {
            "assouplie": bool(relachees),
            "assouplissements": relachees,
            "mots_abandonnes": page.dropped_words if orientation.choix else (),
            "moteur": MOTEURS[page.engine],
            "degrade": page.degraded,
        }
    )
    return b'{"propositions":[%s],%s' % (b",".join(propositions), fin[1:])


def _montre(tableau: Tableau, id: str) -> bool:
    rang = tableau.rangs.get(id)
    return rang is not None and bool(tableau.vivants[rang])


def _proposition(tableau: Tableau, choix: Choix, instant: datetime) -> bytes:
    faits = choix.faits
    loin = None if faits.distance_m is None else round(faits.distance_m)
    tete = ecrire(
        {
            "raisons": choix.raisons,
            "reserves": choix.reserves,
            "inconnues": [str(c) for c in Contrainte if c in choix.inconnues],
        }
    )
    (lieu,) = documents.entiers(
        tableau, (tableau.rangs[faits.id],), (fin_de(faits.ouverture),), compacte=False, moment=Moment(instant)
    )
    return b'%s,"lieu":%s,"distance_m":%s}}' % (tete[:-1], lieu[:-1], ecrire(loin))
