"""The data file of the French of search: stop words and synonyms, read once and checked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from annuaire.recherche.francais.normaliser import mots

LONGUEUR_MAX: Final = 6
"""Longest expression, in words, that a query is searched for."""

Expression = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulaire:
    """Stop words, words of questions, and for each expression the ones that say the same. All folded."""

    version: int
    vides: frozenset[str]
    de_question: frozenset[str]
    synonymes: Mapping[Expression, tuple[Expression, ...]]

    def utiles(self, texte: str) -> tuple[str, ...]:
        """Return the words of a text of a document, without stop words unless it has no other."""
        tous = mots(texte)
        gardes = tuple(mot for mot in tous if mot not in self.vides)
        return gardes or tous

    def expression(self, texte: str) -> Expression:
        """Return an expression as it is searched for."""
        return self.utiles(texte)


@cache
def charger() -> Vocabulaire:
    """Load `fr.json`. Raises `ValueError` when an expression is empty, or too long to be ever met."""
    donnees = json.loads(files(__package__).joinpath("fr.json").read_text("utf-8"))
    vides = frozenset(donnees["mots_vides"]["mots"])
    nu = Vocabulaire(donnees["version"], vides, frozenset(donnees["mots_de_question"]["mots"]), {})
    synonymes: dict[Expression, dict[Expression, None]] = {}
    for de, vers in _paires(donnees):
        depart, arrivee = nu.expression(de), nu.expression(vers)
        if not depart or not arrivee or len(depart) > LONGUEUR_MAX:
            raise ValueError(f"Synonyme inutilisable : « {de} » → « {vers} ».")
        if depart != arrivee:
            synonymes.setdefault(depart, {})[arrivee] = None
    table = {de: tuple(vers) for de, vers in synonymes.items()}
    return Vocabulaire(nu.version, vides, nu.de_question, MappingProxyType(table))


def _paires(donnees: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for groupe in donnees["equivalents"]:
        for de in groupe["mots"]:
            yield from ((de, vers) for vers in groupe["mots"])
    for regle in donnees["vers"]:
        for de in regle["de"]:
            yield from ((de, vers) for vers in regle["vers"])
