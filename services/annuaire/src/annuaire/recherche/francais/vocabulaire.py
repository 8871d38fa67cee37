"""The data file of the French of search: stop words, weak words and synonyms, read once and checked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from annuaire.recherche.francais.normaliser import mots
from annuaire.recherche.francais.racine import racine

LONGUEUR_MAX: Final = 6
"""Longest expression, in words, that a query is searched for."""
CORRIGER_DES: Final = 6
"""Shortest word that is brought back to a known one, a letter apart."""

Expression = tuple[str, ...]


@dataclass(frozen=True)
class Vocabulaire:
    """Stop words, words of questions, weak words, and for each expression the ones that say the same. All folded.

    `synonymes` is by the expressions as the file has them; `memes` finds them by the roots of their words:
    « impressions » is looked up as « impression ».
    """

    version: int
    vides: frozenset[str]
    de_question: frozenset[str]
    faibles: frozenset[str]
    abreges: Mapping[Expression, Expression]
    synonymes: Mapping[Expression, tuple[Expression, ...]]
    besoins: frozenset[Expression]
    """Roots of the expressions that say a need, and not another name of the same thing."""

    def utiles(self, texte: str) -> tuple[str, ...]:
        """Return the words of a text of a document, without stop words unless it has no other."""
        tous = mots(texte)
        gardes = tuple(mot for mot in tous if mot not in self.vides)
        return gardes or tous

    def memes(self, expression: Expression) -> tuple[Expression, ...]:
        """Return the expressions that say the same as this one."""
        return self._par_racines.get(_racines(expression), ())

    def besoin(self, expression: Expression) -> bool:
        """Say whether an expression names a need."""
        return _racines(expression) in self.besoins

    def expression(self, texte: str) -> Expression:
        """Return an expression as it is searched for."""
        return self.utiles(texte)

    @cached_property
    def _par_racines(self) -> Mapping[Expression, tuple[Expression, ...]]:
        table: dict[Expression, dict[Expression, None]] = {}
        for de, vers in self.synonymes.items():
            cle = _racines(de)
            table.setdefault(cle, {}).update(dict.fromkeys(v for v in vers if _racines(v) != cle))
        return {de: tuple(vers) for de, vers in table.items()}

    @cached_property
    def connus(self) -> frozenset[str]:
        """Roots of words that are French by themselves: none is a misspelt name."""
        seuls = {de[0] for de in self._par_racines if len(de) == 1} | {de[0] for de in self.abreges if len(de) == 1}
        return frozenset(seuls | {racine(mot) for mot in self.faibles | self.de_question})

    def connait(self, mot: str) -> bool:
        """Say whether a word is one of ours, in the singular or not."""
        return racine(mot) in self.connus

    def abrege(self, expression: Expression) -> Expression | None:
        """Return what a spoken shortening stands for."""
        return self.abreges.get(_racines(expression))

    def corriger(self, mot: str) -> str | None:
        """Return the root of the known word that a misspelt one was meant to be; `None` when there is none near."""
        if len(mot) < CORRIGER_DES or not mot.isalpha() or self.connait(mot):
            return None
        proches = self._par_initiale.get(mot[0], ())
        trouve = extractOne(racine(mot), proches, scorer=OSA.distance, score_cutoff=1)
        return trouve[0] if trouve else None

    @cached_property
    def _par_initiale(self) -> Mapping[str, tuple[str, ...]]:
        rangees: dict[str, list[str]] = {}
        for de in self._par_racines:
            if len(de) == 1 and len(de[0]) >= CORRIGER_DES - 1:
                rangees.setdefault(de[0][0], []).append(de[0])
        return {initiale: tuple(rangee) for initiale, rangee in rangees.items()}


def _racines(expression: Expression) -> Expression:
    return tuple(map(racine, expression))


@cache
def charger() -> Vocabulaire:
    """Load `fr.json`. Raises `ValueError` when an expression is empty, or too long to be ever met."""
    donnees = json.loads(files(__package__).joinpath("fr.json").read_text("utf-8"))
    vides, de_question, faibles = (
        frozenset(donnees[nom]["mots"]) for nom in ("mots_vides", "mots_de_question", "mots_faibles")
    )
    nu = Vocabulaire(donnees["version"], vides, de_question, faibles, {}, {}, frozenset())
    synonymes: dict[Expression, dict[Expression, None]] = {}
    for de, vers in _paires(donnees):
        depart, arrivee = nu.expression(de), nu.expression(vers)
        if not depart or not arrivee or len(depart) > LONGUEUR_MAX:
            raise ValueError(f"Synonyme inutilisable : « {de} » → « {vers} ».")
        if depart != arrivee:
            synonymes.setdefault(depart, {})[arrivee] = None
    abreges = {_racines(nu.utiles(de)): nu.utiles(vers) for de, vers in donnees["abreges"]["mots"].items()}
    besoins = frozenset(
        _racines(nu.utiles(de)) for regle in donnees["vers"] if not regle.get("autre_nom") for de in regle["de"]
    )
    table = {de: tuple(vers) for de, vers in synonymes.items()}
    return Vocabulaire(
        nu.version, vides, de_question, faibles, MappingProxyType(abreges), MappingProxyType(table), besoins
    )


def _paires(donnees: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for groupe in donnees["equivalents"]:
        for de in groupe["mots"]:
            yield from ((de, vers) for vers in groupe["mots"])
    for regle in donnees["vers"]:
        for de in regle["de"]:
            yield from ((de, vers) for vers in regle["vers"])
