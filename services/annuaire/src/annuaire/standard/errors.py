"""Errors of the reading of a list at the standard."""

from __future__ import annotations

from socle.errors import ContenuInvalide


class FichierHorsStandard(ContenuInvalide):
    code, titre = (
        "fichier-hors-standard",
        "Ce fichier ne suit pas le standard des lieux de médiation numérique",
    )
