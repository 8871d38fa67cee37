"""What the child process may do with a row. A treatment is named `module:fabrique`; the factory runs in the child."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final, Protocol, runtime_checkable

from annuaire.synchronisation.lecteurs.lignes import LigneBrute

Traitement = Callable[[LigneBrute], dict[str, Any]]
"""Gives JSON values by name; a value of the object itself may also be bytes, themselves JSON without line break."""

Fabrique = Callable[[Mapping[str, Any]], Traitement]


@runtime_checkable
class ACloture(Protocol):
    """A treatment that has more to say once every row is read."""

    def clore(self) -> Iterator[dict[str, Any]]:
        """Give the objects that needed the whole list. Raises `FichierRefuse`."""

    def bilan(self) -> dict[str, Any]:
        """Return what was learnt of the list, added to what the reader guessed."""


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


def cloturer(traiter: Traitement) -> Iterator[dict[str, Any]]:
    """Give what a treatment has to say once every row is read."""
    if isinstance(traiter, ACloture):
        yield from traiter.clore()


def bilan(traiter: Traitement) -> dict[str, Any]:
    """Return what a treatment learnt of the list."""
    return traiter.bilan() if isinstance(traiter, ACloture) else {}
