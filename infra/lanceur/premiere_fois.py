"""The first launch: the demonstration directory goes in by the front door, as any list does."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from infra.lanceur.reglages import Reglages

SOURCE = "demonstration"
TEMOIN = ".demonstration-chargee"


class DemonstrationRefusee(Exception):
    """A step of the loading failed; the message names it."""


def cle_demonstration(donnees: Path) -> Path:
    """Say where the demonstration key lies."""
    return donnees / "cle-demonstration.txt"


async def charger(reglages: Reglages, *, forcer: bool = False) -> bool:
    """Load the demonstration directory unless it already was; return whether it was done now.

    Raises `DemonstrationRefusee` when a command fails.
    """
    temoin = reglages.donnees / TEMOIN
    if temoin.exists() and not forcer:
        return False
    dossier = reglages.donnees / "demonstration"
    await _executer(reglages, "annuaire.demonstration", str(dossier))
    # The quarters first: places that come in are then situated once.
    await _executer(
        reglages, "annuaire.cli", "territoires", "charger-qpv", str(dossier / "quartiers.geojson"),
        "--source", "Maillage, quartiers fictifs", "--licence", "CC0-1.0",
    )  # fmt: skip
    await _executer(
        reglages, "annuaire.cli", "source", "creer", SOURCE, "--nom", "Annuaire de démonstration (fictif)",
        "--si-absente",
    )  # fmt: skip
    liste = str(dossier / "lieux.json")
    await _executer(reglages, "annuaire.cli", "synchroniser", liste, "--source", SOURCE, "--format", "bref")
    temoin.touch()
    return True


async def _executer(reglages: Reglages, module: str, *arguments: str) -> None:
    environnement = {
        **reglages.environnement,
        "MAILLAGE_URL": reglages.passerelle.adresse,
        "MAILLAGE_CLE": cle_demonstration(reglages.donnees).read_text(encoding="utf-8").strip(),
    }
    processus = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, env=environnement, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        code = await processus.wait()
    except asyncio.CancelledError:
        processus.terminate()
        await processus.wait()
        raise
    if code != 0:
        raise DemonstrationRefusee(f"La commande « {module} {' '.join(arguments[:2])} » a échoué (code {code}).")
