"""Why a call to an outside address was given up: a closed list of classes, and nothing of what was seen there."""

from __future__ import annotations

from typing import Final, Literal

Classe = Literal[
    "adresse-refusee", "nom-introuvable", "connexion", "certificat", "delai", "interrompue", "redirection",
    "trop-grand", "type-refuse",
]  # fmt: skip

MESSAGES: Final[dict[Classe, str]] = {
    "adresse-refusee": "Cette adresse n'est pas une adresse https publique.",
    "nom-introuvable": "Le nom de ce serveur est introuvable.",
    "connexion": "Ce serveur n'accepte pas la connexion.",
    "certificat": "Le certificat de ce serveur n'est pas valable.",
    "delai": "Ce serveur n'a pas répondu à temps.",
    "interrompue": "La réponse de ce serveur est incomplète ou illisible.",
    "redirection": "Ce serveur renvoie ailleurs plus de fois que permis.",
    "trop-grand": "La réponse de ce serveur dépasse la taille permise.",
    "type-refuse": "Ce serveur répond par un type de contenu qui n'est pas attendu.",
}


class SortieRefusee(Exception):
    """A call that was not made, or not to its end. `classe` is all that may be told: a caller must not scan with us."""

    def __init__(self, classe: Classe) -> None:
        super().__init__(MESSAGES[classe])
        self.classe: Classe = classe
