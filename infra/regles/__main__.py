"""Command line of the rules: exit code 1 when one is broken."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from infra.regles.regles import REGLES, Infraction, examiner

RACINE = Path(__file__).parents[2]
DOSSIERS = ("socle/src", "services", "gateway/src", "infra")


def fichiers(racine: Path) -> Iterator[Path]:
    """List the Python files that the rules watch, in a stable order."""
    for dossier in DOSSIERS:
        yield from sorted((racine / dossier).rglob("*.py"))


def principal(racine: Path = RACINE) -> int:
    """Print every infraction and how many files were read; return the exit code."""
    infractions: list[Infraction] = []
    lus = list(fichiers(racine))
    for fichier in lus:
        chemin = PurePosixPath(fichier.relative_to(racine).as_posix())
        infractions += examiner(fichier.read_text(encoding="utf-8"), chemin)
    for infraction in infractions:
        print(infraction, file=sys.stderr)
    print(f"{len(lus)} fichiers, {len(REGLES)} règles, {len(infractions)} infractions")
    return 1 if infractions else 0


if __name__ == "__main__":
    sys.exit(principal())
