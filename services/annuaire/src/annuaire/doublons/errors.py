"""Errors of duplicates."""

from __future__ import annotations

from socle.errors import Conflit, Introuvable


class DoublonInconnu(Introuvable):
    code, titre = "doublon-inconnu", "Ce doublon n'existe pas"


class FusionImpossible(Conflit):
    code, titre = "fusion-impossible", "Ces fiches ne peuvent pas être réunies"
