"""Memory of the service: what its process holds without places, with 25,000, and after many mixed reads.

Run by hand: `python -m tests.perf.memoire [--lieux 25000] [--lectures 100000] [--donnees dossier]`. Everything is on,
the embedded search engine included: its index is made at a first start, if the folder has none, and read again at the
one measured. A folder given by `--donnees` is filled when it is empty, then kept for the next time. Reads: 94 % of what
`lecture` measures, in equal parts, 4 % of searches with five facets, 2 % of suggestions, on ids, points and names drawn
at random.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import tempfile
import time
from pathlib import Path

from tests.fabriques import banc
from tests.fabriques.banc import CONNEXIONS, Requete, get
from tests.fabriques.peuplement import peupler
from tests.perf.lecture import MEMOIRE_MAX_MO, Lecteur, operations
from tests.perf.recherche_service import Questions, attendre_index, noms_de

DEPART_MAX_MO = 200
REPOS_S = 15.0
"""Left to the service after its start and after the reads, as long as it may need to give memory back."""


def remplir(donnees: Path, nombre: int) -> Path:
    """Return the database of a folder, filled if it is not there yet."""
    base = donnees / "annuaire.db"
    donnees.mkdir(parents=True, exist_ok=True)
    return base if base.exists() else asyncio.run(peupler(donnees, nombre))


async def lire(lecteur: Lecteur, questions: list[Requete], recherches: list[Requete], combien: int) -> None:
    """Ask many mixed questions. Raises `RuntimeError` at the first answer that is neither 200 nor 304."""
    hasard, restent = random.Random(7), itertools.repeat(None, combien)

    async def une() -> None:
        flux, ecrivain = await asyncio.open_connection("127.0.0.1", lecteur.port, limit=2**21)
        for _ in restent:
            sorte = hasard.random()
            requete = hasard.choice(questions) if sorte < 0.94 else recherches[sorte >= 0.98]
            tete, corps = await banc.demander(flux, ecrivain, requete())
            if tete.split()[1] not in {b"200", b"304"}:
                raise RuntimeError((tete + corps[:500]).decode("latin-1"))
        ecrivain.close()

    await asyncio.gather(*(une() for _ in range(CONNEXIONS)))


def dire(nom: str, lecteur: Lecteur, but: int | None = None) -> None:
    """Print the memory that the service holds, and its highest so far."""
    tenue = banc.memoire(lecteur.processus)
    manque = "manqué" if but is not None and tenue > but else ""
    sommet = banc.memoire(lecteur.processus, "VmHWM")
    print(f"{nom:44} {tenue:>6.0f} {sommet:>8.0f} {but or '':>5} {manque}", flush=True)


def mesurer(donnees: Path, lieux: int, lectures: int) -> None:
    """Print one line per state of the service."""
    print(f"{'état':44} {'Mo':>6} {'sommet':>8} {'but':>5}")
    with tempfile.TemporaryDirectory() as vide, Lecteur.servir(Path(vide), remplir(Path(vide), 0)) as lecteur:
        time.sleep(REPOS_S)
        dire("sans lieu", lecteur)
    base = remplir(donnees, lieux)
    with Lecteur.servir(donnees, base) as lecteur:
        asyncio.run(attendre_index(lecteur))
        time.sleep(REPOS_S)
        dire(f"{lieux} lieux, premier départ", lecteur)
    with Lecteur.servir(donnees, base) as lecteur:
        asyncio.run(attendre_index(lecteur))
        time.sleep(REPOS_S)
        dire(f"{lieux} lieux, au départ", lecteur, DEPART_MAX_MO)
        questions: list[Requete] = [o.requete for o in operations(asyncio.run(lecteur.places()), lecteur.jetons)]
        noms = Questions(asyncio.run(noms_de(lecteur)))
        entete = lecteur.jetons.entete
        recherches: list[Requete] = [
            lambda: get(noms.recherche(), entete()),
            lambda: get(noms.suggestion(), entete()),
        ]
        depart, avant = time.perf_counter(), banc.cpu(lecteur.processus)
        asyncio.run(lire(lecteur, questions, recherches, lectures))
        duree, cpu = time.perf_counter() - depart, banc.cpu(lecteur.processus) - avant
        dire(f"après {lectures} lectures mêlées", lecteur)
        time.sleep(REPOS_S)
        dire(f"{REPOS_S:.0f} s plus tard", lecteur, MEMOIRE_MAX_MO)
        print(f"{lectures / duree:.0f} lectures/s, {cpu / lectures * 1e6:.0f} µs de processeur chacune")


def principal() -> None:
    """Print the memory of each state."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lieux", type=int, default=25_000)
    options.add_argument("--lectures", type=int, default=100_000)
    options.add_argument("--donnees", type=Path)
    reglages = options.parse_args()
    with tempfile.TemporaryDirectory() as dossier:
        mesurer(reglages.donnees or Path(dossier), reglages.lieux, reglages.lectures)


if __name__ == "__main__":
    principal()
