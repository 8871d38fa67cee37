"""The record inside a JSON object: tools wrap it in an envelope of their own, with its position beside it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from annuaire.synchronisation.lecteurs.geometrie import reperer

# GeoJSON features (RFC 7946 §3.2); OpenDataSoft v1, Airtable and Grist records; JSON:API and ArcGIS resources.
_ENVELOPPES: Final = ("properties", "fields", "attributes")
_CLES: Final = ("id", "recordid")
_AUTOUR: Final = frozenset(
    {"type", "id", "recordid", "datasetid", "record_timestamp", "createdTime", "geometry", "bbox", "links"}
    | {"relationships", "geometry_name"}
)


def deplier(objet: dict[str, Any]) -> dict[str, Any]:
    """Take a record out of its envelope, with its key and its position; any other object is given as it is.

    A geometry gives `longitude` and `latitude`, or `x` and `y` in metres, before the fields of the record; it stays
    beside them when it is not a point. What the record says itself is never replaced.
    """
    enveloppe = next((cle for cle in _ENVELOPPES if _enveloppe(objet, cle)), None)
    geometrie = objet.get("geometry")
    if enveloppe is None and not isinstance(geometrie, dict):
        return objet
    dedans: dict[str, Any] = dict(objet[enveloppe] if enveloppe else objet)
    cle = next((cle for cle in _CLES if enveloppe and cle in objet), None)
    reste: dict[str, Any] = {} if cle is None else {"id": objet[cle]}
    position = reperer(geometrie)
    if position is not None and position.exacte and not enveloppe:
        del dedans["geometry"]
    elif geometrie and enveloppe and (position is None or not position.exacte):
        reste["geometry"] = geometrie
    if position is not None:
        reste |= position.en_dict()
    return {**{nom: valeur for nom, valeur in reste.items() if nom not in dedans}, **dedans}


def _enveloppe(objet: Mapping[str, Any], cle: str) -> bool:
    dedans = objet.get(cle)
    return isinstance(dedans, dict) and (objet.get("type") == "Feature" or set(objet) - {cle} <= _AUTOUR)
