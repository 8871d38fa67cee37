"""What a list has and what a document asks: columns that are missing, columns that nobody reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from annuaire.correspondances.document.modele import Correspondance
from annuaire.correspondances.document.references import references
from annuaire.correspondances.moteur import chemins
from annuaire.correspondances.moteur.cellules import rien

#: Columns of the exchange itself, which say nothing of a place.
TECHNIQUES: Final = ("_op", "id_maillage", "probleme")
NON_LUES_MAX: Final = 500
VUES_DITES: Final = 60


@dataclass(slots=True)
class Colonnes:
    """The columns met while a list is read, against those of a document. Make it by `pour`."""

    places: Mapping[str, str]
    lues: tuple[str, ...]
    _manquantes: set[str]
    _vues: dict[str, None] = field(default_factory=dict)
    _non_lues: dict[str, int] = field(default_factory=dict)
    _sues: dict[str, bool] = field(default_factory=dict)
    lignes: int = 0

    @classmethod
    def pour(cls, document: Correspondance) -> Colonnes:
        """Prepare the follow-up of one list."""
        places: dict[str, str] = {}
        for colonne, place in references(document):
            places.setdefault(colonne, place)
        exigees = set(places) - set(document.facultatives)
        return cls(places, (*places, *document.ignorees, *TECHNIQUES), exigees)

    def suivre(self, ligne: Mapping[str, Any]) -> None:
        """Take note of the columns of a row."""
        self.lignes += 1
        if self._manquantes:
            self._manquantes -= {c for c in self._manquantes if chemins.lire(ligne, c) is not chemins.ABSENT}
        for nom, valeur in chemins.feuilles(ligne):
            lue = self._sues.get(nom)
            if lue is None:
                lue = self._connaitre(nom)
            if not lue and not rien(valeur) and (nom in self._non_lues or len(self._non_lues) < NON_LUES_MAX):
                self._non_lues[nom] = self._non_lues.get(nom, 0) + 1

    def manquantes(self) -> list[tuple[str, str]]:
        """Return (place, column) for each column that no row had; nothing is known of a list without rows."""
        if not self.lignes:
            return []
        return [(place, colonne) for colonne, place in self.places.items() if colonne in self._manquantes]

    def vues(self) -> list[str]:
        """Return the columns met, in order, for a message."""
        return list(self._vues)[:VUES_DITES]

    def non_lues(self) -> dict[str, int]:
        """Return the columns that the document neither reads nor ignores, with their number of filled cells."""
        return dict(self._non_lues)

    def _connaitre(self, nom: str) -> bool:
        """Tell whether a cell is read: itself, one of its parts, or the object that holds it."""
        if len(self._sues) < 10 * NON_LUES_MAX:
            self._vues[nom] = None
            lue = any(_dedans(nom, lue) or _dedans(lue, nom) for lue in self.lues)
            self._sues[nom] = lue
            return lue
        return True


def _dedans(chemin: str, objet: str) -> bool:
    """Tell whether a path is an object's or leads inside it."""
    return chemin == objet or (chemin.startswith(objet) and chemin[len(objet)] in ".[")


def dire_manquantes(manquantes: Iterable[tuple[str, str]], vues: list[str]) -> str:
    """Say in French which columns are missing, where the document asks for them, and what the list has."""
    dites = " ; ".join(f"{place} : colonne absente (« {colonne[:80]} »)" for place, colonne in manquantes)
    return f"{dites}. Colonnes de la liste : {', '.join(f'« {c[:60]} »' for c in vues)}."
