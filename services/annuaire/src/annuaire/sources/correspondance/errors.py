"""Errors of the correspondences of a source."""

from __future__ import annotations

from socle.errors import Introuvable


class CorrespondanceInconnue(Introuvable):
    code, titre = "correspondance-inconnue", "Cette source n'a pas cette correspondance"
