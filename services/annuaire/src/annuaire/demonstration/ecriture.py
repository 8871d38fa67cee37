"""The demonstration written: lists of the national standard v1, JSON and CSV, and a layer of quarters."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from annuaire.demonstration.generateur import Ligne

QUARTIERS = "quartiers.geojson"


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


def ecrire_quartiers(dossier: Path) -> Path:
    """Write the fictional priority quarters as `quartiers.geojson`; return its path."""
    contenu = files("annuaire.territoires").joinpath("demonstration/qpv-fictifs.geojson").read_bytes()
    chemin = dossier / QUARTIERS
    chemin.write_bytes(contenu)
    return chemin
