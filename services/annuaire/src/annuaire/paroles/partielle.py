"""From what a place writes to a partial record, cleaned as a list would be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from annuaire.lieux.normalise import LieuNormalise

COLONNES: Final = {"accessibilite": "accessibilite_etat"}
"""Columns of a list that bear another name than the field."""

CHAMPS: Final = {"telephone": ("telephones",), "horaires": ("horaires", "horaires_brut")}
"""Fields of a record that a field of the claim gives, where their names differ."""


def ligne(dit: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row that a list would have for a place, with what it says in place of what was known."""
    situe = ("nom", "commune", "code_postal", "code_insee", "latitude", "longitude")
    connu = {nom: document[nom] for nom in situe if document.get(nom) is not None}
    return {**connu, "id": "parole", **{COLONNES.get(nom, nom): valeur for nom, valeur in dit.items()}}


def reduire(lue: LieuNormalise, dit: Mapping[str, Any]) -> LieuNormalise:
    """Keep of a record only what was said."""
    champs = [champ for nom in dit for champ in CHAMPS.get(nom, (nom,))]
    return replace(LieuNormalise(nom=""), **{champ: getattr(lue, champ) for champ in champs})


def illisibles(lue: LieuNormalise, dit: Mapping[str, Any]) -> list[str]:
    """Name what was said and could not be read."""
    return [nom for nom in dit if not getattr(lue, CHAMPS.get(nom, (nom,))[0])]
