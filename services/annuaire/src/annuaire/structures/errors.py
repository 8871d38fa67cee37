"""Errors of the structures."""

from __future__ import annotations

from socle.errors import Conflit, Introuvable, Supprime


class StructureInconnue(Introuvable):
    code, titre = "structure-inconnue", "Cette structure n'existe pas"


class StructureSupprimee(Supprime):
    code, titre = "structure-supprimee", "Cette structure a été supprimée"


class StructureExistante(Conflit):
    code, titre = "structure-existante", "Une structure porte déjà ce numéro"


class StructureDeReference(Conflit):
    code, titre = "structure-de-reference", "Cette structure vient du code officiel géographique"
