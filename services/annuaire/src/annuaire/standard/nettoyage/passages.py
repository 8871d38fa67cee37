"""Stops of an itinerant place, from a JSON value: each is cleaned as a place would be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from annuaire.lieux.passages import PASSAGES_MAX, Passage
from annuaire.referentiels.rules import cle_de_lecture

from ..anomalies import Anomalie
from .coordonnees import nettoyer_coordonnees
from .dates import analyser
from .horaires import nettoyer_horaires
from .nettoye import Nettoye, anomalie
from .textes import LONGUEUR_CELLULE, en_texte, nettoyer_court

ANNEES: Final = (2000, 2075)
_MEMBRES: Final = {
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lon", "lng", "long"),
    "point": ("point", "geometry", "coordonnees", "coordinates", "position"),
    "adresse": ("adresse", "lieu", "arret"),
    "commune": ("commune", "ville"),
    "horaires": ("horaires", "horaire", "heures"),
    "du": ("du", "debut", "date_debut"),
    "au": ("au", "fin", "date_fin"),
    "le": ("le", "date", "jour"),
}
_INDEX: Final = {cle_de_lecture(alias): nom for nom, liste in _MEMBRES.items() for alias in liste}


def nettoyer_passages(brut: Any) -> Nettoye[tuple[Passage, ...]]:
    """Read stops: a list of objects `{latitude, longitude | point, adresse, commune, horaires, du, au | le}`.

    The list may come as JSON in a text. A stop needs a point or an address, and days that can be read: without them
    it would stand for ever where it only passed. A stop whose hours can't be read is kept, its hours unknown.
    """
    anomalies: list[Anomalie] = []
    passages: dict[Passage, None] = {}
    elements = _elements(brut, anomalies)
    if len(elements) > PASSAGES_MAX:
        anomalies.append(anomalie("liste_trop_longue", "passages", len(elements)))
    for element in elements[:PASSAGES_MAX]:
        passage = _lire(element, anomalies)
        if passage is not None:
            passages[passage] = None
    return Nettoye(tuple(passages), tuple(replace(a, champ="passages") for a in anomalies))


def _elements(brut: Any, anomalies: list[Anomalie]) -> list[Any]:
    if isinstance(brut, str):
        if not brut.strip():
            return []
        if len(brut) > LONGUEUR_CELLULE:
            anomalies.append(anomalie("texte_tronque", "passages", brut))
            return []
        try:
            brut = json.loads(brut, parse_constant=lambda _: None)
        except (ValueError, RecursionError):
            anomalies.append(anomalie("passage_illisible", "passages", brut))
            return []
    if brut is None or brut == [] or brut == {}:
        return []
    return list(brut) if isinstance(brut, (list, tuple)) else [brut]


def _lire(element: Any, anomalies: list[Anomalie]) -> Passage | None:
    if not isinstance(element, Mapping):
        if element not in (None, ""):
            anomalies.append(anomalie("passage_illisible", "passages", element))
        return None
    membres: dict[str, Any] = {}
    for nom, valeur in element.items():
        membre = _INDEX.get(cle_de_lecture(str(nom)))
        if membre is None:
            if valeur not in (None, "", [], {}):
                anomalies.append(anomalie("colonne_inconnue", "passages", nom))
        elif valeur not in (None, ""):
            membres.setdefault(membre, valeur)
    point = _point(membres, anomalies)
    adresse = nettoyer_court(membres.get("adresse"), "passages")
    commune = nettoyer_court(membres.get("commune"), "passages")
    horaires = nettoyer_horaires(membres.get("horaires"))
    anomalies += (*adresse.anomalies, *commune.anomalies, *horaires.anomalies)
    jours = _jours(membres)
    if jours is None or (point is None and adresse.valeur is None):
        anomalies.append(anomalie("passage_illisible", "passages", element))
        return None
    return Passage(
        latitude=point[0] if point else None,
        longitude=point[1] if point else None,
        adresse=adresse.valeur,
        commune=commune.valeur,
        horaires=horaires.horaires,
        du=jours[0],
        au=jours[1],
    )


def _point(membres: Mapping[str, Any], anomalies: list[Anomalie]) -> tuple[float, float] | None:
    latitude, longitude = membres.get("latitude"), membres.get("longitude")
    point = membres.get("point")
    if latitude is None and longitude is None and point is not None:
        if isinstance(point, Mapping):
            lus = {_INDEX.get(cle_de_lecture(str(nom))): valeur for nom, valeur in point.items()}
            latitude, longitude, point = lus.get("latitude"), lus.get("longitude"), lus.get("point")
        if isinstance(point, (list, tuple)) and len(point) == 2:  # a GeoJSON position: longitude first
            longitude, latitude = point
        elif isinstance(point, str) and point.count(",") == 1:
            latitude, longitude = point.split(",")
    propre = nettoyer_coordonnees(latitude, longitude)
    anomalies += propre.anomalies
    return propre.valeur


def _jours(membres: Mapping[str, Any]) -> tuple[str | None, str | None] | None:
    """Return the days between which a stop holds, `None` when one is written and can't be read."""
    jours: list[str | None] = []
    for nom in ("du", "au"):
        ecrit = en_texte(membres.get(nom, membres.get("le")), "passages").valeur
        if ecrit is None or not ecrit.strip():
            if nom in membres or "le" in membres:
                return None
            jours.append(None)
            continue
        jour = analyser(ecrit[:200])
        if jour is None or not ANNEES[0] <= jour.year <= ANNEES[1]:
            return None
        jours.append(jour.isoformat())
    du, au = jours
    return None if du and au and au < du else (du, au)
