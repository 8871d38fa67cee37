"""The engine: a document once compiled turns raw rows into rows of the standard."""

from annuaire.correspondances.moteur.compiler import Moteur, Traduite, compiler

__all__ = ["Moteur", "Traduite", "compiler"]
