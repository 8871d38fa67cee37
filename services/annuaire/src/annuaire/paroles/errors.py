"""Errors of what places say of themselves."""

from __future__ import annotations

from socle.errors import Conflit, ContenuInvalide


class SansCourriel(Conflit):
    code, titre = "sans-courriel-publie", "Ce lieu n'a pas de courriel publié"


class DejaDemande(Conflit):
    code, titre = "lien-deja-envoye", "Un lien a déjà été envoyé à ce lieu"


class ParoleIllisible(ContenuInvalide):
    code, titre = "parole-illisible", "Une des valeurs ne se lit pas"
