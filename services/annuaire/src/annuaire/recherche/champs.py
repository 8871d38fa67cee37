"""What filters and facets are called here and in the engines, and what a person reads of their codes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal, get_args

from annuaire.lieux.filtres import Facette as FacetteDesLieux
from annuaire.recherche.francais.normaliser import plier
from annuaire.referentiels.repository import Referentiels
from annuaire.territoires.referentiel import Commune, Referentiel
from annuaire.territoires.rules import plier as plier_commune

MOTEUR: Final = {
    "genre": "genre",
    "types": "types",
    "typologie": "types",
    "services": "services",
    "themes": "themes",
    "publics_specifiquement_adresses": "publics",
    "formations_labels": "labels",
    "dispositif_programmes_nationaux": "dispositifs",
    "departement": "departement",
    "region": "region",
    "epci": "epci",
    "code_insee": "commune_insee",
    "code_postal": "code_postal",
    "qpv": "qpv",
    "frais_a_charge": "frais",
    "modalites_acces": "acces",
    "modalites_accompagnement": "accompagnement",
    "prise_en_charge_specifique": "prise_en_charge",
    "itinerance": "itinerance",
    "accessibilite": "accessibilite",
    "langues": "langues",
    "sources": "source",
}
"""Facet of the engines (`port.FACETTES`) that holds each field."""

Facette = Literal[FacetteDesLieux, "genre", "types", "themes", "code_insee", "code_postal", "qpv"]
FACETTES: Final[tuple[str, ...]] = get_args(Facette)

_TYPES_DE_STRUCTURE: Final = frozenset(v.valeur for v in Referentiels.charger()["types_de_structure"])


def montre(facette: str, valeur: str) -> bool:
    """Tell whether a value belongs to a facet: engines count types of places and of structures in one."""
    if facette == "types":
        return valeur in _TYPES_DE_STRUCTURE
    return facette != "typologie" or valeur not in _TYPES_DE_STRUCTURE


def libelle(facette: str, valeur: str) -> str:
    """Return what a person reads of a value: the name of a territory, the label of a code, else the value itself."""
    if facette in _TERRITOIRES:
        return _noms(facette).get(valeur, valeur)
    if facette in _LISTES:
        return _libelles(_LISTES[facette]).get(valeur, valeur)
    return valeur


def codes_commencant(facette: str, debut: str, combien: int) -> tuple[str, ...] | None:
    """Return the codes of the territories whose code or name begins so, the most peopled first.

    `None` for a facet that is not one of territories: its values say what they are.
    """
    if facette not in _TERRITOIRES:
        return None
    voulu = plier(debut).strip()
    if facette == "code_insee":
        communes = sorted(communes_commencant(voulu), key=lambda c: (-(c.population or 0), c.code))
        return tuple(dict.fromkeys([*(c.code for c in communes), *_par_code(facette, voulu)]))[:combien]
    noms = _noms(facette)
    par_nom = (code for code, nom in noms.items() if any(m.startswith(voulu) for m in _debuts(plier(nom))))
    return tuple(dict.fromkeys([*_par_code(facette, voulu), *par_nom]))[:combien]


def communes_commencant(voulu: str) -> list[Commune]:
    """Return the communes whose folded name begins so; hyphens and apostrophes are spaces, `St` is written in full."""
    return Referentiel.charger().communes_commencant(plier_commune(voulu))


def _par_code(facette: str, voulu: str) -> Iterator[str]:
    return (code for code in _noms(facette) if voulu and code.casefold().startswith(voulu))


def _debuts(nom: str) -> list[str]:
    """A name from each of its words on: « Grenoble » begins « Métropole de Grenoble » for who looks for it."""
    mots = nom.replace("-", " ").replace("'", " ").split()
    return [" ".join(mots[rang:]) for rang in range(len(mots))]


_LISTES: Final = {"typologie": "typologie", "themes": "themes", "types": "types_de_structure", "langues": "langues"}
"""Closed lists whose values are codes, by facet."""
_TERRITOIRES: Final = frozenset({"departement", "region", "epci", "code_insee"})


@lru_cache(maxsize=4)
def _noms(facette: str) -> dict[str, str]:
    referentiel = Referentiel.charger()
    if facette == "departement":
        return {d.code: d.nom for d in referentiel.departements()}
    if facette == "region":
        return {r.code: r.nom for r in referentiel.regions()}
    if facette == "epci":
        return {e.code: e.nom for e in referentiel.groupements()}
    return {c.code: c.nom for c in referentiel.communes()}


@lru_cache(maxsize=4)
def _libelles(liste: str) -> dict[str, str]:
    return {valeur.valeur: valeur.libelle for valeur in Referentiels.charger()[liste]}
