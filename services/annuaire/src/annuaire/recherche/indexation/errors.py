"""Errors of indexing."""

from __future__ import annotations

from socle.errors import Introuvable


class MoteurInconnu(Introuvable):
    code, titre = "moteur-inconnu", "Ce moteur de recherche n'est pas alimenté"
