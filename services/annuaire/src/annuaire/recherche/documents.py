"""What engines hold of a place or of a structure, made from its public document: nothing hidden can enter an index."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from annuaire.recherche.port import ActorDocument
from annuaire.referentiels.repository import Referentiels

LIEU, STRUCTURE = "lieu", "structure"
VERSION: Final = 1
"""Changes with what a document holds: an index made of others is rebuilt."""
PRESENTATION_MAX: Final = 2_000
"""Characters of a presentation that are searched."""

_FACETTES: Final = {
    "types": "typologie",
    "services": "services",
    "publics": "publics_specifiquement_adresses",
    "labels": "formations_labels",
    "dispositifs": "dispositif_programmes_nationaux",
    "departement": "departement",
    "region": "region",
    "commune_insee": "code_insee",
    "epci": "epci",
    "code_postal": "code_postal",
    "frais": "frais_a_charge",
    "acces": "modalites_acces",
    "accompagnement": "modalites_accompagnement",
    "prise_en_charge": "prise_en_charge_specifique",
    "itinerance": "itinerance",
    "langues": "langues",
    "source": "sources",
}
"""Facets that are read as they are, with the member of the public document that holds each."""

_RENSEIGNES: Final = (
    "adresse", "latitude", "horaires", "telephone", "courriels", "site_web", "presentation_resume", "services",
    "typologie", "publics_specifiquement_adresses", "frais_a_charge", "modalites_acces", "modalites_accompagnement",
    "date_maj", "verifie_le",
)  # fmt: skip
"""Members that help someone to choose and to come: their share is the completeness of a record."""


def document_de_lieu(contenu: Mapping[str, Any], *, v: int, structure: str | None = None) -> ActorDocument:
    """Return what engines hold of a place, from its public document; `structure` is the name of the one it belongs to.

    `v` is the change number at which all this was read.
    """
    presentation = " ".join(filter(None, (contenu.get("presentation_resume"), contenu.get("presentation_detail"))))
    textes = {
        "nom": contenu.get("nom"),
        "commune": contenu.get("commune"),
        "type": contenu.get("typologie"),
        "services": contenu.get("services"),
        "labels": [*_valeurs(contenu.get("formations_labels")), *_valeurs(contenu.get("autres_formations_labels")),
                   *_valeurs(contenu.get("dispositif_programmes_nationaux"))],
        "structure_parente": structure if structure != contenu.get("nom") else None,
        "presentation": presentation[:PRESENTATION_MAX],
        "adresse": contenu.get("adresse"),
        "code_postal": contenu.get("code_postal"),
    }  # fmt: skip
    facettes = {nom: _valeurs(contenu.get(membre)) for nom, membre in _FACETTES.items()}
    facettes["genre"] = (LIEU,)
    facettes["themes"] = _themes(facettes["services"])
    facettes["qpv"] = _quartier(contenu.get("qpv"))
    facettes["accessibilite"] = ((contenu.get("accessibilite") or {}).get("etat") or "inconnu",)
    latitude, longitude = contenu.get("latitude"), contenu.get("longitude")
    situe = latitude is not None and longitude is not None
    return ActorDocument(
        id=str(contenu["id"]),
        v=v,
        texts={nom: lus for nom, valeur in textes.items() if (lus := _valeurs(valeur))},
        facets={nom: valeurs for nom, valeurs in facettes.items() if valeurs},
        lat=float(latitude) if situe and latitude is not None else None,
        lng=float(longitude) if situe and longitude is not None else None,
        completude=round(100 * sum(bool(contenu.get(membre)) for membre in _RENSEIGNES) / len(_RENSEIGNES)),
        maj=_instant(contenu.get("modifie_le")),
    )


def document_de_structure(contenu: Mapping[str, Any], *, v: int, commune: str | None = None) -> ActorDocument:
    """Return what engines hold of a structure, from its public document; `commune` is the name of that of its seat."""
    types = _valeurs(contenu.get("types"))
    facettes = {
        "genre": (STRUCTURE,),
        "types": types,
        "departement": _valeurs(contenu.get("departement")),
        "region": _valeurs(contenu.get("region")),
        "commune_insee": _valeurs(contenu.get("code_insee")),
        "epci": _valeurs(contenu.get("epci")),
    }
    textes = {
        "nom": contenu.get("nom"),
        "commune": commune,
        "type": tuple(type.replace("_", " ") for type in types),
    }
    return ActorDocument(
        id=str(contenu["id"]),
        v=v,
        texts={nom: lus for nom, valeur in textes.items() if (lus := _valeurs(valeur))},
        facets={nom: valeurs for nom, valeurs in facettes.items() if valeurs},
        maj=_instant(contenu.get("modifie_le")),
    )


def _themes(services: tuple[str, ...]) -> tuple[str, ...]:
    """The themes that one of these services belongs to."""
    return tuple(
        theme.valeur for theme in Referentiels.charger()["themes"] if not set(services).isdisjoint(theme.services)
    )


def _valeurs(valeur: Any) -> tuple[str, ...]:
    if not valeur:
        return ()
    return tuple(str(v) for v in valeur if v) if isinstance(valeur, list | tuple) else (str(valeur),)


def _quartier(quartier: Any) -> tuple[str, ...]:
    """The quarter in which a place stands, or at 500 m of which: what the filter of lists keeps."""
    if not isinstance(quartier, Mapping) or quartier.get("position") == "dehors" or not quartier.get("code"):
        return ()
    return (str(quartier["code"]),)


def _instant(ecrit: Any) -> int:
    return int(datetime.fromisoformat(str(ecrit)).timestamp()) if ecrit else 0
