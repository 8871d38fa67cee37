"""Errors of the closed lists."""

from __future__ import annotations

from socle.errors import Introuvable


class ReferentielInconnu(Introuvable):
    code, titre = "referentiel-inconnu", "Ce référentiel n'existe pas"
