"""Questions to judge a search engine by, drawn from a corpus: what is right is decided by rules, never by hand."""

from __future__ import annotations

import json
import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

Document = Mapping[str, Any]
Regle = Callable[[Document], bool]

EN_TETE: Final = 3
"""Among how many first results one right answer must be."""
PURES: Final = 5
"""How many first results must all be right, when the question names a need and not a place."""
LETTRES: Final = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Question:
    """A question; `juste` says of a document whether it answers. `toutes`: every one of the first results must."""

    categorie: str
    q: str
    juste: Regle
    toutes: bool = False

    def reussie(self, documents: Sequence[Document]) -> bool:
        """Say whether these results, best first, answer the question."""
        if self.toutes:
            return bool(documents) and all(map(self.juste, documents[:PURES]))
        return any(map(self.juste, documents[:EN_TETE]))


def plat(texte: str) -> str:
    """Fold a text in the bluntest way: the judge shares nothing with what it judges."""
    nu = _sans_accents(texte.replace("œ", "oe").replace("Œ", "OE"))
    return " ".join(re.findall(r"[a-z0-9]+", nu.lower()))


def tirer(documents: Sequence[Document], graine: int = 11) -> list[Question]:
    """Draw the questions of every category from a corpus."""
    return list(_Tirage(documents, graine).questions())


class _Tirage:
    def __init__(self, documents: Sequence[Document], graine: int) -> None:
        self.hasard = random.Random(graine)
        self.documents = [d for d in documents if d["visible"] and len(d["code_postal"]) == 5]
        vus: dict[str, list[Document]] = {}
        for document in self.documents:
            vus.setdefault(plat(document["nom"]), []).append(document)
        self.uniques = [
            ds[0] for nom, ds in vus.items() if len(ds) == 1 and 2 <= len(nom.split()) <= 7 and len(nom) > 12
        ]

    def questions(self) -> Iterator[Question]:
        yield from self.noms()
        yield from self.fautes()
        yield from self.debuts()
        yield from self.ordre_et_elisions()
        yield from self.territoires()
        yield from _redigees()

    def parmi(self, combien: int, condition: Regle, *, uniques: bool = True) -> list[Document]:
        gardes = [d for d in (self.uniques if uniques else self.documents) if condition(d)]
        return self.hasard.sample(gardes, min(combien, len(gardes)))

    def noms(self) -> Iterator[Question]:
        for d in self.parmi(20, lambda _: True):
            yield Question("nom exact", d["nom"], partial(_est, d))
        for rang, d in enumerate(self.parmi(15, lambda d: d["nom"] != _sans_accents(d["nom"]))):
            sans = _sans_accents(d["nom"])
            yield Question("accents", sans.upper() if rang % 2 else sans.lower(), partial(_est, d))

    def fautes(self) -> Iterator[Question]:
        for categorie, abimer, combien in (
            ("une faute", self._une_faute, 1), ("deux fautes", self._une_faute, 2),
            ("transposition", self._transposer, 1),
        ):  # fmt: skip
            minimum = 5 if combien == 1 else 9
            for d in self.parmi(15, partial(_a_un_mot_de, minimum)):
                mots = d["nom"].split()
                rang = self.hasard.choice(_longs(mots, minimum))
                for _ in range(combien):
                    mots[rang] = abimer(mots[rang])
                yield Question(categorie, " ".join(mots), partial(_est, d))

    def _une_faute(self, mot: str) -> str:
        place, lettre = self.hasard.randrange(1, len(mot)), self.hasard.choice(LETTRES)
        sorte = self.hasard.randrange(3)
        return mot[:place] + (lettre if sorte else "") + mot[place + (sorte != 1) :]

    def _transposer(self, mot: str) -> str:
        place = self.hasard.randrange(1, len(mot) - 1)
        return mot[:place] + mot[place + 1] + mot[place] + mot[place + 2 :]

    def debuts(self) -> Iterator[Question]:
        for d in self.parmi(15, lambda d: len(d["nom"].split()[-1]) >= 6):
            *premiers, dernier = d["nom"].split()
            debut = " ".join([*premiers, dernier[: max(3, len(dernier) - 3)]])
            yield Question("début", debut, partial(_commence, "nom", plat(debut)))

    def ordre_et_elisions(self) -> Iterator[Question]:
        for d in self.parmi(12, lambda d: 3 <= len(d["nom"].split()) <= 5):
            yield Question("ordre des mots", " ".join(reversed(d["nom"].split())), partial(_memes_mots, d))
        ecrire: tuple[Callable[[str], str], ...] = (
            lambda nom: nom.replace("'", "’"),
            lambda nom: re.sub(r"\b[dlDL]['’]", "", nom),
            lambda nom: nom.replace("'", " "),
        )
        for rang, d in enumerate(self.parmi(15, lambda d: re.search(r"\b[dlDL]['’]\w", d["nom"]) is not None)):
            yield Question("élision", ecrire[rang % 3](d["nom"]), partial(_est, d))

    def territoires(self) -> Iterator[Question]:
        saints = self.parmi(12, lambda d: re.match(r"Sainte?-[A-Z]", d["commune"]) is not None, uniques=False)
        for rang, d in enumerate(saints):
            court = d["commune"].replace("Sainte-", "Ste ").replace("Saint-", "St ")
            q = court if rang % 2 else d["commune"].replace("-", " ").lower()
            yield Question("commune", q, partial(_commence, "commune", plat(d["commune"])))
        for d in self.parmi(10, lambda _: True, uniques=False):
            yield Question("code postal", d["code_postal"], partial(_egaux, d, ("code_postal",)), toutes=True)
        courants = {"CCAS": "CCAS", "Mairie": "mairie", "Centre social": "centre social"}
        for d in self.parmi(6, lambda d: d["type"] in courants, uniques=False):
            q = f"{courants[d['type']]} {d['code_postal']}"
            yield Question("code postal", q, partial(_egaux, d, ("code_postal", "type")))
        courants |= {"Mission locale": "mission locale", "MJC": "MJC", "France Services": "France services"}
        courants |= {"Bibliothèque / Médiathèque": "médiathèque", "CAF": "caf"}
        for d in self.parmi(15, lambda d: d["type"] in courants, uniques=False):
            q = f"{courants[d['type']]} {d['commune'].replace('-', ' ')}"
            yield Question("plusieurs champs", q, partial(_egaux, d, ("commune", "type")))


def _redigees() -> Iterator[Question]:
    """Questions written in people's words; the rule says which words the right documents hold."""
    for categorie, questions in json.loads(Path(__file__).with_suffix(".json").read_text("utf-8")).items():
        for question in questions:
            yield Question(categorie, question["q"], partial(_dit, tuple(question["dit"])), toutes=True)


def _sans_accents(texte: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", texte) if not unicodedata.combining(c))


def _longs(mots: Sequence[str], minimum: int) -> list[int]:
    return [i for i, mot in enumerate(mots) if len(mot) >= minimum and mot.isalpha()]


def _a_un_mot_de(minimum: int, d: Document) -> bool:
    return bool(_longs(d["nom"].split(), minimum))


def _est(voulu: Document, d: Document) -> bool:
    return bool(d["id"] == voulu["id"])


def _commence(champ: str, debut: str, d: Document) -> bool:
    return plat(d[champ]).startswith(debut)


def _memes_mots(voulu: Document, d: Document) -> bool:
    return sorted(plat(d["nom"]).split()) == sorted(plat(voulu["nom"]).split())


def _egaux(voulu: Document, champs: tuple[str, ...], d: Document) -> bool:
    return all(d[champ] == voulu[champ] for champ in champs)


def _dit(motifs: tuple[str, ...], d: Document) -> bool:
    lu = [d["nom"], d["commune"], d["type"], *d["services"], *d["labels"], d["presentation"], d["adresse"]]
    texte = f" {plat(' '.join(lu))} "
    return any(motif in texte for motif in motifs)
