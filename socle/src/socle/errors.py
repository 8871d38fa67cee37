"""Every error that Maillage says aloud: a class, a stable code, a status. `web/problemes.py` renders them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Faute:
    """One fault inside a request: where it is (JSON pointer, parameter or header name), what it is, in French."""

    pointer: str
    code: str
    detail: str


class Erreur(Exception):
    """Base of all domain errors.

    `code` is the last segment of the problem `type` (hyphens, stable for ever), `statut` the HTTP status, `titre`
    the same sentence for every occurrence, `detail` this occurrence. `extra` are further members of the problem
    (RFC 9457 §3.2), `entetes` headers of the answer.
    """

    code: ClassVar[str] = "erreur"
    statut: ClassVar[int] = 500
    titre: ClassVar[str] = "Erreur"

    def __init__(
        self,
        detail: str,
        *,
        erreurs: Sequence[Faute] = (),
        entetes: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.erreurs = tuple(erreurs)
        self.entetes = dict(entetes or {})
        self.extra = extra


class RequeteInvalide(Erreur):
    code, statut, titre = "requete-invalide", 400, "La requête n'est pas valide"


class NonAuthentifie(Erreur):
    code, statut, titre = "non-authentifie", 401, "Il faut s'identifier"


class Interdit(Erreur):
    code, statut, titre = "interdit", 403, "Cette action n'est pas permise"


class Introuvable(Erreur):
    code, statut, titre = "introuvable", 404, "Cet objet n'existe pas"


class Conflit(Erreur):
    code, statut, titre = "conflit", 409, "L'état actuel ne permet pas cette action"


class Supprime(Erreur):
    code, statut, titre = "supprime", 410, "Cet objet a été supprimé"


class PreconditionFausse(Erreur):
    code, statut, titre = "precondition-fausse", 412, "L'objet a changé depuis votre lecture"


class TropGrand(Erreur):
    code, statut, titre = "trop-grand", 413, "Le contenu envoyé dépasse la limite"


class TypeRefuse(Erreur):
    code, statut, titre = "type-refuse", 415, "Ce type de contenu n'est pas accepté"


class ContenuInvalide(Erreur):
    code, statut, titre = "contenu-invalide", 422, "Le contenu envoyé n'est pas valide"


class PreconditionRequise(Erreur):
    code, statut, titre = "precondition-requise", 428, "L'en-tête If-Match est requis"


class QuotaDepasse(Erreur):
    code, statut, titre = "quota-exceeded", 429, "Le quota de requêtes est dépassé"


class Indisponible(Erreur):
    code, statut, titre = "indisponible", 503, "Le service est momentanément indisponible"
