"""Errors of the fetching of lists."""

from __future__ import annotations

from socle.errors import ContenuInvalide, Erreur, Introuvable


class SansTirage(Introuvable):
    code, titre = "sans-tirage", "Cette source n'est pas tirée"


class AdresseRefusee(ContenuInvalide):
    code, titre = "adresse-refusee", "Cette adresse ne peut pas être appelée"


class SecretInconnu(ContenuInvalide):
    code, titre = "secret-inconnu", "Ce secret d'accès n'existe pas"


class TirageTropProche(Erreur):
    code, statut, titre = "tirage-trop-proche", 429, "Cette source vient d'être tirée"
