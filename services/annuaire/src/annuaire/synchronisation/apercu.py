"""What the child process does with a list that nobody has described: keep a sample, then propose how to read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from annuaire.correspondances.proposition import Echantillon, proposer
from annuaire.correspondances.proposition.ecriture import en_yaml
from annuaire.synchronisation.lecteurs.lignes import Devine, LigneBrute
from annuaire.territoires.referentiel import Referentiel

PROPOSITION: Final = "annuaire.synchronisation.apercu:proposition"


class _Apercu:
    """The treatment: nothing is said of a row, everything of the list."""

    def __init__(self) -> None:
        self._echantillon = Echantillon()

    def __call__(self, ligne: LigneBrute) -> dict[str, Any]:
        self._echantillon.ajouter(ligne.valeurs)
        return {}

    def terminer(self, devine: Devine) -> Iterator[dict[str, Any]]:
        proposition = proposer(self._echantillon, Referentiel.charger(), lecture=a_retenir(devine))
        yield {"proposition": proposition.en_dict() | {"yaml": en_yaml(proposition)}}


def proposition(_parametres: Mapping[str, Any]) -> _Apercu:
    """Make the treatment; its only object that says something is `{"proposition": {document, yaml, …}}`."""
    return _Apercu()


def a_retenir(devine: Devine) -> dict[str, Any]:
    """Return what was guessed of the file and another file of the same list might make guessed otherwise."""
    retenu: dict[str, Any] = {}
    if len(devine.feuilles) > 1:
        retenu["feuille"] = devine.feuille
    if devine.ligne_entetes is not None and devine.ligne_entetes > 1:
        retenu["ligne_entetes"] = devine.ligne_entetes
    if devine.cle_json:
        retenu["cle_json"] = devine.cle_json
    return retenu
