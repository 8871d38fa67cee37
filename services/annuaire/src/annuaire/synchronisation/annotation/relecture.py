"""What the child process does with a list that is read again: first its columns, then its rows with their keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from annuaire.synchronisation.annotation.classeur import COLONNES_MAX
from annuaire.synchronisation.lecteurs.lignes import LigneBrute
from annuaire.synchronisation.traduction import TRADUIT
from annuaire.synchronisation.traitement import ID_MAILLAGE, PROBLEME, STANDARD
from annuaire.synchronisation.traitements import Traitement, fabriquer

COLONNES: Final = "annuaire.synchronisation.annotation.relecture:colonnes"
RANGEES: Final = "annuaire.synchronisation.annotation.relecture:rangees"
AJOUTEES: Final = (ID_MAILLAGE, PROBLEME)
_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class _Colonnes:
    """The columns of every row, in the order in which they are met: those of a JSON list may come late."""

    def __init__(self) -> None:
        self._vues: dict[str, None] = {}

    def __call__(self, ligne: LigneBrute) -> dict[str, Any]:
        self._vues |= dict.fromkeys(ligne.valeurs)
        return {}

    def clore(self) -> Iterator[dict[str, Any]]:
        siennes = [nom for nom in self._vues if nom not in AJOUTEES]
        # beyond what a spreadsheet can hold, nothing can be shown
        yield from ({"colonne": nom} for nom in siennes[: COLONNES_MAX - len(AJOUTEES)])

    def bilan(self) -> dict[str, Any]:
        return {}


def colonnes(_parametres: Mapping[str, Any]) -> _Colonnes:
    """Make the treatment that gives, once the list is read, `{colonne}` for each of its own columns."""
    return _Colonnes()


def rangees(parametres: Mapping[str, Any]) -> Traitement:
    """Make the treatment that gives each row as it was read, and the key under which the list was planned.

    `parametres` are those of that reading. A row gives `{ligne, cle, id_maillage, valeurs}`, the last one as bytes.
    """
    traiter = fabriquer(TRADUIT if "correspondance" in parametres else STANDARD, parametres)

    def relire(ligne: LigneBrute) -> dict[str, Any]:
        return {
            "ligne": ligne.ligne,
            "cle": traiter(ligne)["cle"],
            "id_maillage": str(ligne.valeurs.get(ID_MAILLAGE) or "").strip() or None,
            "valeurs": _JSON.encode(ligne.valeurs).encode(),
        }

    return relire
