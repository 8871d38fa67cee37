"""Errors of territories."""

from __future__ import annotations

from socle.errors import ContenuInvalide, Introuvable, RequeteInvalide, TropGrand


class TerritoireInconnu(Introuvable):
    code, titre = "territoire-inconnu", "Ce territoire n'existe pas"


class CoucheAbsente(RequeteInvalide):
    code, titre = "couche-absente", "La couche des quartiers prioritaires n'est pas chargée"


class CoucheInvalide(ContenuInvalide):
    code, titre = "couche-invalide", "Cette couche de quartiers ne peut pas être lue"


class CoucheTropGrande(TropGrand):
    code, titre = "couche-trop-grande", "Cette couche de quartiers dépasse les limites"
