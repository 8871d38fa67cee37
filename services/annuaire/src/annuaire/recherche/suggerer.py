"""Suggestions as one types: communes and services of the reference, places and structures of the index."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from annuaire.recherche.champs import communes_commencant
from annuaire.recherche.dependances import Recherche
from annuaire.recherche.francais.normaliser import mots
from annuaire.recherche.parameters import ParametresSuggestions
from annuaire.recherche.port import Suggestion
from annuaire.recherche.service import demander
from annuaire.referentiels.repository import Referentiels
from annuaire.territoires.referentiel import Commune, Referentiel

if TYPE_CHECKING:
    from annuaire.dependances import Contexte

RACINE: Final = "/annuaire/v1"
COMMUNES_MAX, SERVICES_MAX = 3, 2
"""Suggestions of the reference that come before those of the index; more of them fill what the index leaves."""
MARGE: Final = 3
"""Records asked for each one shown: some are nearer than others of the same merit."""
CONNUES: Final = 8


@dataclass(frozen=True, slots=True)
class Resume:
    """What a suggestion shows of a record."""

    nom: str
    code_insee: str | None
    departement: str | None


async def suggerer(contexte: Contexte, recherche: Recherche, parametres: ParametresSuggestions) -> list[dict[str, Any]]:
    """Return what completes what is typed. Raises `RechercheIndisponible` (503)."""
    q, limite = parametres.q, parametres.limite
    if not mots(q):
        return []
    communes, services = _communes(q), _services(q)
    trouves = await demander(recherche.moteur.suggest(q, near=parametres.autour(), limit=limite * MARGE))
    await contexte.modele.rattraper(le=contexte.horloge())
    acteurs = await _acteurs(contexte, recherche, trouves, limite)
    tete = [*communes[:COMMUNES_MAX], *services[:SERVICES_MAX], *acteurs]
    reste = [*communes[COMMUNES_MAX:], *services[SERVICES_MAX:]]
    return [*tete, *reste][:limite]


@lru_cache(maxsize=4_096)
def _communes(q: str) -> list[dict[str, Any]]:
    """Suggest communes by the beginning of their name, or by their postal code, the most peopled first."""
    if q.isascii() and q.isdigit():
        trouvees: list[Commune] = list(Referentiel.charger().communes_du_code_postal(q))
    else:
        trouvees = communes_commencant(q)
    trouvees.sort(key=lambda commune: (-(commune.population or 0), commune.code))
    return [_commune(commune) for commune in trouvees[:CONNUES]]


def _commune(commune: Commune) -> dict[str, Any]:
    postal = ", ".join(commune.codes_postaux[:2])
    return {
        "genre": "commune",
        "libelle": commune.nom,
        "detail": f"{_departement(commune.departement)}{f' · {postal}' if postal else ''}",
        "id": None,
        "code": commune.code,
        **_vers("code_insee", commune.code),
        "distance_m": None,
    }


@lru_cache(maxsize=4_096)
def _services(q: str) -> list[dict[str, Any]]:
    """Suggest the services of the closed list that hold all the words typed, the last one perhaps unfinished."""
    voulus = mots(q)
    liste = Referentiels.charger()["services"]
    return [
        {
            "genre": "service",
            "libelle": service.libelle,
            "detail": "Service de médiation numérique",
            "id": None,
            "code": service.slug,
            **_vers("services", service.slug),
            "distance_m": None,
        }
        for service in liste
        if _tient(voulus, mots(" ".join((service.libelle, *service.variantes))))
    ]


def _tient(voulus: tuple[str, ...], presents: tuple[str, ...]) -> bool:
    return all(mot in presents for mot in voulus[:-1]) and any(mot.startswith(voulus[-1]) for mot in presents)


def _vers(filtre: str, valeur: str) -> dict[str, Any]:
    return {"filtre": {filtre: valeur}, "lien": f"{RACINE}/recherche?{urlencode({filtre: valeur})}"}


async def _acteurs(
    contexte: Contexte, recherche: Recherche, trouves: tuple[Suggestion, ...], limite: int
) -> list[dict[str, Any]]:
    """Suggest places and structures that are still shown: by merit, then the nearest first."""
    ordonnes = sorted(trouves, key=lambda s: (-round(s.score, 1), s.distance_m is None, s.distance_m or 0.0))
    tableau = contexte.modele.tableau
    lus: dict[str, tuple[str, bytes]] = {}
    for suggestion in ordonnes:
        rang = tableau.rangs.get(suggestion.id)
        document = None if rang is None else tableau.documents[rang]
        if document is not None:
            lus[suggestion.id] = ("lieu", document)
    # structures are in the database: only those that will be shown are read
    manquants = [s.id for s in ordonnes if s.id not in lus][:limite]
    for id, octets in (await recherche.fiches.lire(contexte, manquants)).items():
        lus[id] = ("structure", octets[:-1])
    montres = [s for s in ordonnes if s.id in lus][:limite]
    return [_acteur(s, *lus[s.id]) for s in montres]


def _acteur(suggestion: Suggestion, genre: str, document: bytes) -> dict[str, Any]:
    resume = _resumer(document)
    loin = suggestion.distance_m
    return {
        "genre": genre,
        "libelle": resume.nom,
        "detail": " · ".join(_ou(resume)) or None,
        "id": suggestion.id,
        "code": None,
        "filtre": None,
        "lien": f"{RACINE}/{'lieux' if genre == 'lieu' else 'structures'}/{suggestion.id}",
        "distance_m": None if loin is None else round(loin),
    }


@lru_cache(maxsize=4_096)
def _resumer(document: bytes) -> Resume:
    """Read what a suggestion shows of a document, without its closing brace; the same ones come again and again."""
    lu = json.loads(document + b"}")
    return Resume(lu["nom"], lu.get("code_insee"), lu.get("departement"))


def _ou(resume: Resume) -> Iterator[str]:
    referentiel = Referentiel.charger()
    code = resume.code_insee or ""
    ville = referentiel.arrondissement(code) or referentiel.actuelle(code)
    if ville is not None:
        yield ville.nom
    if resume.departement:
        yield _departement(resume.departement)


def _departement(code: str) -> str:
    departement = Referentiel.charger().departement(code)
    return f"{departement.nom} ({code})" if departement else code
