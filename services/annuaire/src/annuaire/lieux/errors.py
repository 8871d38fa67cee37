"""Errors of the places."""

from __future__ import annotations

from socle.errors import Introuvable, RequeteInvalide, Supprime


class LieuInconnu(Introuvable):
    code, titre = "lieu-inconnu", "Ce lieu n'existe pas"


class LieuSupprime(Supprime):
    code, titre = "lieu-supprime", "Ce lieu a été supprimé"


class CoucheAbsente(RequeteInvalide):
    code, titre = "couche-absente", "La couche des quartiers prioritaires n'est pas chargée"
