"""Errors of exceptional closings."""

from __future__ import annotations

from socle.errors import Conflit, ContenuInvalide, Introuvable


class FermetureInconnue(Introuvable):
    code, titre = "fermeture-inconnue", "Cette fermeture n'existe pas"


class FermeturePassee(ContenuInvalide):
    code, titre = "fermeture-passee", "Cette fermeture est déjà finie"


class TropDeFermetures(Conflit):
    code, titre = "trop-de-fermetures", "Ce lieu a trop de fermetures à venir"
