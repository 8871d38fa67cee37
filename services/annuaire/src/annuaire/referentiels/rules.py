"""Closed lists of values: slugs, tolerant recognition, nearest suggestion. Nothing here reads a file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from rapidfuzz import fuzz, process

SEUIL_SUGGESTION = 72
LONGUEUR_LUE = 300

_NON_ALPHANUMERIQUE = re.compile(r"[^a-z0-9]+")
_PARENTHESE_FINALE = re.compile(r"(?:(?<!\s)\s++)?\([^()]*+\)\s*+$")
# The accents of our alphabet; those of others are looked up one by one. U+034F, between them, is not an accent.
_ACCENTS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss"})


def sans_accents(texte: str) -> str:
    """Fold a text to lower case ASCII letters where they exist: accents and ligatures go, the rest stays."""
    if texte.isascii():
        return texte.lower()
    decompose = _ACCENTS.sub("", unicodedata.normalize("NFKD", texte.translate(_LIGATURES)))
    if decompose.isascii():
        return decompose.lower()
    return "".join(c for c in decompose if not unicodedata.combining(c)).lower()


def slug(libelle: str) -> str:
    """Make the ASCII slug of a label: `Point d'accès numérique CAF` gives `point-d-acces-numerique-caf`."""
    return _NON_ALPHANUMERIQUE.sub("-", sans_accents(libelle)).strip("-")


def cle_de_lecture(texte: str) -> str:
    """Reduce a text to what two spellings of one value share: its letters and digits, folded, with no separator."""
    return _NON_ALPHANUMERIQUE.sub("", sans_accents(texte[:LONGUEUR_LUE]))


@dataclass(frozen=True, slots=True)
class Valeur:
    """One value of a closed list.

    `valeur` is the exact spelling that is stored and published, `slug` its ASCII form accepted by filters,
    `libelle` what a person reads (equal to `valeur` unless the value is a code), `variantes` other known spellings,
    `services` the services of the standard that a theme covers.
    """

    valeur: str
    slug: str
    libelle: str
    description: str | None = None
    variantes: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    @classmethod
    def de_dict(cls, donnees: Mapping[str, Any]) -> Valeur:
        """Read one entry of a list file."""
        return cls(
            valeur=donnees["valeur"],
            slug=donnees["slug"],
            libelle=donnees.get("libelle", donnees["valeur"]),
            description=donnees.get("description"),
            variantes=tuple(donnees.get("variantes", ())),
            services=tuple(donnees.get("services", ())),
        )


@dataclass(frozen=True, slots=True)
class ListeFermee:
    """A closed, versioned list of values in its published order."""

    nom: str
    titre: str
    version: str
    source: str
    valeurs: tuple[Valeur, ...]
    champ: str | None = None
    note: str | None = None
    _index: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[str, str] = {}
        for valeur in self.valeurs:
            for ecriture in (valeur.valeur, valeur.slug, valeur.libelle, *valeur.variantes):
                autre = index.setdefault(cle_de_lecture(ecriture), valeur.valeur)
                if autre != valeur.valeur:
                    raise ValueError(f"{self.nom} : « {ecriture} » désigne à la fois {autre} et {valeur.valeur}")
        object.__setattr__(self, "_index", MappingProxyType(index))

    def __iter__(self) -> Iterator[Valeur]:
        return iter(self.valeurs)

    def __contains__(self, valeur: object) -> bool:
        return any(valeur == une.valeur for une in self.valeurs)

    @classmethod
    def de_dict(cls, donnees: Mapping[str, Any]) -> ListeFermee:
        """Read a list file."""
        return cls(
            nom=donnees["nom"],
            titre=donnees["titre"],
            version=donnees["version"],
            source=donnees["source"],
            champ=donnees.get("champ"),
            note=donnees.get("note"),
            valeurs=tuple(Valeur.de_dict(valeur) for valeur in donnees["valeurs"]),
        )


def reconnaitre(liste: ListeFermee, texte: str) -> str | None:
    """Find the value of the list that a text names, or `None`.

    Case, accents, apostrophes, spaces and punctuation don't count, slugs and known variants are read, a gloss after
    ` : ` or a final parenthesis is ignored when the whole isn't a value. Nothing is guessed.
    """
    for ecriture in ecritures(texte):
        trouvee = liste._index.get(cle_de_lecture(ecriture))
        if trouvee is not None:
            return trouvee
    return None


def ecritures(texte: str) -> Iterator[str]:
    """Yield a text, then the text without its gloss (after `:`), then without its final parenthesis."""
    texte = texte[:LONGUEUR_LUE]
    yield texte
    tete, deux_points, _ = texte.partition(":")
    if deux_points and tete.strip():
        yield tete
    if texte.rstrip().endswith(")"):
        court = _PARENTHESE_FINALE.sub("", texte)
        if court.strip():
            yield court


def proche(liste: ListeFermee | Iterable[ListeFermee], texte: str) -> str | None:
    """Suggest the value nearest to a text, or `None` when nothing is near (ratio under 72 out of 100)."""
    listes = (liste,) if isinstance(liste, ListeFermee) else tuple(liste)
    choix = {cle: valeur for une in listes for cle, valeur in une._index.items()}
    cherche = cle_de_lecture(texte)
    if not cherche:
        return None
    resultat = process.extractOne(cherche, list(choix), scorer=fuzz.ratio, score_cutoff=SEUIL_SUGGESTION)
    return choix[resultat[0]] if resultat else None
