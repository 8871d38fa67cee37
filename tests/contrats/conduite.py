"""Runs schemathesis over the published contract, through the gateway, and reads its report."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fabriques.semences import Semences

ICI = Path(__file__).parent
REGLAGES = ICI / "schemathesis.toml"
METHODES = ("get", "put", "post", "delete", "patch")


@dataclass
class Bilan:
    """What a run did: cases by operation and status, and each failure as one line."""

    code: int
    sortie: str
    operations: list[str]
    statuts: dict[str, Counter[int]] = field(default_factory=dict)
    verifications: Counter[str] = field(default_factory=Counter)
    fautes: list[str] = field(default_factory=list)

    @property
    def cas(self) -> int:
        """Number of requests answered."""
        return sum(compte.total() for compte in self.statuts.values())

    def reussies(self, operation: str) -> int:
        """Number of 2xx that an operation gave."""
        return sum(nombre for statut, nombre in self.statuts.get(operation, {}).items() if 200 <= statut < 300)

    def resume(self) -> str:
        """Say it in a few lines."""
        total: Counter[int] = Counter()
        for compte in self.statuts.values():
            total += compte
        rares = sorted((self.reussies(operation), operation) for operation in self.operations)
        return (
            f"{self.cas} cas sur {len(self.operations)} opérations, dont {sum(1 for n, _ in rares if n)} avec au moins "
            f"un 2xx ; {len(self.fautes)} fautes sur {self.verifications.total()} vérifications\n"
            f"  statuts : {dict(sorted(total.items()))}\n"
            f"  les moins servies : {', '.join(f'{operation} {nombre}' for nombre, operation in rares[:4])}"
        )

    def sans_reussite(self) -> list[str]:
        """Name the operations that never gave a 2xx."""
        return [operation for operation in self.operations if not self.reussies(operation)]


def operations(contrat: dict[str, Any]) -> list[str]:
    """Name the operations of a contract, as the tool does: `GET /chemin`."""
    return [
        f"{methode.upper()} {chemin}"
        for chemin, dites in contrat["paths"].items()
        for methode in METHODES
        if methode in dites
    ]


def sans_defaut(contrat: dict[str, Any]) -> dict[str, Any]:
    """Take the `default` answers out: with them, any status would conform."""
    strict = deepcopy(contrat)
    for dites in strict["paths"].values():
        for methode in METHODES:
            if methode in dites:
                dites[methode]["responses"].pop("default", None)
    return strict


def conduire(
    dossier: Path, *, adresse: str, cle: str, contrat: dict[str, Any], semences: Semences, options: tuple[str, ...]
) -> Bilan:
    """Run the tool in a child process, `dossier` holding all that it reads and writes."""
    semences.ecrire(dossier)
    shutil.copy(REGLAGES, dossier)
    (dossier / "contrat.json").write_text(json.dumps(sans_defaut(contrat)), encoding="utf-8")
    environnement = {
        **os.environ,
        "ADRESSE": adresse,
        "CLE": cle,
        "CLE_PROPRE": cle.split("_")[2],
        "CROCHETS": str(ICI / "crochets.py"),
        "COLUMNS": "160",
    }
    commande = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", REGLAGES.name, "run", "contrat.json",
        "--report", "ndjson", "--report-ndjson-path", "rapport.ndjson", *options,
    ]  # fmt: skip
    fin = subprocess.run(
        commande, cwd=dossier, env=environnement, capture_output=True, text=True, encoding="utf-8", check=False
    )
    bilan = Bilan(fin.returncode, fin.stdout + fin.stderr, operations(contrat))
    for scenario in _scenarios(dossier / "rapport.ndjson"):
        _compter(bilan, scenario)
    return bilan


def _scenarios(rapport: Path) -> Iterator[dict[str, Any]]:
    with rapport.open(encoding="utf-8") as lignes:
        for ligne in lignes:
            evenement: dict[str, Any] = json.loads(ligne)
            if "ScenarioFinished" in evenement:
                yield evenement["ScenarioFinished"]["recorder"]


def _compter(bilan: Bilan, scenario: dict[str, Any]) -> None:
    for cas, dit in scenario.get("cases", {}).items():
        valeur = dit["value"]
        operation = f"{valeur['method']} {valeur['path']}"
        reponse = (scenario.get("interactions", {}).get(cas) or {}).get("response")
        if reponse is not None:
            bilan.statuts.setdefault(operation, Counter())[reponse["status_code"]] += 1
        for verification in scenario.get("checks", {}).get(cas, ()):
            bilan.verifications[verification["name"]] += 1
            if verification["status"] == "failure":
                faute = verification["failure_info"]["failure"]
                message = " ".join(faute["message"].split())
                statut = reponse["status_code"] if reponse else "sans réponse"
                bilan.fautes.append(f"{operation} [{statut}] {verification['name']} : {message} {_envoye(valeur)}")


def _envoye(cas: dict[str, Any]) -> str:
    """Say what a case sent, in short."""
    return " ".join(f"{quoi}={str(cas[quoi])[:300]}" for quoi in ("query", "headers", "body") if cas.get(quoi))
