"""`python -m annuaire.demonstration DOSSIER` writes the demonstration lists and their priority quarters."""

from __future__ import annotations

import sys
from pathlib import Path

from annuaire.demonstration.ecriture import ecrire, ecrire_quartiers
from annuaire.demonstration.generateur import engendrer
from annuaire.referentiels.repository import Referentiels
from annuaire.standard.colonnes import COLONNES
from annuaire.territoires.referentiel import Referentiel


def principal(arguments: list[str]) -> int:
    """Write everything into the folder given as the only argument; return the exit code."""
    if len(arguments) != 1:
        print("Usage : python -m annuaire.demonstration DOSSIER", file=sys.stderr)
        return 2
    lignes = list(engendrer(Referentiel.charger().communes(), listes_du_standard()))
    dossier = Path(arguments[0])
    fichiers = (*ecrire(lignes, dossier, COLONNES), ecrire_quartiers(dossier))
    print(f"{len(lignes)} lieux fictifs : {', '.join(f.name for f in fichiers)} dans {dossier}")
    return 0


def listes_du_standard() -> dict[str, list[str]]:
    """Give the values of each closed list of the standard, by column name."""
    return {liste.champ: [v.valeur for v in liste] for liste in Referentiels.charger() if liste.champ}


if __name__ == "__main__":
    sys.exit(principal(sys.argv[1:]))
