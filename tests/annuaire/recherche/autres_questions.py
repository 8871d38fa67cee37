"""A second set of questions, made apart from the first: what people type, and what must come first, by rules.

What is right was decided before any engine was asked:

- a name typed whole, accents or not: its record comes first, or one that bears the very same name;
- a name damaged (typos, order, glued words, elisions, cut short): its record is among the first three;
- a place, a kind and a place, a need and a place: the first result is right, and so are as many of the first three as
  the corpus has;
- a need in people's own words (besoins.json): of the first five, four at least offer the service or say the words.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.annuaire.recherche.questions import LETTRES, Document, Regle, plat

BUT: Final = 85
BUTS: Final = {"nom exact": 100, "accents": 100, "difficile": 70}
"""Shares to reach, in per cent, by category; `BUT` for those that are not named."""
BUT_PRINCIPAL: Final = 97

# Kinds as people write them, by the type that the corpus gives them.
_GENRES: Final = {
    "Bibliothèque / Médiathèque": ("bibliothèque", "médiathèques", "bibli"),
    "Espace public numérique": ("epn", "espace public numerique", "E.P.N."),
    "France Services": ("france service", "maison france services", "msap"),
    "Centre social": ("centre social", "centres sociaux", "centre socio-culturel"),
    "Mairie": ("mairie", "mairies", "la mairie"),
    "CCAS": ("ccas", "C.C.A.S.", "centre communal d'action sociale"),
    "MJC": ("mjc", "M.J.C", "maison des jeunes"),
    "Tiers-lieu / Fablab": ("fablab", "tiers lieux", "tiers-lieu"),
    "CAF": ("caf", "C.A.F.", "allocations familiales"),
    "Régie de quartier": ("régie de quartier", "regies de quartiers", "regie quartier"),
    "Mission locale": ("mission locale", "missions locales", "la mission locale"),
    "Maison de quartier": ("maison de quartier", "maisons de quartier", "maison quartier"),
    "France Travail": ("pole emploi", "france travail", "agence pôle emploi"),
}
# Names of departments that people add to a kind, with the code that the corpus gives them.
_DEPARTEMENTS: Final = {
    "Loire": "42", "Rhône": "69", "Gironde": "33", "Nord": "59", "Pas-de-Calais": "62", "Seine-Saint-Denis": "93",
    "Finistère": "29", "Hérault": "34", "Isère": "38", "Côte-d'Or": "21", "Haute-Vienne": "87", "Creuse": "23",
    "Val-de-Marne": "94", "Bouches-du-Rhône": "13", "Puy-de-Dôme": "63", "Ardèche": "07", "Ain": "01", "Var": "83",
}  # fmt: skip
_BESOINS_SITUES: Final = {
    "Aide aux démarches administratives": ("aide papiers", "démarches en ligne", "remplir un dossier"),
    "Maîtrise des outils numériques du quotidien": ("cours informatique", "apprendre ordinateur", "aide smartphone"),
    "Accès internet et matériel informatique": ("wifi", "imprimer", "accès internet gratuit"),
    "Insertion professionnelle via le numérique": ("faire un cv", "recherche d'emploi", "chercher du travail"),
    "Utilisation sécurisée du numérique": ("arnaques internet", "sécurité internet", "mot de passe"),
    "Parentalité et éducation avec le numérique": ("contrôle parental", "enfants et écrans", "parentalité"),
    "Loisirs et créations numériques": ("jeux vidéo", "apprendre à coder", "création numérique"),
    "Acquisition de matériel informatique à prix solidaire": ("ordinateur pas cher", "pc d'occasion", "ordi solidaire"),
}


@dataclass(frozen=True, slots=True)
class Essai:
    """A question, and how many of the first results must be right: `au_moins` of the first `parmi`."""

    categorie: str
    q: str
    juste: Regle
    parmi: int = 3
    au_moins: int = 1
    premier: bool = False
    """The first result must be right as well."""

    def reussie(self, documents: Sequence[Document]) -> bool:
        """Say whether these results, best first, answer the question."""
        justes = [self.juste(d) for d in documents[: self.parmi]]
        return sum(justes) >= self.au_moins and (justes[0] or not self.premier)


def tirer(documents: Sequence[Document], graine: int = 1, *, combien: int = 40) -> list[Essai]:
    """Draw the questions of every category, `combien` for each that is drawn from the corpus."""
    return list(_Tirage(documents, graine, combien).essais())


class _Tirage:
    def __init__(self, documents: Sequence[Document], graine: int, combien: int) -> None:
        self.hasard = random.Random(f"autres-{graine}")
        self.combien = combien
        self.documents = [d for d in documents if d["visible"]]
        self.situes = [d for d in self.documents if re.fullmatch(r"\d{5}", d["code_postal"]) and d["commune"]]
        noms: dict[str, list[Document]] = defaultdict(list)
        for d in self.documents:
            noms[plat(d["nom"])].append(d)
        uniques = [ds[0] for nom, ds in noms.items() if len(ds) == 1 and 2 <= len(nom.split()) <= 8]
        # half of them true names: they are less tidy than made-up ones
        vrais = [d for d in uniques if d["src"] != "synth"]
        faits = [d for d in uniques if d["src"] == "synth"]
        self.uniques = vrais + self.hasard.sample(faits, min(len(vrais), len(faits)))
        self.porteurs = self._porteurs()

    def _porteurs(self) -> dict[str, int]:
        porteurs: dict[str, int] = defaultdict(int)
        for d in self.documents:
            for mot in set(plat(" ".join([d["nom"], d["commune"], d["adresse"], d["presentation"]])).split()):
                porteurs[mot] += 1
        return porteurs

    def essais(self) -> Iterator[Essai]:
        yield from self._noms()
        yield from self._fautes()
        yield from self._debuts()
        yield from self._ecritures()
        yield from self._lieux()
        yield from self._genres_et_lieux()
        yield from _besoins()

    def _parmi(self, documents: Sequence[Document], condition: Regle = lambda _: True) -> list[Document]:
        gardes = [d for d in documents if condition(d)]
        return self.hasard.sample(gardes, min(self.combien, len(gardes)))

    def _noms(self) -> Iterator[Essai]:
        for d in self._parmi(self.uniques):
            yield Essai("nom exact", d["nom"], partial(_meme_nom, d), parmi=1)
        for d in self._parmi(self.uniques, lambda d: not d["nom"].isascii()):
            ecrit = _nu(d["nom"])
            yield Essai("accents", self.hasard.choice((ecrit, ecrit.lower(), ecrit.upper())), partial(_meme_nom, d), 1)

    def _fautes(self) -> Iterator[Essai]:
        def long(minimum: int) -> Regle:
            return lambda d: bool(_longs(d["nom"], minimum))

        for d in self._parmi(self.uniques, long(5)):
            yield Essai("une faute", self._abimer(d["nom"], 5, self._faute), partial(_meme_nom, d))
        for rang, d in enumerate(self._parmi(self.uniques, long(7))):
            if rang % 2 and len(_longs(d["nom"], 5)) >= 2:
                mots = d["nom"].split()
                for place in self.hasard.sample(_longs(d["nom"], 5), 2):
                    mots[place] = self._faute(mots[place])
                ecrit = " ".join(mots)
            else:
                ecrit = self._abimer(d["nom"], 7, lambda mot: self._faute(self._faute(mot)))
            yield Essai("deux fautes", ecrit, partial(_meme_nom, d))
        for d in self._parmi(self.uniques, long(5)):
            yield Essai("transposition", self._abimer(d["nom"], 5, self._transposer), partial(_meme_nom, d))

    def _abimer(self, nom: str, minimum: int, abimer: Callable[[str], str]) -> str:
        mots = nom.split()
        rang = self.hasard.choice(_longs(nom, minimum))
        mots[rang] = abimer(mots[rang])
        return " ".join(mots)

    def _faute(self, mot: str) -> str:
        place = self.hasard.randrange(1, len(mot))
        voisine = self.hasard.choice(LETTRES)
        return self.hasard.choice(
            (
                mot[:place] + mot[place + 1 :],
                mot[:place] + voisine + mot[place + 1 :],
                mot[:place] + mot[place] + mot[place:],
                mot[:place] + voisine + mot[place:],
            )
        )

    def _transposer(self, mot: str) -> str:
        places = [i for i in range(1, len(mot) - 1) if mot[i] != mot[i + 1]] or [1]
        place = self.hasard.choice(places)
        return mot[:place] + mot[place + 1] + mot[place] + mot[place + 2 :]

    def _debuts(self) -> Iterator[Essai]:
        def rare(d: Document) -> str | None:
            return next((m for m in plat(d["nom"]).split() if len(m) >= 8 and self.porteurs[m] <= 3), None)

        for rang, d in enumerate(self._parmi(self.uniques, lambda d: rare(d) is not None)):
            debut = (rare(d) or "")[: self.hasard.randrange(5, 7)]
            yield Essai("début", debut, partial(_a_un_mot_en, debut), premier=True)
            *premiers, dernier = d["nom"].split()
            if len(dernier) >= 6 and dernier.isalpha():
                ecrit = " ".join([*premiers, dernier[: self.hasard.randrange(4, 7)]])
                yield Essai("début", ecrit if rang % 2 else _nu(ecrit).lower(), partial(_commence, ecrit))

    def _ecritures(self) -> Iterator[Essai]:
        for d in self._parmi(self.uniques, lambda d: 3 <= len(d["nom"].split()) <= 6):
            mots = [m for m in d["nom"].split() if len(m) > 2 or not m.isalpha()]
            self.hasard.shuffle(mots)
            yield Essai("ordre des mots", " ".join(mots), partial(_meme_nom, d))
        elide = re.compile(r"\b([dlDL])['’](\w)")
        for rang, d in enumerate(self._parmi(self.uniques, lambda d: elide.search(d["nom"]) is not None)):
            remplace = (r"\1 \2", r"\1\2", r"\2", r"\1’\2")[rang % 4]
            yield Essai("élision", elide.sub(remplace, d["nom"]).lower(), partial(_meme_nom, d))
        for d in self._parmi(self.uniques, lambda d: len(_longs(d["nom"], 4)) >= 2):
            mots = d["nom"].split()
            place = next((i for i in _longs(d["nom"], 4) if i + 1 in _longs(d["nom"], 4)), None)
            if place is not None:
                mots[place : place + 2] = [mots[place] + mots[place + 1]]
                yield Essai("mots collés", " ".join(mots), partial(_meme_nom, d))

    def _lieux(self) -> Iterator[Essai]:
        composes = self._parmi(self.situes, lambda d: re.search(r"[-'’]", d["commune"]) is not None)
        for rang, d in enumerate(composes):
            ecrit = d["commune"].replace("-", " ")
            if rang % 2:
                ecrit = re.sub(r"\bSaint(e?)\b", r"St\1", _nu(ecrit)).replace("'", " ").lower()
            yield self._situe("commune", ecrit, partial(_egaux, d, ("commune",)), large=True)
        for rang, d in enumerate(self._parmi(self.situes, lambda d: d["type"] in _GENRES)):
            genre = self.hasard.choice(_GENRES[d["type"]])
            code = d["code_postal"]
            ecrit = (code, f"{genre} {code}", f"{code} {genre}", f"{genre} {code[:2]} {code[2:]}")[rang % 4]
            champs = ("code_postal", "type") if rang % 4 else ("code_postal",)
            yield self._situe("code postal", ecrit, partial(_egaux, d, champs))

    def _genres_et_lieux(self) -> Iterator[Essai]:
        for rang, d in enumerate(self._parmi(self.situes, lambda d: d["type"] in _GENRES)):
            genre = self.hasard.choice(_GENRES[d["type"]])
            lieu = re.sub(r"\bSaint\b", "St", d["commune"]) if rang % 3 else _nu(d["commune"]).lower()
            ecrit = (f"{genre} {lieu}", f"{genre} à {lieu}", f"{lieu} {genre}")[rang % 3]
            categorie = (
                "sigle ou synonyme" if len(genre) <= 8 else "nombre et genre" if "s " in genre else "type et lieu"
            )
            yield self._situe(categorie, ecrit, partial(_egaux, d, ("commune", "type")))
        for genre, ecritures in _GENRES.items():
            for ecrit in ecritures:
                categorie = "nombre et genre" if ecrit.rstrip("s") != ecrit else "sigle ou synonyme"
                yield Essai(categorie, ecrit, partial(_du_genre, genre), 5, 4)
        for rang, (nom, code) in enumerate(_DEPARTEMENTS.items()):
            for tour in range(2):
                genre = list(_GENRES)[(rang * 2 + tour * 5) % len(_GENRES)]
                ecrit = f"{_GENRES[genre][tour]} {(nom, code)[tour]}"
                yield self._situe("plusieurs champs", ecrit, partial(_du_departement, genre, code))
        for d in self._parmi(self.situes, lambda d: any(s in _BESOINS_SITUES for s in d["services"])):
            service = self.hasard.choice([s for s in d["services"] if s in _BESOINS_SITUES])
            besoin = self.hasard.choice(_BESOINS_SITUES[service])
            juste = partial(_rend, service, d["commune"])
            yield self._situe("besoin et lieu", f"{besoin} {_nu(d['commune']).replace('-', ' ').lower()}", juste)
        for d in self._parmi(self.uniques, lambda d: len(_longs(d["adresse"], 5)) >= 2 and d["commune"] != ""):
            rue = re.sub(r"^[\d ]+(bis|ter)?", "", d["adresse"])
            yield Essai("plusieurs champs", f"{rue} {d['commune']}", partial(_egaux, d, ("adresse", "commune")))

    def _situe(self, categorie: str, ecrit: str, juste: Regle, *, large: bool = False) -> Essai:
        combien = min(3, sum(map(juste, self.documents)))
        return Essai(categorie, ecrit, juste, 3, 1 if large else combien, premier=True)


def _besoins() -> Iterator[Essai]:
    for groupe in json.loads(Path(__file__).with_name("besoins.json").read_text("utf-8")):
        juste = partial(_offre, tuple(groupe["services"]), tuple(groupe["dit"]))
        yield from (Essai("difficile", q, juste, 5, 4) for q in groupe["questions"])


def _nu(texte: str) -> str:
    table: dict[str, Any] = dict(zip("àâäçéèêëîïôöùûüÿñÀÂÇÉÈÊËÎÏÔÖÙÛÜ", "aaaceeeeiioouuuynAACEEEEIIOOUUU", strict=True))
    return texte.translate(str.maketrans({**table, "œ": "oe", "Œ": "OE"}))


def _longs(nom: str, minimum: int) -> list[int]:
    return [i for i, mot in enumerate(nom.split()) if len(mot) >= minimum and mot.isalpha()]


def _meme_nom(voulu: Document, d: Document) -> bool:
    return plat(d["nom"]) == plat(voulu["nom"])


def _commence(debut: str, d: Document) -> bool:
    return plat(d["nom"]).startswith(plat(debut))


def _a_un_mot_en(debut: str, d: Document) -> bool:
    return any(mot.startswith(debut) for mot in plat(" ".join([d["nom"], d["commune"]])).split())


def _egaux(voulu: Document, champs: Sequence[str], d: Document) -> bool:
    return all(plat(d[champ]) == plat(voulu[champ]) for champ in champs)


def _du_genre(genre: str, d: Document) -> bool:
    noms = [plat(ecrit) for ecrit in _GENRES[genre]]
    return bool(d["type"] == genre) or any(nom in plat(f"{d['nom']} {d['type']}") for nom in noms)


def _du_departement(genre: str, code: str, d: Document) -> bool:
    return bool(d["code_postal"].startswith(code)) and _du_genre(genre, d)


def _rend(service: str, commune: str, d: Document) -> bool:
    return service in d["services"] and plat(d["commune"]) == plat(commune)


def _offre(services: Sequence[str], motifs: Sequence[str], d: Document) -> bool:
    dit = [d["nom"], d["type"], d["presentation"], *d["services"], *d["labels"], *d["publics"]]
    texte = plat(" ".join(dit))
    return any(s in d["services"] for s in services) or any(motif in texte for motif in motifs)
