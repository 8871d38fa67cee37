"""Errors of the sources."""

from __future__ import annotations

from socle.errors import Conflit, Introuvable


class SourceInconnue(Introuvable):
    code, titre = "source-inconnue", "Cette source n'existe pas"


class SourceExistante(Conflit):
    code, titre = "source-existante", "Une source porte déjà cet identifiant"
