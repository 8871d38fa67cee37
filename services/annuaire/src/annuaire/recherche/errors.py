"""Errors of search."""

from __future__ import annotations

from socle.errors import Indisponible, Introuvable, RequeteInvalide


class FenetreTropGrande(RequeteInvalide):
    code, titre = "fenetre-trop-grande", "Cette page est au-delà de ce qu'une recherche montre"


class FacetteInconnue(Introuvable):
    code, titre = "facette-inconnue", "Cette facette n'existe pas"


class RechercheIndisponible(Indisponible):
    code, titre = "recherche-indisponible", "La recherche est momentanément indisponible"
