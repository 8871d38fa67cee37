"""Names and numbers of départements and régions as people type them, with the postal codes that they stand for."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from annuaire.recherche.francais.vocabulaire import Expression, charger

_CORSE: Final = {"2A": ("200", "201"), "2B": ("202", "206")}
MOTS_MAX: Final = 4
"""Longest name, in words, stop words left out."""


def debuts(code: str) -> tuple[str, ...]:
    """Return how the postal codes of a département begin. La Poste shares 20 between the two of Corsica."""
    return _CORSE.get(code.upper(), (code,))


@cache
def par_nom() -> Mapping[Expression, tuple[str, ...]]:
    """Return, by folded name of a département or a région, how its postal codes begin."""
    table: dict[Expression, tuple[str, ...]] = {}
    par_region: dict[str, tuple[str, ...]] = {}
    utiles = charger().utiles
    for ligne in _lire("departements-2026.csv"):
        par_region[ligne["region"]] = par_region.get(ligne["region"], ()) + debuts(ligne["code"])
        table[utiles(ligne["nom"])] = debuts(ligne["code"])
    for ligne in _lire("regions-2026.csv"):
        table.setdefault(utiles(ligne["nom"]), par_region.get(ligne["code"], ()))
    for nom, codes in _anciennes().items():
        table.setdefault(utiles(nom), tuple(codes))
    # towns that people mean first when they say the name
    for ville in ("paris",):
        table.pop((ville,), None)
    return MappingProxyType({nom: codes for nom, codes in table.items() if codes})


@cache
def numeros() -> frozenset[str]:
    """Return the numbers of départements, in lower case."""
    # 20 was Corsica, and still begins its postal codes
    return frozenset(ligne["code"].lower() for ligne in _lire("departements-2026.csv")) | {"20"}


def _anciennes() -> dict[str, list[str]]:
    lues: dict[str, list[str]] = json.loads(files(__package__).joinpath("anciennes_regions.json").read_text("utf-8"))[
        "regions"
    ]
    return lues


def _lire(nom: str) -> csv.DictReader[str]:
    texte = files("annuaire.territoires").joinpath("reference", nom).read_text("utf-8")
    return csv.DictReader(io.StringIO(texte))
