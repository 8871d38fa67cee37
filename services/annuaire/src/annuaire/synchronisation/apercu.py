"""What the child process does with a list that nobody has described: keep a sample, then propose how to read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from annuaire.correspondances.proposition import Echantillon, proposer
from annuaire.synchronisation.lecteurs.lignes import LigneBrute
from annuaire.territoires.referentiel import Referentiel

PROPOSITION: Final = "annuaire.synchronisation.apercu:proposition"


class Apercu:
    """The treatment: nothing is said of a row, everything of the list."""

    def __init__(self) -> None:
        self._echantillon = Echantillon()

    def __call__(self, ligne: LigneBrute) -> dict[str, Any]:
        """Keep a row in the sample."""
        self._echantillon.ajouter(ligne.valeurs)
        return {}

    def clore(self) -> Iterator[dict[str, Any]]:
        """Give the proposal, as `{"proposition": {document, confiances, colonnes_non_lues, lignes}}`."""
        yield {"proposition": proposer(self._echantillon, Referentiel.charger()).en_dict()}

    def bilan(self) -> dict[str, Any]:
        """Return what was learnt of the list besides: nothing."""
        return {}


def proposition(_parametres: Mapping[str, Any]) -> Apercu:
    """Make the treatment."""
    return Apercu()
