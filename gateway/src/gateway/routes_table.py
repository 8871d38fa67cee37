"""The routes table: which addresses go to which service, and on what terms. Data, and the search in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from socle.acces.politique import IDENTIFIEE, PUBLIQUE, Politique
from socle.web.limits import MIO
from socle.web.quotas import Quota

LECTURES = frozenset({"GET", "HEAD", "OPTIONS"})
ECRITURES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
TOUTES = LECTURES | ECRITURES

ENVOI = 25 * MIO
LICENCE_OUVERTE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
DELAI, DELAI_SUIVI, DELAI_ENVOI = 10.0, 30.0, 120.0


class Classe(StrEnum):
    """Quota classes."""

    LECTURES = "lectures"
    RECHERCHE = "recherche"
    ECRITURES = "ecritures"
    EXPORTS = "exports"
    PAQUETS = "paquets"
    SIGNALEMENTS = "signalements"


QUOTAS: dict[Classe, tuple[Quota, Quota]] = {
    # (anonymous, by address; with a key, by key)
    Classe.LECTURES: (Quota("ip", 600, 60), Quota("cle", 3000, 60)),
    Classe.RECHERCHE: (Quota("recherche", 300, 60), Quota("recherche", 300, 60)),
    Classe.ECRITURES: (Quota("ecritures", 120, 60), Quota("ecritures", 120, 60)),
    Classe.EXPORTS: (Quota("exports", 10, 3600), Quota("exports", 10, 3600)),
    # Packs spare the reads that they replace, so that these are left alone: a count of their own, and wide.
    Classe.PAQUETS: (Quota("paquets", 600, 60), Quota("paquets", 3000, 60)),
    # Anyone may write these: a town hall at one address has enough, a machine has not.
    Classe.SIGNALEMENTS: (Quota("signalements", 20, 3600), Quota("signalements", 120, 60)),
}
APPLICATIONS: dict[Classe, tuple[Quota, Quota]] = {
    # (an application at one address, all its addresses)
    Classe.LECTURES: (Quota("application-adresse", 1200, 60), Quota("application", 30_000, 60)),
    Classe.RECHERCHE: (Quota("recherche-adresse", 600, 60), Quota("recherche-application", 15_000, 60)),
    Classe.EXPORTS: (Quota("exports-adresse", 10, 3600), Quota("exports-application", 100, 3600)),
    Classe.PAQUETS: (Quota("paquets-adresse", 600, 60), Quota("paquets-application", 15_000, 60)),
}
"""What calls under a publishable key have, in place of the address's own quota."""

RELECTURES = Quota("relectures", 6000, 60)
"""« Unchanged » answers that a caller is not counted: ten times what it may read, since each costs about a tenth."""

REFUS = Quota("identifications", 60, 60)
"""Keys refused to one address."""


@dataclass(frozen=True, slots=True)
class Route:
    """One line: a path that starts with `prefixe` (and ends with `fin`), with one of `methodes`.

    `cache`: its public answers may be kept for a moment. `delai`: seconds to the first byte of the answer.
    `corps`: bytes of the largest body. `licence`: under which what it answers may be used again, said by a link.
    """

    prefixe: str
    amont: str
    politique: Politique
    quota: Classe
    cache: bool = False
    delai: float = DELAI
    corps: int = MIO
    methodes: frozenset[str] = TOUTES
    fin: str = ""
    licence: str = ""

    @property
    def path_format(self) -> str:
        """Name of the line in metrics and logs."""
        return self.prefixe.rstrip("/") + "/…" + self.fin

    def convient(self, chemin: str, methode: str) -> bool:
        """Tell whether this line is the one of a request."""
        return (
            chemin.startswith(self.prefixe)
            and (len(chemin) == len(self.prefixe) or self.prefixe[-1] == "/" or chemin[len(self.prefixe)] == "/")
            and chemin.endswith(self.fin)
            and methode in self.methodes
        )


ROUTES: tuple[Route, ...] = (
    Route(
        "/annuaire/v1/sources/",
        "annuaire",
        IDENTIFIEE,
        Classe.ECRITURES,
        delai=DELAI_ENVOI,
        corps=ENVOI,
        methodes=frozenset({"POST"}),
        fin="/synchronisations",
    ),
    Route(
        "/annuaire/v1/sources/",
        "annuaire",
        IDENTIFIEE,
        Classe.ECRITURES,
        delai=DELAI_ENVOI,
        corps=ENVOI,
        methodes=frozenset({"POST"}),
        fin="/correspondances:proposer",
    ),
    Route("/annuaire/v1/synchronisations/", "annuaire", IDENTIFIEE, Classe.ECRITURES, delai=DELAI_ENVOI,
          methodes=ECRITURES),
    Route("/annuaire/v1/synchronisations/", "annuaire", IDENTIFIEE, Classe.LECTURES, delai=DELAI_ENVOI,
          methodes=LECTURES, fin="/fichier-annote.xlsx"),
    Route("/annuaire/v1/changements", "annuaire", PUBLIQUE, Classe.LECTURES, delai=DELAI_SUIVI, methodes=LECTURES,
          licence=LICENCE_OUVERTE),
    Route("/annuaire/v1/exports", "annuaire", PUBLIQUE, Classe.EXPORTS, delai=DELAI_SUIVI, methodes=LECTURES,
          licence=LICENCE_OUVERTE),
    Route("/annuaire/v1/paquets", "annuaire", PUBLIQUE, Classe.PAQUETS, delai=DELAI_SUIVI, cache=True,
          methodes=LECTURES, licence=LICENCE_OUVERTE),
    Route("/annuaire/v1/recherche/index", "annuaire", IDENTIFIEE, Classe.LECTURES, methodes=LECTURES),
    Route("/annuaire/v1/recherche", "annuaire", PUBLIQUE, Classe.RECHERCHE, cache=True, methodes=LECTURES,
          licence=LICENCE_OUVERTE),
    # A reading that has too much to say for an address, and things that no address should say.
    Route("/annuaire/v1/orientation", "annuaire", PUBLIQUE, Classe.RECHERCHE, corps=16 * 1024,
          methodes=LECTURES | {"POST"}, fin="/orientation", licence=LICENCE_OUVERTE),
    Route("/annuaire/v1/lieux/", "annuaire", PUBLIQUE, Classe.SIGNALEMENTS, methodes=frozenset({"POST"}),
          corps=64 * 1024, fin="/signalements"),
    Route("/annuaire/v1/lieux/", "annuaire", PUBLIQUE, Classe.SIGNALEMENTS, methodes=frozenset({"POST"}),
          corps=64 * 1024, fin="/revendications"),
    Route("/annuaire/v1/lieux/", "annuaire", IDENTIFIEE, Classe.LECTURES, methodes=LECTURES, fin="/parole"),
    Route("/annuaire/v1/paroles/", "annuaire", PUBLIQUE, Classe.SIGNALEMENTS, corps=64 * 1024,
          methodes=LECTURES | {"POST"}),
    Route("/annuaire/v1/signalements/", "annuaire", PUBLIQUE, Classe.LECTURES, methodes=LECTURES),
    Route("/annuaire/v1/lieux", "annuaire", PUBLIQUE, Classe.LECTURES, cache=True, methodes=LECTURES,
          licence=LICENCE_OUVERTE),
    Route("/annuaire/v1/structures", "annuaire", PUBLIQUE, Classe.LECTURES, cache=True, methodes=LECTURES,
          licence=LICENCE_OUVERTE),
    Route("/annuaire/v1/territoires/qpv", "annuaire", IDENTIFIEE, Classe.ECRITURES, delai=DELAI_ENVOI, corps=ENVOI,
          methodes=frozenset({"PUT"})),
    Route("/annuaire/v1", "annuaire", PUBLIQUE, Classe.LECTURES, cache=True, methodes=LECTURES),
    Route("/annuaire/v1", "annuaire", IDENTIFIEE, Classe.ECRITURES, methodes=ECRITURES),
    Route("/coordination/v1", "coordination", PUBLIQUE, Classe.LECTURES, methodes=LECTURES),
    Route("/coordination/v1", "coordination", IDENTIFIEE, Classe.ECRITURES, methodes=ECRITURES),
    Route("/financement/v1", "financement", PUBLIQUE, Classe.LECTURES, methodes=LECTURES),
    Route("/financement/v1", "financement", IDENTIFIEE, Classe.ECRITURES, methodes=ECRITURES),
)  # fmt: skip


class Table:
    """Finds the line of a request: the first that fits, in the order of the table."""

    def __init__(self, routes: Sequence[Route] = ROUTES) -> None:
        self.routes = tuple(routes)
        self._par_tete: dict[tuple[str, str], list[Route]] = {}
        for route in routes:
            for methode in route.methodes:
                self._par_tete.setdefault((_tete(route.prefixe), methode), []).append(route)

    def trouver(self, chemin: str, methode: str) -> Route | None:
        """Return the line of a request, or nothing: the gateway answers itself.

        A method that the table does not know goes where a GET would: the service names those that it has.
        """
        connue = methode if methode in TOUTES else "GET"
        for route in self._par_tete.get((_tete(chemin), connue), ()):
            if route.convient(chemin, connue):
                return route
        return None


def _tete(chemin: str) -> str:
    return chemin[1:].partition("/")[0]
