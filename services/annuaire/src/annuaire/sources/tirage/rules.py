"""Rules of the fetching of lists: what an answer means, and when to come back. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from annuaire.sources.tirage.cadence import lire

RECU, INCHANGE, ATTENTE = "recu", "inchange", "attente"
ISSUES: Final[dict[str, str]] = {
    RECU: "La liste a été reçue ; sa synchronisation dit ce qu'elle change.",
    INCHANGE: "La liste n'a pas changé depuis la dernière fois.",
    ATTENTE: "Une synchronisation de cette source est en cours ou attend une décision ; la liste sera relue plus tard.",
    "page-web": "Cette adresse donne une page web, pas une liste : donnez l'adresse de téléchargement du fichier.",
    "vide": "Le fichier à cette adresse est vide.",
    "introuvable": "Il n'y a rien à cette adresse (404).",
    "disparue": "Ce qui était à cette adresse a été retiré (410).",
    "non-autorise": "Ce serveur refuse l'accès (401 ou 403).",
    "erreur-du-serveur": "Ce serveur est en panne ou demande de revenir plus tard.",
    "reponse-inattendue": "Ce serveur répond autre chose qu'une liste.",
    "liste-refusee": "Le fichier reçu n'est pas d'un type que Maillage sait lire.",
    "secret-absent": "Le secret d'accès nommé par la source n'existe pas, ou n'est pas pour ce serveur.",
}
"""What may come of a fetch, beside the classes of the outgoing client, each with its sentence."""

ECHECS_AVANT_DEGRADEE: Final = 5
PREMIER_RECUL: Final = timedelta(minutes=5)
RECUL_MAXIMAL: Final = timedelta(hours=6)


class Echec(Exception):
    """A fetch that gives no list; `issue` is one of `ISSUES`. `revenir` is when the server asks to come back."""

    def __init__(self, issue: str, *, revenir: timedelta | None = None) -> None:
        super().__init__(issue)
        self.issue, self.revenir = issue, revenir


def reculer(echecs: int, *, hasard: float) -> timedelta:
    """Return how long to wait after this many failures in a row: 5 min × 2ⁿ, ± 50 %, at most 6 h.

    `hasard` is drawn in [0, 1): sources that fail together do not come back together.
    """
    recul = min(PREMIER_RECUL * (1 << min(echecs - 1, 16)), RECUL_MAXIMAL)
    return min(recul * (0.5 + hasard), RECUL_MAXIMAL)


def prochain(cadence: str, le: datetime, *, echecs: int, hasard: float, revenir: timedelta | None = None) -> datetime:
    """Return when to fetch next. A failure comes back sooner than a slow cadence, and later when the server asks."""
    if not echecs:
        return lire(cadence).suivante(le)
    attente = reculer(echecs, hasard=hasard)
    return le + max(attente, min(revenir or attente, RECUL_MAXIMAL))


def juger(statut: int, *, conditionnel: bool) -> bool:
    """Tell whether an answer brings a list (`True`) or says that it has not changed (`False`). Raises `Echec`."""
    if statut == 200:
        return True
    if statut == 304 and conditionnel:
        return False
    issues = {404: "introuvable", 410: "disparue", 401: "non-autorise", 403: "non-autorise", 429: "erreur-du-serveur"}
    raise Echec(issues.get(statut, "erreur-du-serveur" if statut >= 500 else "reponse-inattendue"))
