"""From a question to a plan: its words, and for each the words and phrases of the index that may stand for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, TypeVar

import tantivy

from annuaire.recherche.embarque.lexique import EXACT, FAUTE, Correspondances, Lexique
from annuaire.recherche.embarque.schema import empreinte, schema
from annuaire.recherche.embarque.substituts import Choix, Phrase, Substitut, nommes, substituer
from annuaire.recherche.francais.normaliser import mots
from annuaire.recherche.francais.vocabulaire import Vocabulaire
from annuaire.recherche.port import LONGUEUR_Q, MOTS_MAX

_CITATION: Final = re.compile(r'"([^"]{1,200})"')
PHRASE_MOTS: Final = 8
COUPE_MIN: Final = 4
"""Shortest word that may be cut short before the last one, when nothing else is found."""

S = TypeVar("S", bound=Substitut)


@dataclass(slots=True)
class Plan:
    """A question: its words, what each may be, the phrases and choices that may stand for some, the phrases quoted."""

    mots: tuple[str, ...]
    correspondances: list[Correspondances]
    phrases: tuple[Phrase, ...] = ()
    choix: tuple[Choix, ...] = ()
    exiges: tuple[tuple[str, ...], ...] = ()
    ouvert: bool = False
    """The last word may be the beginning of a word."""
    abandonnes: tuple[str, ...] = ()
    faibles: frozenset[str] = frozenset()
    empreinte: int = 0
    """Of the question as it is written, stop words included."""

    @property
    def vide(self) -> bool:
        """Whether nothing is asked in words."""
        return not self.mots and not self.exiges

    def sans(self, *rangs: int) -> Plan:
        """Return the plan without some of its words, nor the phrases that stand for them."""
        reste = [i for i in range(len(self.mots)) if i not in rangs]
        deplaces = {ancien: nouveau for nouveau, ancien in enumerate(reste)}

        def gardes(tous: Sequence[S]) -> tuple[S, ...]:
            return tuple(
                replace(p, debut=deplaces[p.debut], fin=deplaces[p.fin - 1] + 1)
                for p in tous
                if not any(rang in p.rangs for rang in rangs)
            )

        return Plan(
            tuple(self.mots[i] for i in reste),
            [self.correspondances[i] for i in reste],
            gardes(self.phrases),
            gardes(self.choix),
            self.exiges,
            self.ouvert,
            (*self.abandonnes, *(self.mots[i] for i in rangs)),
            self.faibles,
            self.empreinte,
        )

    def inconnus(self) -> list[int]:
        """Return the words that nothing in the index may stand for."""
        couverts = self.couverts()
        return [i for i, c in enumerate(self.correspondances) if not c and i not in couverts]

    def _substituts(self) -> tuple[Substitut, ...]:
        return (*self.phrases, *self.choix)

    def couverts(self) -> set[int]:
        """Return the words that something stands for besides themselves."""
        return {i for p in self._substituts() for i in p.rangs}

    def sans_lieu(self) -> set[int]:
        """Return the words that name no place even where a commune is called so: needs and ordinary words."""
        besoins = {i for p in self._substituts() if p.synonyme for i in p.rangs}
        return besoins | {i for i, mot in enumerate(self.mots) if mot in self.faibles}

    def besoins(self) -> set[int]:
        """Return the words that say a need."""
        return {i for p in self._substituts() if p.besoin for i in p.rangs}

    def accessoires(self, lexique: Lexique, *, cout: int = FAUTE) -> list[int]:
        """Return the words that neither say a need nor name a place, at that cost, when some say a need."""
        besoins = self.besoins()
        if not besoins:
            return []
        lieux = {i for c in self.choix if not c.synonyme for i in c.rangs}
        for rang, trouvees in enumerate(self.correspondances):
            if rang not in besoins and self.mots[rang] not in self.faibles:
                proches = trouvees.numeros[trouvees.couts <= cout].tolist()
                if self.mots[rang].isdigit() or not lexique.lieux.isdisjoint(proches):
                    lieux.add(rang)
        return [i for i in range(len(self.mots)) if i not in besoins and i not in lieux]

    def secondaires(self) -> list[int]:
        """Return the weak words that nothing stands for, when there are others."""
        couverts = self.couverts()
        faibles = [i for i, mot in enumerate(self.mots) if i not in couverts and mot in self.faibles]
        return faibles if len(faibles) < len(self.mots) else []

    def requete(self, lexique: Lexique, champ: str = "texte") -> tantivy.Query:
        """Return the question as the index understands it: every word, by any of what may stand for it."""
        clauses = [(tantivy.Occur.Must, _tous(e, champ)) for e in self.exiges]
        for rang, correspondances in enumerate(self.correspondances):
            choix = []
            if correspondances:
                textes = [lexique.mots[i] for i in correspondances.numeros.tolist()]
                choix.append(tantivy.Query.term_set_query(schema(), champ, textes))
            choix += [_tous(p.mots, champ) for p in self.phrases if rang in p.rangs]
            for c in self.choix:
                if rang in c.rangs:
                    textes = [lexique.mots[i] for i in c.numeros.tolist()]
                    choix.append(tantivy.Query.term_set_query(schema(), champ, textes))
            clauses.append((tantivy.Occur.Must, _un_de(choix)))
        return tantivy.Query.boolean_query(clauses)


def _tous(suite: Sequence[str], champ: str) -> tantivy.Query:
    if len(suite) == 1:
        return tantivy.Query.term_query(schema(), champ, suite[0])
    return tantivy.Query.phrase_query(schema(), champ, list(suite))


def _un_de(choix: list[tantivy.Query]) -> tantivy.Query:
    if not choix:
        return tantivy.Query.empty_query()
    if len(choix) == 1:
        return choix[0]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, c) for c in choix])


@dataclass(frozen=True, slots=True)
class Question:
    """The words of a question as typed, stop words out, and its quoted phrases."""

    mots: tuple[str, ...]
    exiges: tuple[tuple[str, ...], ...] = ()
    ouvert: bool = False
    coupes: tuple[str, ...] = field(default=())
    vides: tuple[str, ...] = ()
    """For each word, the stop word left out just before it, or nothing."""
    empreinte: int = 0


def lire(q: str, vocabulaire: Vocabulaire) -> Question:
    """Read a question. A leading `-` excludes nothing: people paste « -sur-Seine »."""
    q = q[:LONGUEUR_Q]
    exiges = tuple(e for cite in _CITATION.findall(q) if (e := vocabulaire.utiles(cite)[:PHRASE_MOTS]))
    libre = _CITATION.sub(" ", q)
    tous = mots(libre)
    ouvert = bool(tous) and bool(libre) and (libre[-1].isalnum())
    gardes = [m for m in tous if m not in vocabulaire.vides]
    # « Côte-d'Or »: « côte » asks nothing there
    lieux = {i for debut, fin, _ in nommes(gardes) for i in range(debut, fin)}
    utiles = [m for i, m in enumerate(gardes) if i in lieux or m not in vocabulaire.de_question] or gardes
    if not utiles and not exiges:
        utiles = list(tous)
    vides = {mot: vide for vide, mot in pairwise(tous) if vide in vocabulaire.vides}
    if utiles and tous and utiles[-1] != tous[-1]:
        ouvert = False
    gardes = utiles[:MOTS_MAX]
    return Question(
        tuple(gardes),
        exiges,
        ouvert,
        tuple(utiles[MOTS_MAX:]),
        tuple(vides.get(mot, "") for mot in gardes),
        empreinte(q),
    )


def planifier(question: Question, lexique: Lexique, vocabulaire: Vocabulaire, *, large: bool = False) -> Plan:
    """Plan a question; `large` allows one more typo where there was none to find, and words cut short."""
    suite = question.mots
    dernier = len(suite) - 1
    correspondances: list[Correspondances] = []
    lieux = {i for debut, fin, _ in nommes(suite) for i in range(debut, fin)}
    for rang, mot in enumerate(suite):
        debut = question.ouvert and rang == dernier
        # a word that French knows is no misspelt name: « spam » is not « Sambin »
        connu = vocabulaire.connait(mot)
        fautes = 0 if connu else _fautes_larges(mot) if large else None
        debut = debut or (large and not connu and len(mot) >= COUPE_MIN)
        cout_debut = FAUTE if connu or large or rang in lieux else EXACT
        correspondances.append(lexique.etendre(mot, debut=debut, fautes=fautes, cout_debut=cout_debut))
    substituts = list(substituer(suite, lexique, vocabulaire, question.vides))
    return Plan(
        suite, correspondances, tuple(s for s in substituts if isinstance(s, Phrase)),
        tuple(s for s in substituts if isinstance(s, Choix)), question.exiges, question.ouvert,
        faibles=vocabulaire.faibles, empreinte=question.empreinte,
    )  # fmt: skip


def _fautes_larges(mot: str) -> int:
    return 2 if len(mot) >= 6 else 1 if len(mot) >= 4 else 0
