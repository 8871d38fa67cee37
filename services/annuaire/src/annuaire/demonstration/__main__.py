"""`python -m annuaire.demonstration DOSSIER` writes the demonstration lists."""

from __future__ import annotations

import sys
from pathlib import Path

from annuaire.demonstration.ecriture import ecrire
from annuaire.demonstration.generateur import engendrer
from annuaire.referentiels import Referentiels
from annuaire.standard.colonnes import COLONNES
from annuaire.territoires.referentiel import Referentiel


def principal(arguments: list[str]) -> int:
    """Write both lists into the folder given as the only argument; return the exit code."""
    if len(arguments) != 1:
        print("Usage : python -m annuaire.demonstration DOSSIER", file=sys.stderr)
        return 2
    listes = Referentiels.charger().listes_du_standard()
    lignes = list(engendrer(Referentiel.charger().communes(), listes))
    en_json, en_csv = ecrire(lignes, Path(arguments[0]), COLONNES)
    print(f"{len(lignes)} lieux fictifs : {en_json} et {en_csv}")
    return 0


if __name__ == "__main__":
    sys.exit(principal(sys.argv[1:]))
