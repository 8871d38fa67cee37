"""What ranking and counting need of every record, kept in flat columns by internal number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from annuaire.recherche.embarque.lexique import Lexique
from annuaire.recherche.port import ATTRIBUTS, FACETTES

DECALAGE: Final = 12
"""A place of a word is `attribute << 12 | position`: 4,096 words an attribute."""
POSITION_MAX: Final = (1 << DECALAGE) - 1
COMMUNE: Final = ATTRIBUTS.index("commune")
ENTRE_VALEURS: Final = 8
"""Places left between two values of one attribute, so that no phrase runs from one to the next."""

Entiers = npt.NDArray[np.int64]


PETITS: Final = (np.uint16, np.int32)
GRANDS: Final = (np.int32, np.int64)
"""Types of a column of ranks or numbers, never negative: each takes over when the one before is too narrow."""


class Colonne:
    """A growing column of numbers, of the first of some types that holds them all."""

    def __init__(self, type: Any, *plus_larges: Any) -> None:
        self._tout = np.zeros(1024, type)
        self._plus_larges = plus_larges
        self.taille = 0

    @property
    def valeurs(self) -> npt.NDArray[Any]:
        """The values so far."""
        return self._tout[: self.taille]

    def ajouter(self, valeurs: Sequence[Any] | npt.NDArray[Any]) -> None:
        """Add values at the end."""
        if self._plus_larges and len(valeurs) and int(np.max(valeurs)) > np.iinfo(self._tout.dtype).max:
            # another array: who holds the one before goes on with it
            self._tout = self._tout.astype(self._plus_larges[0])
            self._plus_larges = self._plus_larges[1:]
        fin = self.taille + len(valeurs)
        if fin > len(self._tout):
            agrandi = np.zeros(max(fin, len(self._tout) * 3 // 2), self._tout.dtype)
            agrandi[: self.taille] = self._tout[: self.taille]
            self._tout = agrandi
        self._tout[self.taille : fin] = valeurs
        self.taille = fin


class Facette:
    """Values of one facet, several to a record: codes one after the other, and where those of each record start."""

    def __init__(self) -> None:
        self.valeurs: list[str] = []
        self._codes_de: dict[str, int] = {}
        self.codes = Colonne(*PETITS)
        self.departs = Colonne(*GRANDS)
        self.departs.ajouter([0])

    def ajouter(self, lot: Sequence[Sequence[str]]) -> None:
        """Add the values of the next records."""
        codes: list[int] = []
        departs: list[int] = []
        depart = self.codes.taille
        for valeurs in lot:
            if valeurs:
                codes += [self._coder(valeur) for valeur in dict.fromkeys(valeurs)]
            departs.append(depart + len(codes))
        self.codes.ajouter(codes)
        self.departs.ajouter(departs)

    def _coder(self, valeur: str) -> int:
        code = self._codes_de.get(valeur)
        if code is None:
            code = self._codes_de[valeur] = len(self.valeurs)
            self.valeurs.append(valeur)
        return code

    def codes_de(self, valeurs: Iterable[str]) -> list[int]:
        """Return the codes of values that some record bears."""
        return [self._codes_de[v] for v in valeurs if v in self._codes_de]

    def porte(self, nums: Entiers, valeurs: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Say of each record whether it bears one of the values."""
        voulus = np.zeros(len(self.valeurs) + 1, np.bool_)
        voulus[self.codes_de(valeurs)] = True
        departs = self.departs.valeurs
        debuts, longueurs = departs[nums], departs[nums + 1] - departs[nums]
        touches = voulus[self.codes.valeurs[etaler(debuts, longueurs)]]
        cumul = np.concatenate([[0], np.cumsum(touches)])
        fins = np.cumsum(longueurs)
        resultat: npt.NDArray[np.bool_] = (cumul[fins] - cumul[fins - longueurs]) > 0
        return resultat

    def compter(self, nums: Entiers) -> npt.NDArray[np.int64]:
        """Count the records by code."""
        departs = self.departs.valeurs
        debuts = departs[nums]
        codes = self.codes.valeurs[etaler(debuts, departs[nums + 1] - debuts)]
        return np.bincount(codes, minlength=len(self.valeurs))


@dataclass(slots=True)
class Memoire:
    """Records in the order of their arrival: where one stands is its rank. A record written again takes a new rank."""

    lexique: Lexique = field(default_factory=Lexique)
    ids: list[str] = field(default_factory=list)
    nums: Colonne = field(default_factory=lambda: Colonne(np.int64))
    numeros: dict[str, int] = field(default_factory=dict)
    versions: Colonne = field(default_factory=lambda: Colonne(np.int64))
    visibles: Colonne = field(default_factory=lambda: Colonne(np.bool_))
    lat: Colonne = field(default_factory=lambda: Colonne(np.float64))
    lng: Colonne = field(default_factory=lambda: Colonne(np.float64))
    maj: Colonne = field(default_factory=lambda: Colonne(np.int64))
    completude: Colonne = field(default_factory=lambda: Colonne(np.int16))
    facettes: dict[str, Facette] = field(default_factory=lambda: {nom: Facette() for nom in FACETTES})
    mots: Colonne = field(default_factory=lambda: Colonne(*PETITS))
    places: Colonne = field(default_factory=lambda: Colonne(np.uint16))
    departs: Colonne = field(default_factory=lambda: Colonne(*GRANDS))
    porteurs: Colonne = field(default_factory=lambda: Colonne(*PETITS))
    """The rank of the record that bears each word."""
    longueurs_nom: Colonne = field(default_factory=lambda: Colonne(np.int16))
    longueurs_commune: Colonne = field(default_factory=lambda: Colonne(np.int16))
    morts: int = 0

    def __post_init__(self) -> None:
        self.departs.ajouter([0])

    @property
    def prochain(self) -> int:
        """The number, in the index, of the next record to be written."""
        return int(self.nums.valeurs[-1]) + 1 if self.ids else 0

    def rangs(self, nums: Entiers) -> Entiers:
        """Return where records stand here from their numbers in the index; one that has none is left out."""
        connus = self.nums.valeurs
        rangs = np.searchsorted(connus, nums)
        rangs = rangs[rangs < len(connus)]
        resultat: Entiers = rangs[connus[rangs] == nums[: len(rangs)]]
        return resultat

    def nom(self, rang: int) -> str:
        """Return the folded name of a record."""
        depart, fin = self.departs.valeurs[rang], self.departs.valeurs[rang] + self.longueurs_nom.valeurs[rang]
        return " ".join(self.lexique.mots[n] for n in self.mots.valeurs[depart:fin].tolist())

    def ajouter(self, lot: Sequence[tuple[int, Mapping[str, Any]]]) -> list[int]:
        """Add records as they are stored (`schema.fiche`), with their numbers; return the ranks that they replace.

        Nothing that is there moves: who searches meanwhile goes on with the ranks it knows. What is replaced is told
        by `oublier`, once nobody begins with it any more.
        """
        remplaces = [self.numeros[fiche["id"]] for _, fiche in lot if fiche["id"] in self.numeros]
        places: list[int] = []
        noms: list[int] = []
        communes: list[int] = []
        distincts: list[int] = []
        for num, fiche in lot:
            self.numeros[fiche["id"]] = len(self.ids)
            self.ids.append(fiche["id"])
            self.nums.ajouter([num])
            mots, lieux = _placer(fiche.get("mots", {}))
            numeros = self.lexique.numeroter(mots)
            distincts += set(numeros)
            places += lieux
            self.lexique.lieux.update(n for n, lieu in zip(numeros, lieux, strict=True) if lieu >> DECALAGE == COMMUNE)
            noms.append(sum(1 for place in lieux if place <= POSITION_MAX))
            communes.append(sum(1 for place in lieux if place >> DECALAGE == COMMUNE))
            self.porteurs.ajouter(np.full(len(numeros), len(self.ids) - 1, np.int32))
            self.mots.ajouter(numeros)
            self.departs.ajouter([self.mots.taille])
        self.lexique.compter(np.array(distincts, np.int32), 1)
        fiches = [fiche for _, fiche in lot]
        self.versions.ajouter([fiche["v"] for fiche in fiches])
        self.visibles.ajouter([fiche.get("visible", True) for fiche in fiches])
        points = [fiche.get("point") or (np.nan, np.nan) for fiche in fiches]
        self.lat.ajouter([point[0] for point in points])
        self.lng.ajouter([point[1] for point in points])
        self.maj.ajouter([fiche.get("maj", 0) for fiche in fiches])
        self.completude.ajouter([fiche.get("completude", 0) for fiche in fiches])
        self.longueurs_nom.ajouter(noms)
        self.longueurs_commune.ajouter(communes)
        self.places.ajouter(places)
        rien: dict[str, list[str]] = {}
        for nom, facette in self.facettes.items():
            facette.ajouter([fiche.get("facettes", rien).get(nom, ()) for fiche in fiches])
        return remplaces

    def oublier(self, rangs: Sequence[int]) -> None:
        """Count the words of replaced records out."""
        for rang in rangs:
            self.lexique.compter(np.unique(self.mots_de(rang)), -1)
        self.morts += len(rangs)

    def mots_de(self, rang: int) -> npt.NDArray[Any]:
        """Return the numbers of the words of a record."""
        departs = self.departs.valeurs
        return self.mots.valeurs[departs[rang] : departs[rang + 1]]

    def version(self, id: str) -> int | None:
        """Return the version held of a record, deleted or not."""
        rang = self.numeros.get(id)
        return None if rang is None else int(self.versions.valeurs[rang])


def _placer(textes: Mapping[str, Sequence[str]]) -> tuple[list[str], list[int]]:
    """Return the words of a record and their places; the values of one attribute are kept apart."""
    tous: list[str] = []
    places: list[int] = []
    for rang, attribut in enumerate(ATTRIBUTS):
        position = 0
        for valeur in textes.get(attribut, ()):
            lus = valeur.split()[: max(0, POSITION_MAX - position)]
            tous.extend(lus)
            base = (rang << DECALAGE) + position
            places.extend(range(base, base + len(lus)))
            position = min(position + len(lus) + ENTRE_VALEURS, POSITION_MAX)
    return tous, places


def etaler(debuts: Entiers, longueurs: Entiers) -> Entiers:
    """Return the indexes of slices laid one after the other."""
    total = int(longueurs.sum())
    if not total:
        return np.empty(0, np.int64)
    decalages = np.repeat(debuts - (np.cumsum(longueurs) - longueurs), longueurs)
    return decalages + np.arange(total)
