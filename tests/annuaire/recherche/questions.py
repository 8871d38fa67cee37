"""Questions to judge a search engine by, drawn from a corpus: what is right is decided by rules, never by hand."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]
Regle = Callable[[Document], bool]

EN_TETE = 3
"""Among how many first results one right answer must be."""
PURES = 5
"""How many first results must all be right, when the question names a need and not a place."""


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
    texte = texte.replace("œ", "oe").replace("Œ", "OE")
    nu = "".join(c for c in unicodedata.normalize("NFKD", texte) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", nu.lower()))


def tirer(documents: Sequence[Document], graine: int = 11) -> list[Question]:
    """Draw the questions of every category from a corpus."""
    hasard = random.Random(graine)
    documents = [document for document in documents if document["visible"]]
    uniques = _noms_uniques(documents)
    return [
        *_noms(hasard.sample(uniques, 20)),
        *_sans_accents(_parmi(hasard, uniques, lambda d: d["nom"] != _sans(d["nom"]), 15)),
        *_fautes(hasard, uniques),
        *_debuts(hasard, uniques),
        *_ordre(hasard, uniques),
        *_elisions(hasard, uniques),
        *_nombre_et_genre(),
        *_sigles(),
        *_communes(hasard, documents),
        *_codes_postaux(hasard, documents),
        *_plusieurs_champs(hasard, documents),
        *_difficiles(),
    ]


def _noms_uniques(documents: Sequence[Document]) -> list[Document]:
    vus: dict[str, list[Document]] = {}
    for document in documents:
        vus.setdefault(plat(document["nom"]), []).append(document)
    return [ds[0] for nom, ds in vus.items() if len(ds) == 1 and 2 <= len(nom.split()) <= 7 and len(nom) > 12]


def _parmi(hasard: random.Random, documents: Sequence[Document], condition: Regle, combien: int) -> list[Document]:
    gardes = [d for d in documents if condition(d)]
    return hasard.sample(gardes, min(combien, len(gardes)))


def _ce(document: Document) -> Regle:
    return lambda d: d["id"] == document["id"]


def _sans(texte: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", texte) if not unicodedata.combining(c))


def _noms(documents: Sequence[Document]) -> Iterator[Question]:
    return (Question("nom exact", d["nom"], _ce(d)) for d in documents)


def _sans_accents(documents: Sequence[Document]) -> Iterator[Question]:
    for rang, d in enumerate(documents):
        sans = _sans(d["nom"])
        yield Question("accents", sans.upper() if rang % 2 else sans.lower(), _ce(d))


def _fautes(hasard: random.Random, documents: Sequence[Document]) -> Iterator[Question]:
    for categorie, abimer, combien in (
        ("une faute", _une_faute, 1), ("deux fautes", _une_faute, 2), ("transposition", _transposer, 1),
    ):  # fmt: skip
        minimum = 5 if combien == 1 else 9
        choisis = _parmi(hasard, documents, lambda d, m=minimum: bool(_longs(d["nom"], m)), 15)
        for d in choisis:
            mots = d["nom"].split()
            rang = hasard.choice(_longs(d["nom"], minimum))
            for _ in range(combien):
                mots[rang] = abimer(hasard, mots[rang])
            yield Question(categorie, " ".join(mots), _ce(d))


def _longs(nom: str, minimum: int) -> list[int]:
    return [i for i, mot in enumerate(nom.split()) if len(mot) >= minimum and mot.isalpha()]


def _une_faute(hasard: random.Random, mot: str) -> str:
    place = hasard.randrange(1, len(mot))
    lettre = hasard.choice("abcdefghijklmnopqrstuvwxyz")
    return hasard.choice([mot[:place] + mot[place + 1 :], mot[:place] + lettre + mot[place:], mot[:place] + lettre + mot[place + 1 :]])


def _transposer(hasard: random.Random, mot: str) -> str:
    place = hasard.randrange(1, len(mot) - 1)
    return mot[:place] + mot[place + 1] + mot[place] + mot[place + 2 :]


def _debuts(hasard: random.Random, documents: Sequence[Document]) -> Iterator[Question]:
    for d in _parmi(hasard, documents, lambda d: len(d["nom"].split()[-1]) >= 6, 15):
        mots = d["nom"].split()
        debut = " ".join([*mots[:-1], mots[-1][: max(3, len(mots[-1]) - 3)]])
        voulu = plat(debut)
        yield Question("début", debut, lambda c, v=voulu: plat(c["nom"]).startswith(v))


def _ordre(hasard: random.Random, documents: Sequence[Document]) -> Iterator[Question]:
    for d in _parmi(hasard, documents, lambda d: 3 <= len(d["nom"].split()) <= 5, 12):
        mots = d["nom"].split()
        voulus = sorted(plat(d["nom"]).split())
        yield Question("ordre des mots", " ".join(reversed(mots)), lambda c, v=voulus: sorted(plat(c["nom"]).split()) == v)


def _elisions(hasard: random.Random, documents: Sequence[Document]) -> Iterator[Question]:
    for rang, d in enumerate(_parmi(hasard, documents, lambda d: re.search(r"\b[dlDL]['’]\w", d["nom"]) is not None, 15)):
        nom = d["nom"]
        q = nom.replace("'", "’") if rang % 3 == 0 else re.sub(r"\b[dlDL]['’]", "", nom) if rang % 3 == 1 else nom.replace("'", " ")
        yield Question("élision", q, _ce(d))


def _nombre_et_genre() -> Iterator[Question]:
    for q, voulu in (
        ("médiathèques", "mediatheque"), ("bibliothèques", "bibliotheque"), ("centre sociaux", "centre social"),
        ("centres sociaux", "centre social"), ("régies de quartier", "regie de quartier"), ("mairies", "mairie"),
        ("missions locales", "locale"), ("maisons de quartiers", "maison de quartier"),
        ("foyers de jeunes travailleurs", "foyer de jeunes travailleurs"), ("fablabs", "fablab"),
    ):  # fmt: skip
        yield Question("nombre et genre", q, lambda d, v=voulu: v in plat(d["nom"] + " " + d["type"]), toutes=True)
    for q, voulu in (
        ("conseillère numérique", "conseiller numerique"), ("habilitées", "habilites"), ("imprimantes", "imprimante"),
        ("ordinateur", "ordinateurs"), ("arnaque en ligne", "arnaques en ligne"),
    ):  # fmt: skip
        yield Question("nombre et genre", q, lambda d, v=voulu: v in plat(_tout(d)) or "cnfs" in plat(_tout(d)), toutes=True)


def _tout(d: Document) -> str:
    return " ".join([d["nom"], d["commune"], d["type"], *d["services"], *d["labels"], d["presentation"], d["adresse"]])


def _dit(*motifs: str) -> Regle:
    return lambda d: any(motif in f" {plat(_tout(d))} " for motif in motifs)


def _sigles() -> Iterator[Question]:
    for q, *voulus in (
        ("EPN", " epn ", "espace public numerique", "cyber"), ("espace public numérique", "espace public numerique", " epn "),
        ("CnFS", " cnfs ", "conseiller numerique"), ("conseillers numériques", " cnfs ", "conseiller numerique"),
        ("MSAP", " msap ", "france services", "maison de services au public"), ("C.A.F.", " caf "," allocations familiales"),
        ("caisse d'allocations familiales", " caf ", "allocations familiales"), ("FLE", " fle ", "francais langue etrangere"),
        ("CCAS", " ccas ", "centre communal d action sociale"), ("centre communal d'action sociale", " ccas ", "communal d action"),
        ("MJC", " mjc ", "maison des jeunes et de la culture"), ("maison des jeunes et de la culture", " mjc ", "maison des jeunes"),
        ("pole emploi", "pole emploi", "france travail"), ("france travail", "france travail", "pole emploi"),
        ("fab lab", "fablab", "fab lab"), ("PIJ", " pij ", "point information jeunesse"),
        ("maison france services", "france services", " msap "),
    ):  # fmt: skip
        yield Question("sigle ou synonyme", q, _dit(*voulus), toutes=True)


def _communes(hasard: random.Random, documents: Sequence[Document]) -> Iterator[Question]:
    saints = _parmi(hasard, documents, lambda d: re.match(r"Sainte?-[A-Z]", d["commune"]) is not None, 12)
    for rang, d in enumerate(saints):
        commune = d["commune"]
        q = commune.replace("Sainte-", "Ste ").replace("Saint-", "St ") if rang % 2 else commune.replace("-", " ").lower()
        yield Question("commune", q, lambda c, v=plat(commune): plat(c["commune"]).startswith(v))
    for d in _parmi(hasard, documents, lambda d: "-" in d["commune"] and d["type"] == "Mairie", 6):
        voulu = plat(d["commune"])
        yield Question("commune", f"mairie {d['commune'].replace('-', ' ')}", lambda c, v=voulu: plat(c["commune"]) == v and "mairie" in plat(c["nom"] + c["type"]))


def _codes_postaux(hasard: random.Random, documents: Sequence[Document]) -> Iterator[Question]:
    for d in _parmi(hasard, documents, lambda d: len(d["code_postal"]) == 5, 10):
        yield Question("code postal", d["code_postal"], lambda c, v=d["code_postal"]: c["code_postal"] == v, toutes=True)
    for d in _parmi(hasard, documents, lambda d: d["type"] in ("CCAS", "Mairie", "Centre social"), 6):
        yield Question(
            "code postal", f"{d['type']} {d['code_postal']}",
            lambda c, v=d: c["code_postal"] == v["code_postal"] and (plat(v["type"]) in plat(c["nom"] + " " + c["type"]) or c["type"] == v["type"]),
        )  # fmt: skip


def _plusieurs_champs(hasard: random.Random, documents: Sequence[Document]) -> Iterator[Question]:
    types = ("CCAS", "Centre social", "Mission locale", "MJC", "France Services", "Bibliothèque / Médiathèque", "CAF")
    for d in _parmi(hasard, documents, lambda d: d["type"] in types, 15):
        mot = {"Bibliothèque / Médiathèque": "médiathèque"}.get(d["type"], d["type"])
        yield Question("plusieurs champs", f"{mot} {d['commune']}", lambda c, v=d: c["commune"] == v["commune"] and c["type"] == v["type"])


def _difficiles() -> Iterator[Question]:
    demarches = _dit("demarches")
    solidaire = _dit("prix solidaire")
    for q, juste in (
        ("papiers", demarches), ("aide pour remplir mes papiers", demarches), ("faire ma déclaration d'impôts", _dit("demarches", "impots")),
        ("ordinateur pas cher", solidaire), ("acheter un pc d'occasion", solidaire), ("s'équiper à petit prix", solidaire),
        ("apprendre à se servir d'un smartphone", _dit("smartphone", "outils numeriques")),
        ("cours d'informatique pour débutants", _dit("initiation a l informatique", "outils numeriques", "ateliers informatiques")),
        ("imprimer un document", _dit("imprimante", "acces internet")), ("wifi gratuit", _dit("acces internet", "acces libre", "wifi")),
        ("refaire mon CV", _dit("insertion professionnelle")), ("je cherche du travail", _dit("insertion professionnelle", "france travail")),
        ("mes enfants et les écrans", _dit("parentalite", "parents")), ("arnaque sur internet", _dit("arnaques", "securisee")),
        ("mot de passe piraté", _dit("arnaques", "securisee")), ("apprendre le français", _dit("francais langue")),
        ("imprimante 3d", _dit("imprimante 3d")), ("bus numérique", _dit("bus numerique", "bus de services")),
        ("quelqu'un qui fasse les démarches à ma place", _dit("aidants connect", "a votre place")),
        ("passer le pix", _dit("pix")), ("télétravail", _dit("coworking")), ("bureau partagé", _dit("coworking")),
        ("lutter contre l'illectronisme", _dit("illectronisme")), ("sans rendez-vous", _dit("sans rendez vous")),
    ):  # fmt: skip
        yield Question("difficile", q, juste, toutes=True)
