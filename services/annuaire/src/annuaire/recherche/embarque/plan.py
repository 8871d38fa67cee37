"""From a question to a plan: its words, and for each the words and phrases of the index that may stand for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
import tantivy

from annuaire.recherche.embarque.lexique import EXACT, FAUTE, VARIANTE, Correspondances, Lexique
from annuaire.recherche.embarque.schema import schema
from annuaire.recherche.francais.normaliser import mots
from annuaire.recherche.francais.vocabulaire import LONGUEUR_MAX, Vocabulaire
from annuaire.recherche.port import LONGUEUR_Q, MOTS_MAX

_CITATION: Final = re.compile(r'"([^"]{1,200})"')
_DEPARTEMENT: Final = re.compile(r"(?:\d{2}|2[ab]|97\d)")
_NUMERO: Final = re.compile(r"(\d{1,2})(?:er|e|eme)?")
_VILLES: Final = {"paris": ("750", 20), "lyon": ("690", 9), "marseille": ("130", 16)}
PHRASE_MOTS: Final = 8


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of the index in a row that stand for the words `debut` to `fin` (excluded) of the question."""

    debut: int
    fin: int
    mots: tuple[str, ...]
    cout: int


@dataclass(slots=True)
class Plan:
    """A question: its words, what each may be, the phrases that may stand for some, the phrases asked for as such."""

    mots: tuple[str, ...]
    correspondances: list[Correspondances]
    phrases: tuple[Phrase, ...] = ()
    exiges: tuple[tuple[str, ...], ...] = ()
    ouvert: bool = False
    """The last word may be the beginning of a word."""
    abandonnes: tuple[str, ...] = ()

    @property
    def vide(self) -> bool:
        """Whether nothing is asked in words."""
        return not self.mots and not self.exiges

    def sans(self, *rangs: int) -> Plan:
        """Return the plan without some of its words, nor the phrases that stand for them."""
        reste = [i for i in range(len(self.mots)) if i not in rangs]
        deplaces = {ancien: nouveau for nouveau, ancien in enumerate(reste)}
        phrases = tuple(
            Phrase(deplaces[p.debut], deplaces[p.fin - 1] + 1, p.mots, p.cout)
            for p in self.phrases
            if not any(p.debut <= rang < p.fin for rang in rangs)
        )
        return Plan(
            tuple(self.mots[i] for i in reste),
            [self.correspondances[i] for i in reste],
            phrases,
            self.exiges,
            self.ouvert,
            (*self.abandonnes, *(self.mots[i] for i in rangs)),
        )

    def inconnus(self) -> list[int]:
        """Return the words that nothing in the index may stand for."""
        couverts = {i for p in self.phrases for i in range(p.debut, p.fin)}
        return [i for i, c in enumerate(self.correspondances) if not c and i not in couverts]

    def requete(self, lexique: Lexique, champ: str = "texte") -> tantivy.Query:
        """Return the question as the index understands it: every word, by any of what may stand for it."""
        clauses = [(tantivy.Occur.Must, _tous(e, champ)) for e in self.exiges]
        for rang, correspondances in enumerate(self.correspondances):
            choix = []
            if correspondances:
                textes = [lexique.mots[i] for i in correspondances.numeros.tolist()]
                choix.append(tantivy.Query.term_set_query(schema(), champ, textes))
            choix += [_tous(p.mots, champ) for p in self.phrases if p.debut <= rang < p.fin]
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


def lire(q: str, vocabulaire: Vocabulaire) -> Question:
    """Read a question. A leading `-` excludes nothing: people paste « -sur-Seine »."""
    q = q[:LONGUEUR_Q]
    exiges = tuple(e for cite in _CITATION.findall(q) if (e := vocabulaire.utiles(cite)[:PHRASE_MOTS]))
    libre = _CITATION.sub(" ", q)
    tous = mots(libre)
    ouvert = bool(tous) and bool(libre) and (libre[-1].isalnum())
    gardes = [m for m in tous if m not in vocabulaire.vides]
    utiles = [m for m in gardes if m not in vocabulaire.de_question] or gardes
    if not utiles and not exiges:
        utiles = list(tous)
    if utiles and tous and utiles[-1] != tous[-1]:
        ouvert = False
    return Question(tuple(utiles[:MOTS_MAX]), exiges, ouvert, tuple(utiles[MOTS_MAX:]))


def planifier(question: Question, lexique: Lexique, vocabulaire: Vocabulaire, *, large: bool = False) -> Plan:
    """Plan a question; `large` allows one more typo where there was none to find."""
    suite = question.mots
    dernier = len(suite) - 1
    correspondances: list[Correspondances] = []
    phrases: list[Phrase] = []
    for rang, mot in enumerate(suite):
        debut = question.ouvert and rang == dernier
        fautes = _fautes_larges(mot) if large else None
        trouvees = lexique.etendre(mot, debut=debut, fautes=fautes)
        if _DEPARTEMENT.fullmatch(mot):
            trouvees = _unir(trouvees, _codes_postaux(mot, lexique))
        correspondances.append(trouvees)
        phrases += _coupures(rang, mot, lexique)
    phrases += _jonctions(suite, lexique)
    phrases += _arrondissements(suite)
    phrases += _synonymes(suite, vocabulaire)
    connues = tuple(p for p in phrases if all(m in lexique.numeros for m in p.mots))
    return Plan(suite, correspondances, connues, question.exiges, question.ouvert)


def _fautes_larges(mot: str) -> int:
    return 2 if len(mot) >= 6 else 1 if len(mot) >= 4 else 0


def _codes_postaux(mot: str, lexique: Lexique) -> Correspondances:
    prefixe = {"2a": "20", "2b": "20"}.get(mot, mot)
    codes = [n for n in lexique.debuts(prefixe) if len(lexique.mots[n]) == 5 and lexique.mots[n].isdigit()]
    return Correspondances(np.array(codes, np.int32), np.full(len(codes), VARIANTE, np.uint8))


def _unir(a: Correspondances, b: Correspondances) -> Correspondances:
    if not b:
        return a
    if not a:
        return b
    couts = dict(zip(b.numeros.tolist(), b.couts.tolist(), strict=True))
    for numero, cout in zip(a.numeros.tolist(), a.couts.tolist(), strict=True):
        couts[numero] = min(cout, couts.get(numero, cout))
    return Correspondances(np.array(list(couts), np.int32), np.array(list(couts.values()), np.uint8))


def _coupures(rang: int, mot: str, lexique: Lexique) -> list[Phrase]:
    """« fablab » may be « fab lab »: the split whose rarer half is the commonest."""
    meilleure, poids = None, 0
    for i in range(2, len(mot) - 1):
        a, b = lexique.numeros.get(mot[:i]), lexique.numeros.get(mot[i:])
        if a is not None and b is not None:
            commun = min(int(lexique.df[a]), int(lexique.df[b]))
            if commun > poids:
                meilleure, poids = i, commun
    if meilleure is None:
        return []
    return [Phrase(rang, rang + 1, (mot[:meilleure], mot[meilleure:]), FAUTE)]


def _jonctions(suite: tuple[str, ...], lexique: Lexique) -> list[Phrase]:
    """« fab lab » may be « fablab »."""
    jointes = []
    for longueur in (2, 3):
        for debut in range(len(suite) - longueur + 1):
            joint = "".join(suite[debut : debut + longueur])
            numero = lexique.numeros.get(joint)
            if numero is not None and lexique.df[numero] > 0:
                jointes.append(Phrase(debut, debut + longueur, (joint,), VARIANTE))
    return jointes


def _arrondissements(suite: tuple[str, ...]) -> list[Phrase]:
    """« Paris 13 », « Lyon 3e », « Marseille 8ème » are written in addresses by their postal code."""
    trouves = []
    for rang, (ville, numero) in enumerate(pairwise(suite)):
        lu = _NUMERO.fullmatch(numero)
        prefixe, dernier = _VILLES.get(ville, ("", 0))
        if lu and 1 <= int(lu[1]) <= dernier:
            trouves.append(Phrase(rang, rang + 2, (f"{prefixe}{int(lu[1]):02d}",), EXACT))
    return trouves


def _synonymes(suite: tuple[str, ...], vocabulaire: Vocabulaire) -> list[Phrase]:
    """What says the same in other words comes just after what says it in these."""
    return [
        Phrase(debut, fin, voulu, VARIANTE)
        for debut in range(len(suite))
        for fin in range(debut + 1, min(debut + LONGUEUR_MAX, len(suite)) + 1)
        for voulu in vocabulaire.synonymes.get(suite[debut:fin], ())
    ]
