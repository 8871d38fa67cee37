"""Search through the service: latencies of one client, then of twenty, and the CPU of the route beside the engine's.

Run by hand: `python -m tests.perf.recherche_service [--lieux 25000] [--secondes 10]`. Questions are names of places,
one in three misspelt, cut or with a filter, drawn at random. Goals, one client, full text with five facets: p50 10 ms,
p99 50 ms; suggestions 5 and 20 ms; twenty clients: 45 requests a second, p99 600 ms, no error.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.parameters import SUGGESTIONS_DEFAUT
from annuaire.recherche.port import ActorQuery
from annuaire.recherche.suggerer import MARGE
from annuaire.settings import AnnuaireSettings
from socle.settings import SocleSettings

from tests.fabriques import banc
from tests.fabriques.banc import centile, get
from tests.perf.lecture import Lecteur

RACINE = "/annuaire/v1"
FACETTES = ("typologie", "services", "publics_specifiquement_adresses", "formations_labels", "departement")
DU_MOTEUR = ("types", "services", "publics", "labels", "departement")
CLIENTS = 20

Chemin = Callable[[], str]


@dataclass(frozen=True)
class Operation:
    """A reading, its goals (p50 and p99 in ms for one client), and how its next address is made."""

    nom: str
    chemin: Chemin
    p50: float
    p99: float


class Questions:
    """Draws what people type from the names of places."""

    def __init__(self, noms: list[str], graine: int = 29) -> None:
        self.noms, self.hasard = noms, random.Random(graine)

    def texte(self) -> str:
        nom, sorte = self.hasard.choice(self.noms), self.hasard.random()
        if sorte < 0.2:
            place = self.hasard.randrange(1, len(nom))
            return nom[:place] + nom[place + 1 :]
        return nom[: self.hasard.randrange(4, len(nom))] if sorte < 0.35 else nom

    def recherche(self, *, projection: str = "complete") -> str:
        facettes = "".join(f"&facettes={nom}" for nom in FACETTES)
        filtre = f"&departement={self.hasard.choice(('38', '59', '75', '974'))}" if self.hasard.random() < 0.15 else ""
        return f"{RACINE}/recherche?q={quote(self.texte())}{facettes}{filtre}&projection={projection}"

    def debut(self) -> str:
        nom = self.hasard.choice(self.noms)
        return nom[: self.hasard.randrange(2, len(nom))]

    def suggestion(self) -> str:
        return f"{RACINE}/recherche/suggestions?q={quote(self.debut())}"


async def attendre_index(lecteur: Lecteur) -> float:
    """Wait until the embedded index answers searches, and return how many seconds that took."""
    depart = time.perf_counter()
    flux, ecrivain = await asyncio.open_connection("127.0.0.1", lecteur.port, limit=2**24)
    async with asyncio.timeout(600):
        while True:
            requete = get(f"{RACINE}/recherche?q=a&limite=1", lecteur.jetons.entete())
            _, corps = await banc.demander(flux, ecrivain, requete)
            if json.loads(corps).get("moteur") == "embarque":
                ecrivain.close()
                return time.perf_counter() - depart
            await asyncio.sleep(0.1)


async def noms_de(lecteur: Lecteur) -> list[str]:
    """Read names of places."""
    flux, ecrivain = await asyncio.open_connection("127.0.0.1", lecteur.port, limit=2**24)
    _, corps = await banc.demander(
        flux, ecrivain, get(f"{RACINE}/lieux?limite=500&projection=compacte", lecteur.jetons.entete())
    )
    ecrivain.close()
    return sorted({lu["nom"] for lu in json.loads(corps)["elements"]})


def mesurer(lecteur: Lecteur, operation: Operation, secondes: float) -> None:
    """Print one operation: one client, then twenty."""

    def requete() -> bytes:
        return get(operation.chemin(), lecteur.jetons.entete())

    asyncio.run(banc.charger(lecteur.port, requete, 1.0, connexions=1))
    avant = banc.cpu(lecteur.processus)
    seul, octets = asyncio.run(banc.charger(lecteur.port, requete, secondes, connexions=1))
    cpu = (banc.cpu(lecteur.processus) - avant) / len(seul) * 1_000
    p50, p99 = centile(seul, 0.5) * 1_000, centile(seul, 0.99) * 1_000
    print(
        f"{operation.nom:<28} 1 client : p50 {p50:5.1f} ms{_but(p50 <= operation.p50, operation.p50)}   "
        f"p99 {p99:5.1f} ms{_but(p99 <= operation.p99, operation.p99)}   CPU {cpu:4.1f} ms   "
        f"{octets / len(seul) / 1_000:.1f} ko"
    )
    depart = time.perf_counter()
    ensemble, _ = asyncio.run(banc.charger(lecteur.port, requete, secondes, connexions=CLIENTS))
    par_seconde = len(ensemble) / (time.perf_counter() - depart)
    p99 = centile(ensemble, 0.99) * 1_000
    print(
        f"{'':<28} {CLIENTS} clients : {par_seconde:.0f} requêtes/s{'' if par_seconde >= 45 else '  manqué (45)'}   "
        f"p99 {p99:.0f} ms{_but(p99 <= 600, 600)}   0 erreur"
    )


async def moteur_seul(donnees: Path, questions: Questions, combien: int) -> tuple[float, float]:
    """Return the CPU of the engine alone (ms a search, ms a suggestion), on as many questions of the same kind."""
    moteur = MoteurEmbarque(AnnuaireSettings.index(SocleSettings(donnees=donnees)))
    textes = [questions.texte() for _ in range(combien)]
    await moteur.search(ActorQuery(q=textes[0], facets=DU_MOTEUR))
    avant = time.process_time()
    for texte in textes:
        await moteur.search(ActorQuery(q=texte, facets=DU_MOTEUR))
    recherche = (time.process_time() - avant) / combien * 1_000
    debuts = [questions.debut() for _ in range(combien)]
    avant = time.process_time()
    for debut in debuts:
        await moteur.suggest(debut, near=None, limit=SUGGESTIONS_DEFAUT * MARGE)
    suggestions = (time.process_time() - avant) / combien * 1_000
    await moteur.close()
    return recherche, suggestions


def _but(atteint: bool, but: float) -> str:
    return "" if atteint else f"  manqué ({but:.0f})"


def principal() -> None:
    """Print two lines per operation."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lieux", type=int, default=25_000)
    options.add_argument("--secondes", type=float, default=10.0)
    demande = options.parse_args()
    with tempfile.TemporaryDirectory() as dossier:
        donnees = Path(dossier)
        with Lecteur.lancer(donnees, demande.lieux) as lecteur:
            indexation = asyncio.run(attendre_index(lecteur))
            asyncio.run(banc.attendre_le_calme(lecteur.processus))
            questions = Questions(asyncio.run(noms_de(lecteur)))
            print(
                f"{demande.lieux} lieux indexés {indexation:.1f} s après le démarrage, "
                f"mémoire {banc.memoire(lecteur.processus):.0f} Mo"
            )
            for operation in (
                Operation("recherche, 5 facettes", questions.recherche, 10, 50),
                Operation("la même, compacte", lambda: questions.recherche(projection="compacte"), 10, 50),
                Operation("suggestions", questions.suggestion, 5, 20),
            ):
                mesurer(lecteur, operation, demande.secondes)
            seul = asyncio.run(moteur_seul(donnees, questions, 500))
            print(
                f"{'moteur seul':<28} CPU {seul[0]:.1f} ms une recherche, {seul[1]:.1f} ms une suggestion   "
                f"mémoire du service {banc.memoire(lecteur.processus):.0f} Mo"
            )


if __name__ == "__main__":
    principal()
