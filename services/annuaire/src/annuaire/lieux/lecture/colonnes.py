"""A filter field as a column of codes: one number a place, for the tuple of values that it carries."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Masque = NDArray[np.bool_]
Rangs = NDArray[np.int64]

UNIQUES: Final = ("code_insee", "code_postal", "departement", "region", "epci")
MULTIPLES: Final = (
    "typologie",
    "services",
    "publics_specifiquement_adresses",
    "prise_en_charge_specifique",
    "frais_a_charge",
    "itinerance",
    "dispositif_programmes_nationaux",
    "formations_labels",
    "modalites_acces",
    "modalites_accompagnement",
    "langues",
    "sources",
)
CALCULES: Final = ("qpv", "accessibilite")
CHAMPS: Final = (*UNIQUES, *MULTIPLES, *CALCULES)
"""Fields of a public document by which places are found."""

PERMIS_GARDES = 256


class Colonne:
    """Codes of one field: `codes[rang]` numbers a tuple of values in `tuples`.

    Places share few combinations of values, so a question about values is answered on the combinations, once, and
    then costs one lookup a place.
    """

    def __init__(self, capacite: int = 0) -> None:
        self.codes = np.zeros(capacite, dtype=np.int32)
        self.tuples: list[tuple[str, ...]] = []
        self._numeros: dict[tuple[str, ...], int] = {}
        self._permis: dict[tuple[str, ...], Masque] = {}

    def poser(self, rang: int, valeurs: tuple[str, ...]) -> None:
        """Write the values of a place."""
        numero = self._numeros.get(valeurs)
        if numero is None:
            # one copy of each value, however many combinations it is in
            valeurs = tuple(map(sys.intern, valeurs))
            numero = self._numeros[valeurs] = len(self.tuples)
            self.tuples.append(valeurs)
            self._permis.clear()
        self.codes[rang] = numero

    def permis(self, valeurs: tuple[str, ...]) -> Masque:
        """Return, by code, whether a tuple holds one of these values."""
        connu = self._permis.get(valeurs)
        if connu is None:
            cherchees = set(valeurs)
            connu = np.fromiter((not cherchees.isdisjoint(t) for t in self.tuples), dtype=np.bool_)
            if len(self._permis) >= PERMIS_GARDES:
                self._permis.clear()
            self._permis[valeurs] = connu
        return connu

    def compter(self, rangs: Rangs) -> dict[str, int]:
        """Count the places of `rangs` that carry each value, values of nobody left out."""
        comptes: dict[str, int] = {}
        for numero, combien in enumerate(np.bincount(self.codes[rangs], minlength=len(self.tuples)).tolist()):
            if combien:
                for valeur in self.tuples[numero]:
                    comptes[valeur] = comptes.get(valeur, 0) + combien
        return comptes

    def agrandir(self, capacite: int) -> None:
        """Make room."""
        self.codes = np.concatenate([self.codes, np.zeros(capacite - len(self.codes), dtype=np.int32)])

    def copier(self) -> Colonne:
        """Return a column that changes apart from this one."""
        copie = Colonne()
        copie.codes = self.codes.copy()
        copie.tuples, copie._numeros = list(self.tuples), dict(self._numeros)
        return copie


def valeurs_de(document: dict[str, object]) -> dict[str, tuple[str, ...]]:
    """Read the values by which a public document is found, field by field."""
    lues: dict[str, tuple[str, ...]] = {}
    for nom in UNIQUES:
        valeur = document.get(nom)
        lues[nom] = (valeur,) if isinstance(valeur, str) else ()
    for nom in MULTIPLES:
        valeur = document.get(nom)
        lues[nom] = tuple(valeur) if isinstance(valeur, list) else ()
    lues["qpv"] = _qpv(document.get("qpv"))
    accessibilite = document.get("accessibilite")
    etat = accessibilite.get("etat") if isinstance(accessibilite, dict) else None
    lues["accessibilite"] = (etat if isinstance(etat, str) else "inconnu",)
    return lues


def _qpv(quartier: object) -> tuple[str, ...]:
    """Return the quarter in which, or at 500 m of which, a place stands."""
    if not isinstance(quartier, dict) or quartier.get("position") == "dehors" or not quartier.get("code"):
        return ()
    return (str(quartier["code"]),)


def masque_de(colonnes: dict[str, Colonne], voulues: Sequence[tuple[str, tuple[str, ...]]], rangs: Rangs) -> Masque:
    """Return which of these places carry, for each field, one of the values wanted."""
    tient: Masque | None = None
    for nom, valeurs in voulues:
        colonne = colonnes[nom]
        un = colonne.permis(valeurs)[colonne.codes[rangs]]
        tient = un if tient is None else tient & un
    return np.ones(len(rangs), dtype=np.bool_) if tient is None else tient
