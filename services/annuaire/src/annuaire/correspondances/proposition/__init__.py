"""A first mapping document for a list that nobody has described: guessed from its headers and its values."""

from annuaire.correspondances.proposition.echantillon import LIGNES_LUES, Echantillon
from annuaire.correspondances.proposition.proposer import Proposition, proposer

__all__ = ["LIGNES_LUES", "Echantillon", "Proposition", "proposer"]
