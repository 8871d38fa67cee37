"""The mapping document: its form, what it may name, and where it is wrong."""

from annuaire.correspondances.document.ecriture import schema_json
from annuaire.correspondances.document.errors import CorrespondanceInvalide
from annuaire.correspondances.document.expressions import Expression
from annuaire.correspondances.document.lecture import lire_correspondance, lire_texte
from annuaire.correspondances.document.listes import Drapeau, Regle
from annuaire.correspondances.document.modele import (
    Champs,
    Cle,
    Coordonnees,
    Correspondance,
    LectureVoulue,
    Passage,
    Regroupement,
)
from annuaire.correspondances.document.semaine import Horaires, Journee, Jours, SemaineDite

__all__ = [
    "Champs",
    "Cle",
    "Coordonnees",
    "Correspondance",
    "CorrespondanceInvalide",
    "Drapeau",
    "Expression",
    "Horaires",
    "Journee",
    "Jours",
    "LectureVoulue",
    "Passage",
    "Regle",
    "Regroupement",
    "SemaineDite",
    "lire_correspondance",
    "lire_texte",
    "schema_json",
]
