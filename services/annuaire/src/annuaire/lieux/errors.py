"""Errors of the places."""

from __future__ import annotations

from socle.errors import Introuvable, Supprime


class LieuInconnu(Introuvable):
    code, titre = "lieu-inconnu", "Ce lieu n'existe pas"


class LieuSupprime(Supprime):
    code, titre = "lieu-supprime", "Ce lieu a été supprimé"
