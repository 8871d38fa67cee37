"""A third set of questions, all of them hard: what earlier sets did not try, drawn by rules or written by hand.

What answers is told by the fields of the corpus, before anything is run. Two drawings are kept apart: the rules of the
engine were looked at with the first seed (`GRAINE`), never with the others.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from tests.annuaire.recherche.questions import LETTRES, Document, Question, plat

GRAINE: Final = 31
BUT: Final = 70
"""Share of the questions, in parts of 100, that a right record answers among the first three."""
AJOUTS: Final = ("numéro de téléphone", "horaires d'ouverture", "comment y aller", "avis", "svp merci", "site internet")
ANCIENNES: Final = {
    "Aquitaine": "24 33 40 47 64", "Midi-Pyrénées": "09 12 31 32 46 65 81 82", "rhone alpes": "01 07 26 38 42 69 73 74",
    "Languedoc-Roussillon": "11 30 34 48 66", "picardie": "02 60 80", "Lorraine": "54 55 57 88", "Alsace": "67 68",
    "Poitou-Charentes": "16 17 79 86", "nord pas de calais": "59 62", "Limousin": "19 23 87", "auvergne": "03 15 43 63",
    "Champagne-Ardenne": "08 10 51 52", "Franche-Comté": "25 39 70 90", "haute normandie": "27 76",
    "basse-normandie": "14 50 61", "Bourgogne": "21 58 71 89", "PACA": "04 05 06 13 83 84",
}  # fmt: skip
GENRES: Final = {
    "CCAS": "ccas", "Mairie": "mairie", "Centre social": "centre social", "Mission locale": "mission locale",
    "MJC": "mjc", "CAF": "caf", "Régie de quartier": "régie de quartier", "Bibliothèque / Médiathèque": "mediathèque",
}  # fmt: skip


def tirer(documents: Sequence[Document], graine: int = GRAINE, combien: int = 6) -> list[Question]:
    """Draw the questions; `combien` of each style that is drawn. The written ones are there for every seed."""
    return [*_Tirage(documents, graine, combien).questions(), *ecrites(), *ecrites("dernieres")]


def ecrites(lot: str = "premieres") -> Iterator[Question]:
    """Give the questions written by hand: `premieres`, or `dernieres`, written once the first were answered."""
    for groupe in json.loads(Path(__file__).with_name("ecrites.json").read_text("utf-8"))[lot]:
        for q in groupe["questions"]:
            juste = partial(_repond, frozenset(groupe["services"]), tuple(groupe["dit"]))
            yield Question(groupe["style"], q, juste)


class _Tirage:
    def __init__(self, documents: Sequence[Document], graine: int, combien: int) -> None:
        self.hasard, self.combien = random.Random(graine), combien
        self.documents = [d for d in documents if d["visible"] and re.fullmatch(r"\d{5}", d["code_postal"])]
        vus: dict[str, list[Document]] = {}
        for d in self.documents:
            vus.setdefault(plat(d["nom"]), []).append(d)
        self.uniques = [
            ds[0] for nom, ds in vus.items() if len(ds) == 1 and 2 <= len(nom.split()) <= 6 and len(nom) > 12
        ]

    def questions(self) -> Iterator[Question]:
        for style, garder, ecrire in (
            ("commune mal écrite", _sans_sa_commune, lambda d: f"{d['nom']} {self.abimer(d['commune'])}"),
            ("deux mots abîmés", partial(_longs, 2), self.deux_mots),
            ("collé", partial(_longs, 2), self.coller),
            ("coupé", partial(_longs, 1), self.couper),
            ("mots en trop", _long, lambda d: f"{d['nom']} {self.hasard.choice(AJOUTS)}"),
            ("code et nom coupé", _finit_long, lambda d: f"{d['code_postal']} {d['nom'][:-4]}"),
            ("pluriel et faute", partial(_longs, 2), self.pluriel),
            ("singulier", _au_pluriel, lambda d: re.sub(r"(?<=\w{4})s\b", "", d["nom"])),
        ):
            for d in self.parmi(garder):
                yield Question(style, ecrire(d), partial(_memes, ("nom", "commune"), d))
        for d in self.parmi(lambda d: re.match(r"\d+,? \w+ (\w+ )+\w+$", d["adresse"]) is not None):
            mots = d["nom"].split()
            q = f"{' '.join(mots[: max(1, len(mots) // 2)])} {re.sub(r'^[0-9]+,? ', '', d['adresse'])}"
            yield Question("moitié de nom et rue", q, partial(_memes, ("adresse",), d))
        for d in self.parmi(lambda d: d["type"] in GENRES and d["commune"].startswith("Saint"), uniques=False):
            lieu = self.hasard.choice((self.saint, lambda c: c.replace("-", " "), str.lower))(d["commune"])
            yield Question("X à Saint-Y", f"{GENRES[d['type']]} à {lieu}", partial(_memes, ("type", "commune"), d))
        for region in self.hasard.sample(sorted(ANCIENNES), self.combien):
            genre = self.hasard.choice(sorted(GENRES))
            juste = partial(_du_genre, genre, ANCIENNES[region].split())
            yield Question("ancienne région", f"{GENRES[genre]} {region}", juste)
        for d in self.parmi(lambda d: d["type"] in GENRES, uniques=False):
            q = " ".join(self.hasard.sample([GENRES[d["type"]], d["departement"]], 2))
            yield Question("numéro et genre", q, partial(_memes, ("type", "departement"), d))

    def parmi(self, condition: Callable[[Document], bool], *, uniques: bool = True) -> list[Document]:
        gardes = [d for d in (self.uniques if uniques else self.documents) if condition(d)]
        return self.hasard.sample(gardes, min(self.combien, len(gardes)))

    def abimer(self, mot: str) -> str:
        place = self.hasard.randrange(1, len(mot) - 1)
        sorte = self.hasard.randrange(3)
        if sorte == 2:
            return mot[:place] + mot[place + 1] + mot[place] + mot[place + 2 :]
        return mot[:place] + (self.hasard.choice(LETTRES) if sorte else "") + mot[place + 1 :]

    def deux_mots(self, d: Document) -> str:
        mots = d["nom"].split()
        premier, second = self.hasard.sample([i for i, m in enumerate(mots) if len(m) >= 6 and m.isalpha()], 2)
        mots[premier] = self.abimer(self.abimer(mots[premier]))
        mots[second] = self.abimer(mots[second])
        return " ".join(mots)

    def coller(self, d: Document) -> str:
        mots = d["nom"].split()
        rang = self.hasard.randrange(len(mots) - 1)
        return " ".join([*mots[:rang], mots[rang] + mots[rang + 1], *mots[rang + 2 :]])

    def couper(self, d: Document) -> str:
        mots = d["nom"].split()
        rang = self.hasard.choice([i for i, m in enumerate(mots) if len(m) >= 6 and m.isalpha()])
        place = self.hasard.randrange(2, len(mots[rang]) - 1)
        mots[rang] = f"{mots[rang][:place]} {mots[rang][place:]}"
        return " ".join(mots)

    def pluriel(self, d: Document) -> str:
        mots = d["nom"].split()
        premier, second = self.hasard.sample([i for i, m in enumerate(mots) if len(m) >= 6 and m.isalpha()], 2)
        mots[premier] += "s"
        mots[second] = self.abimer(mots[second])
        return " ".join(mots)

    def saint(self, commune: str) -> str:
        court = commune.replace("Sainte-", "Ste ").replace("Saint-", self.hasard.choice(("St-", "St ", "st. ")))
        return court.replace("-", " ") if self.hasard.random() < 0.5 else court


def _longs(combien: int, d: Document) -> bool:
    return sum(len(m) >= 6 and m.isalpha() for m in d["nom"].split()) >= combien


def _long(_: Document) -> bool:
    return True


def _finit_long(d: Document) -> bool:
    return len(d["nom"].split()[-1]) >= 7


def _au_pluriel(d: Document) -> bool:
    return re.search(r"\w{4}s\b", d["nom"]) is not None and not d["nom"].startswith("France")


def _sans_sa_commune(d: Document) -> bool:
    return plat(d["commune"]) not in plat(d["nom"]) and len(d["commune"]) >= 7


def _memes(champs: Sequence[str], voulu: Document, d: Document) -> bool:
    return all(plat(d[champ]) == plat(voulu[champ]) for champ in champs)


def _du_genre(genre: str, departements: Sequence[str], d: Document) -> bool:
    return d["type"] == genre and d["departement"] in departements


def _repond(services: frozenset[str], dit: Sequence[str], d: Document) -> bool:
    lu = [d["nom"], d["type"], *d["services"], *d["publics"], *d["labels"], d["presentation"]]
    texte = f" {plat(' '.join(lu))} "
    return not services.isdisjoint(d["services"]) or any(f" {motif} " in texte for motif in dit)
