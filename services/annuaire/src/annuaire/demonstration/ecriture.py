"""The demonstration written as lists of the national standard v1, JSON and CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from annuaire.demonstration.generateur import Ligne


def ecrire(lignes: Sequence[Ligne], dossier: Path, colonnes: Sequence[str]) -> tuple[Path, Path]:
    """Write `lieux.json` (absent means unknown) and `lieux.csv` (`colonnes` in order); return both paths."""
    dossier.mkdir(parents=True, exist_ok=True)
    en_json, en_csv = dossier / "lieux.json", dossier / "lieux.csv"
    en_json.write_text(json.dumps(lignes, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    with en_csv.open("w", encoding="utf-8", newline="") as sortie:
        redacteur = csv.DictWriter(sortie, colonnes, restval="", lineterminator="\r\n")
        redacteur.writeheader()
        redacteur.writerows(lignes)
    return en_json, en_csv
