"""`make revision SERVICE=annuaire MESSAGE="…"`: a new, empty migration, numbered after the last one."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from socle.donnees.migrations import nouvelle_revision

RACINE = Path(__file__).parents[1]
DOSSIERS = {
    "annuaire": RACINE / "services/annuaire/src/annuaire/migrations",
    "gateway": RACINE / "gateway/src/gateway/migrations",
}


def prochain_numero(dossier: Path) -> str:
    """Give the number after the highest of the folder `versions`, on four digits."""
    numeros = [int(m[1]) for f in (dossier / "versions").glob("*.py") if (m := re.match(r"(\d{4})_", f.name))]
    return f"{max(numeros, default=0) + 1:04}"


def principal(arguments: list[str]) -> int:
    """Write the migration; return the exit code."""
    service, message = (*arguments, "", "")[:2]
    if service not in DOSSIERS or not message:
        print(f'Usage : make revision SERVICE={"|".join(DOSSIERS)} MESSAGE="ce qui change"', file=sys.stderr)
        return 2
    dossier = DOSSIERS[service]
    numero = prochain_numero(dossier)
    nouvelle_revision(dossier, message, numero)
    print(f"Migration {numero} créée dans {dossier.relative_to(RACINE)}/versions.")
    return 0


if __name__ == "__main__":
    sys.exit(principal(sys.argv[1:]))
