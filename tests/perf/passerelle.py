"""CPU of the gateway per proxied request, beside a bare ASGI application in the same run.

Run by hand: `python -m tests.perf.passerelle [--secondes 4] [--tours 3] [--avant DOSSIER]`, the folder of another
version to measure in the same run, turn by turn: a machine is not the same from one minute to the next. Each server is
a process of its own; the load comes from raw keep-alive connections of this one. The figure is user + system time of
the process that serves.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.conftest import port_libre
from tests.fabriques import banc
from tests.fabriques.banc import get

TAILLES = (1_600, 30_000, 80_000)
SOURCES = (
    "socle/src",
    "services/annuaire/src",
    "services/coordination/src",
    "services/financement/src",
    "gateway/src",
    ".",
)


def principal() -> None:
    """Print one line per size and kind of call."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--secondes", type=float, default=4.0)
    options.add_argument("--tours", type=int, default=3)
    options.add_argument("--avant", type=Path, help="dossier d'une autre version")
    reglages = options.parse_args()
    versions = {"": os.environ.get("PYTHONPATH", "")}
    if reglages.avant:
        versions = {"avant": os.pathsep.join(str(reglages.avant / chemin) for chemin in SOURCES), **versions}
    with ExitStack() as pile:
        port_nu = port_libre()
        bare = pile.enter_context(banc.serveur("tests.fabriques.banc:nue", port_nu))
        amonts = {
            f"GATEWAY_AMONT_{nom}": f"http://127.0.0.1:{port_nu}" for nom in ("ANNUAIRE", "COORDINATION", "FINANCEMENT")
        }
        colonnes: dict[str, tuple[subprocess.Popen[bytes], int, str]] = {"nue": (bare, port_nu, "")}
        for version, sources in versions.items():
            donnees, port = Path(pile.enter_context(tempfile.TemporaryDirectory())), port_libre()
            passerelle = pile.enter_context(
                banc.serveur(
                    "gateway.app:create_app_depuis_environnement",
                    port,
                    "--factory",
                    PYTHONPATH=sources,
                    MAILLAGE_DONNEES=str(donnees),
                    MAILLAGE_DEMONSTRATION="oui",
                    **amonts,
                )
            )
            cle = (donnees / "cle-demonstration.txt").read_text().strip()
            colonnes[f"{version} anonyme".strip()] = (passerelle, port, "")
            colonnes[f"{version} avec clé".strip()] = (passerelle, port, f"Authorization: Bearer {cle}\r\n")
        print("  octets " + "".join(f"{nom:>16}" for nom in colonnes) + "   (µs de CPU par requête, médiane)")
        for taille in TAILLES:
            mesures: dict[str, list[float]] = {nom: [] for nom in colonnes}
            for _ in range(reglages.tours):
                for nom, (processus, port, entetes) in colonnes.items():
                    requete = get(f"/annuaire/v1/{taille}", entetes)
                    mesure = banc.mesurer(processus, port, lambda envoi=requete: envoi, reglages.secondes)
                    mesures[nom].append(mesure.cpu_us)
            medianes = "".join(f"{statistics.median(valeurs):>16.0f}" for valeurs in mesures.values())
            print(f"{taille:>8} {medianes}", flush=True)


if __name__ == "__main__":
    principal()
