"""Errors of the structures."""

from __future__ import annotations

from socle.errors import Introuvable, Supprime


class StructureInconnue(Introuvable):
    code, titre = "structure-inconnue", "Cette structure n'existe pas"


class StructureSupprimee(Supprime):
    code, titre = "structure-supprimee", "Cette structure a été supprimée"
