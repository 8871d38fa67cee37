"""Errors that belong to HTTP itself, not to a domain."""

from __future__ import annotations

from socle.errors import Erreur


class MethodeRefusee(Erreur):
    code, statut, titre = "methode-refusee", 405, "Cette méthode n'existe pas pour cette adresse"


class FormatRefuse(Erreur):
    code, statut, titre = "format-refuse", 406, "Aucun format demandé n'est disponible"


class LectureTropLente(Erreur):
    code, statut, titre = "lecture-trop-lente", 408, "Le contenu n'est pas arrivé à temps"


class CibleTropLongue(Erreur):
    code, statut, titre = "cible-trop-longue", 414, "L'adresse demandée est trop longue"


class HoteInconnu(Erreur):
    code, statut, titre = "hote-inconnu", 421, "Ce serveur ne répond pas pour cet hôte"


class EntetesTropGrands(Erreur):
    code, statut, titre = "entetes-trop-grands", 431, "Les en-têtes de la requête sont trop grands"


class ErreurInterne(Erreur):
    code, statut, titre = "erreur-interne", 500, "Une erreur imprévue est survenue"


class AmontInvalide(Erreur):
    code, statut, titre = "amont-invalide", 502, "Le service a rompu sa réponse"


class DelaiDepasse(Erreur):
    code, statut, titre = "delai-depasse", 504, "Le service n'a pas répondu à temps"


class ErreurHttp(Erreur):
    """A status raised by the framework that has no class of its own: the instance carries it."""

    code, statut, titre = "erreur-http", 500, "La requête n'a pas abouti"

    def __init__(self, detail: str, *, statut: int, entetes: dict[str, str] | None = None) -> None:
        super().__init__(detail, entetes=entetes)
        self.statut_porte = statut
