"""What the child process may do with a row. A treatment is named `module:fabrique`; the factory runs in the child."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

from annuaire.synchronisation.lecteurs.lignes import LigneBrute

Traitement = Callable[[LigneBrute], dict[str, Any]]
"""Gives JSON values by name; a value of the object itself may also be bytes, themselves JSON without line break."""

Fabrique = Callable[[Mapping[str, Any]], Traitement]

BRUT: Final = "annuaire.synchronisation.traitements:brut"


def brut(_parametres: Mapping[str, Any]) -> Traitement:
    """Make the treatment that gives the row as it was read."""

    def traiter(ligne: LigneBrute) -> dict[str, Any]:
        anomalies = [{"code": a.code, "champ": a.champ, "valeur": a.valeur} for a in ligne.anomalies]
        return {
            "ligne": ligne.ligne,
            "feuille": ligne.feuille,
            "valeurs": ligne.valeurs,
            "anomalies": anomalies,
        }

    return traiter


def fabriquer(nom: str, parametres: Mapping[str, Any]) -> Traitement:
    """Build the treatment called `module:fabrique` (a name written in the code, never received)."""
    module, _, fabrique = nom.partition(":")
    faire: Fabrique = getattr(import_module(module), fabrique)
    return faire(parametres)
