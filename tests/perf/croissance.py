"""Ten times more places: what it does to the time of each reading.

Run by hand: `python -m tests.perf.croissance [--petit 25000] [--grand 250000] [--secondes 2] [--tours 3]`. Both
services live at once and are asked in turn; the figure is the ratio of their CPU a request, the goal 1.3 at most.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.fabriques import banc
from tests.perf.lecture import Lecteur, operations

BUT = 1.3


def principal() -> None:
    """Print one line per operation."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--petit", type=int, default=25_000)
    options.add_argument("--grand", type=int, default=250_000)
    options.add_argument("--secondes", type=float, default=2.0)
    options.add_argument("--tours", type=int, default=3)
    reglages = options.parse_args()
    with ExitStack() as pile:
        lecteurs = []
        for nombre in (reglages.petit, reglages.grand):
            dossier = Path(pile.enter_context(tempfile.TemporaryDirectory()))
            lecteur = pile.enter_context(Lecteur.lancer(dossier, nombre))
            print(
                f"{nombre} lieux : prêt en {lecteur.pret_en:.1f} s, {banc.memoire(lecteur.processus):.0f} Mo",
                flush=True,
            )
            lecteurs.append(lecteur)
        questions = [operations(asyncio.run(lecteur.places()), lecteur.jetons) for lecteur in lecteurs]
        print(f"{'opération':38} {'petit µs':>9} {'grand µs':>9} {'rapport':>8}   (but : {BUT} au plus)")
        # a service that has just started still makes what it keeps: one pass for nothing
        for lecteur, q in zip(lecteurs, questions, strict=True):
            for o in q:
                banc.mesurer(lecteur.processus, lecteur.port, o.requete, reglages.secondes, statut=o.statut)
        for rang, operation in enumerate(questions[0]):
            mesures: list[list[float]] = [[], []]
            for _ in range(reglages.tours):
                for serie, lecteur, q in zip(mesures, lecteurs, questions, strict=True):
                    o = q[rang]
                    mesure = banc.mesurer(
                        lecteur.processus, lecteur.port, o.requete, reglages.secondes, statut=o.statut
                    )
                    serie.append(mesure.cpu_us)
            petit, grand = map(statistics.median, mesures)
            print(
                f"{operation.nom:38} {petit:>9.0f} {grand:>9.0f} {grand / petit:>8.2f} "
                f"{'manqué' if grand / petit > BUT else ''}",
                flush=True,
            )


if __name__ == "__main__":
    principal()
