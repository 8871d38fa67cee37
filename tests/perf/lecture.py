"""Reading places: each operation beside a bare ASGI application that returns as many bytes, in the same run.

Run by hand: `python -m tests.perf.lecture [--lieux 25000] [--secondes 3] [--tours 3]`. Everything is on (metrics, log,
limits, token, validation, freshness); ids and points are drawn at random. The share is that of CPU: what the bare
application spends on a request, over what the service does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from socle.acces.cles import dossier_des_jetons
from socle.acces.jeton import Signataire
from socle.acces.principal import ANONYME
from socle.settings import SocleSettings

from tests.conftest import port_libre
from tests.fabriques import banc
from tests.fabriques.banc import Mesure, Requete, get
from tests.fabriques.peuplement import peupler

RACINE = "/annuaire/v1/lieux"
MEMOIRE_MAX_MO = 300
SERVICE = quote("Aide aux démarches administratives")


class Jetons:
    """Tokens as the gateway gives them: one for half a minute of reading."""

    def __init__(self, donnees: Path) -> None:
        self.signataire = Signataire.depuis(dossier_des_jetons(SocleSettings(donnees=donnees).secrets))

    def entete(self) -> str:
        return f"Authorization: Bearer {self.signataire.signer(ANONYME, 'annuaire')}\r\n"


@dataclass(frozen=True)
class Lecteur:
    """A service in a process of its own, full of places."""

    processus: subprocess.Popen[bytes]
    port: int
    jetons: Jetons
    pret_en: float

    @classmethod
    @contextmanager
    def lancer(cls, donnees: Path, nombre: int) -> Iterator[Lecteur]:
        """Write places in a folder and serve them."""
        with cls.servir(donnees, asyncio.run(peupler(donnees, nombre))) as lecteur:
            yield lecteur

    @classmethod
    @contextmanager
    def servir(cls, donnees: Path, base: Path) -> Iterator[Lecteur]:
        """Serve the places of a base."""
        port, debut = port_libre(), time.perf_counter()
        environnement = {
            "MAILLAGE_DONNEES": str(donnees),
            "ANNUAIRE_BASE_URL": f"sqlite:{base}",
            "ANNUAIRE_COLLECTIVITES": "false",
        }
        with banc.serveur(
            "annuaire.app:create_app_depuis_environnement", port, "--factory", **environnement
        ) as processus:
            yield cls(processus, port, Jetons(donnees), time.perf_counter() - debut)

    async def places(self) -> list[tuple[str, float, float]]:
        """Read the id and the point of every place that has one."""
        lecteur, ecrivain = await asyncio.open_connection("127.0.0.1", self.port, limit=2**24)
        places, curseur = [], ""
        while True:
            adresse = f"{RACINE}?limite=500&projection=compacte{curseur}"
            _, corps = await banc.demander(lecteur, ecrivain, get(adresse, self.jetons.entete()))
            page = json.loads(corps)
            places += [(lu["id"], lu["latitude"], lu["longitude"]) for lu in page["elements"] if lu["latitude"]]
            if page["suivant"] is None:
                ecrivain.close()
                return places
            curseur = "&curseur=" + page["suivant"]


@dataclass(frozen=True)
class Operation:
    """A reading: how its next request is made, the status expected, and its goal.

    `but` is the share of the bare application to reach, `au_plus` names a reading whose time is not to be exceeded.
    """

    nom: str
    requete: Requete
    but: float | None
    statut: bytes = b"200"
    au_plus: str | None = None


def operations(places: list[tuple[str, float, float]], jetons: Jetons) -> list[Operation]:
    """Return the readings to measure, on random ids and points."""
    hasard = random.Random(11)

    def point() -> str:
        _, latitude, longitude = hasard.choice(places)
        return f"proche={latitude + hasard.gauss(0, 0.05):.5f},{longitude + hasard.gauss(0, 0.05):.5f}"

    def sur(chemin: Callable[[], str]) -> Requete:
        return lambda: get(RACINE + chemin(), jetons.entete())

    return [
        Operation("fiche", sur(lambda: f"/{hasard.choice(places)[0]}"), 1 / 3),
        Operation(
            "fiche inchangée (304)",
            lambda: get(f"{RACINE}/{hasard.choice(places)[0]}", jetons.entete() + "If-None-Match: *\r\n"),
            None,
            statut=b"304",
            au_plus="fiche",
        ),
        Operation("liste de 50", sur(lambda: f"?limite=50&departement={hasard.randrange(21, 90)}"), 1 / 3),
        Operation("20 plus proches", sur(lambda: f"?{point()}&limite=20"), 1 / 6),
        Operation("20 plus proches, compacte", sur(lambda: f"?{point()}&limite=20&projection=compacte"), 1 / 5),
        Operation(
            "20 plus proches, filtres et ouvert_a",
            sur(lambda: f"?{point()}&limite=20&services={SERVICE}&ouvert_a=maintenant"),
            1 / 8,
        ),
    ]


@dataclass
class Comparaison:
    """The readings of a service beside a bare application, turn by turn."""

    lecteur: Lecteur
    nu: subprocess.Popen[bytes]
    port_nu: int
    tours: int
    secondes: float
    servies: int = 0
    temps: dict[str, float] = field(default_factory=dict)

    def mesurer(self, o: Operation) -> None:
        """Measure an operation and print its line, which says when its goal is missed."""
        ici: list[Mesure] = []
        nue: list[Mesure] = []
        jetons = self.lecteur.jetons
        for _ in range(self.tours):
            ici.append(
                banc.mesurer(self.lecteur.processus, self.lecteur.port, o.requete, self.secondes, statut=o.statut)
            )
            octets = ici[-1].octets
            nue.append(
                banc.mesurer(
                    self.nu, self.port_nu, lambda octets=octets: get(f"/{octets}", jetons.entete()), self.secondes
                )
            )
        ici_us, nue_us = (statistics.median(m.cpu_us for m in serie) for serie in (ici, nue))
        self.temps[o.nom] = ici_us
        self.servies += round(sum(m.par_seconde for m in ici) * self.secondes)
        but = f"{o.but:.3f}" if o.but is not None else f"{self.temps[o.au_plus or o.nom]:.0f} µs"
        manque = nue_us / ici_us < o.but if o.but is not None else ici_us > self.temps[o.au_plus or o.nom]
        print(
            f"{o.nom:38} {ici[-1].octets:>7} {nue_us:>7.0f} {ici_us:>10.0f} {nue_us / ici_us:>6.3f} {but:>6} "
            f"{ici[-1].p50:>7.2f} {ici[-1].p99:>6.2f} {'manqué' if manque else ''}",
            flush=True,
        )


def par_la_passerelle(donnees: Path, lecteur: Lecteur, questions: list[Operation], secondes: float) -> None:
    """Measure the same operations through the gateway: its own CPU, and what the caller sees."""
    port = port_libre()
    amonts = dict.fromkeys(("ANNUAIRE", "COORDINATION", "FINANCEMENT"), f"http://127.0.0.1:{lecteur.port}")
    environnement = {f"GATEWAY_AMONT_{nom}": adresse for nom, adresse in amonts.items()}
    with banc.serveur(
        "gateway.app:create_app_depuis_environnement",
        port,
        "--factory",
        MAILLAGE_DONNEES=str(donnees),
        MAILLAGE_DEMONSTRATION="oui",
        **environnement,
    ) as passerelle:
        print(f"\n{'par la passerelle':38} {'µs':>7} {'req/s':>7} {'p50 ms':>7} {'p99':>6}")
        for o in questions:
            # the gateway knows its own caller: the token of the service is not for it
            requete = lambda o=o: o.requete().replace(b"Authorization: ", b"X-Jeton: ")  # noqa: E731
            m = banc.mesurer(passerelle, port, requete, secondes, statut=o.statut)
            print(f"{o.nom:38} {m.cpu_us:>7.0f} {m.par_seconde:>7.0f} {m.p50:>7.2f} {m.p99:>6.2f}", flush=True)
        print(f"mémoire de la passerelle : {banc.memoire(passerelle):.0f} Mo")


def principal() -> None:
    """Print one line per operation."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lieux", type=int, default=25_000)
    options.add_argument("--secondes", type=float, default=3.0)
    options.add_argument("--tours", type=int, default=3)
    reglages = options.parse_args()
    port_nu = port_libre()
    with (
        tempfile.TemporaryDirectory() as dossier,
        Lecteur.lancer(Path(dossier), reglages.lieux) as lecteur,
        banc.serveur("tests.fabriques.banc:nue", port_nu) as nu,
    ):
        # the index of search is made after the start: it is no part of what a read costs
        asyncio.run(banc.attendre_le_calme(lecteur.processus))
        print(f"{reglages.lieux} lieux ; mémoire du service au départ : {banc.memoire(lecteur.processus):.0f} Mo")
        jetons = lecteur.jetons
        print(
            f"{'opération':38} {'octets':>7} {'nue µs':>7} {'service µs':>10} {'part':>6} {'but':>6} "
            f"{'p50 ms':>7} {'p99':>6}"
        )
        questions = operations(asyncio.run(lecteur.places()), jetons)
        comparaison = Comparaison(lecteur, nu, port_nu, reglages.tours, reglages.secondes)
        for o in questions:
            comparaison.mesurer(o)
        octets = banc.memoire(lecteur.processus)
        manque = "manqué" if octets > MEMOIRE_MAX_MO else ""
        print(
            f"mémoire du service après {comparaison.servies} lectures : {octets:.0f} Mo (but {MEMOIRE_MAX_MO}) {manque}"
        )
        par_la_passerelle(Path(dossier), lecteur, questions, reglages.secondes)


if __name__ == "__main__":
    principal()
