"""What to do about each kind of problem."""

from __future__ import annotations

from collections.abc import Iterator

from socle.errors import Erreur

_CONSEILS: dict[int, str] = {
    400: "Corrigez la requête : le membre « erreurs » de la réponse nomme chaque paramètre en faute.",
    401: "Envoyez une clé d'accès valable dans l'en-tête Authorization: Bearer mnk_…",
    403: "Votre clé n'a pas la portée nécessaire, ou elle est liée à une autre source.",
    404: "Vérifiez l'adresse et l'identifiant. L'objet n'existe pas, ou vous n'avez pas à le voir.",
    405: "L'en-tête Allow de la réponse donne les méthodes admises.",
    406: "Demandez un des formats que la réponse énumère.",
    408: "Renvoyez la requête : son contenu a cessé d'arriver.",
    409: "Relisez l'état de l'objet : il ne permet pas cette action.",
    410: "L'objet a été supprimé. Retirez-le de votre copie.",
    412: "Relisez l'objet, puis renvoyez votre modification avec son nouvel ETag.",
    413: "Envoyez un contenu plus petit : la limite est dans la réponse.",
    414: "Raccourcissez l'adresse.",
    415: "Envoyez un des types de contenu admis.",
    421: "Appelez le serveur par son nom public.",
    422: "Corrigez le contenu : chaque faute est située par un pointeur JSON.",
    428: "Lisez l'objet, puis envoyez son ETag dans If-Match.",
    429: "Attendez le temps indiqué par Retry-After, puis ralentissez : RateLimit dit ce qu'il vous reste.",
    431: "Envoyez moins d'en-têtes, ou de plus courts.",
    500: "Signalez le numéro « instance » de la réponse.",
    502: "Réessayez une lecture ; vérifiez l'état avant de refaire une écriture.",
    503: "Réessayez après le temps indiqué par Retry-After.",
    504: "Réessayez une lecture ; vérifiez l'état avant de refaire une écriture.",
}


def conseil(statut: int) -> str:
    """Say in French what the caller can do about a status."""
    return _CONSEILS.get(statut, _CONSEILS[500] if statut >= 500 else _CONSEILS[400])


def communs() -> dict[str, tuple[int, str]]:
    """Problems that this process can say: code → (status, title)."""
    return {classe.code: (classe.statut, classe.titre) for classe in _descendantes(Erreur)}


def _descendantes(classe: type[Erreur]) -> Iterator[type[Erreur]]:
    for enfant in classe.__subclasses__():
        yield enfant
        yield from _descendantes(enfant)
