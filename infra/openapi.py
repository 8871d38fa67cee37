"""The published contracts: `python -m infra.openapi` writes them to `docs/openapi`, `--verifier` compares.

A difference that nobody wanted is then seen in review; one that breaks readers is a decision, with its ADR.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from annuaire.app import create_app as creer_annuaire
from annuaire.settings import AnnuaireSettings
from coordination.app import create_app as creer_coordination
from financement.app import create_app as creer_financement
from gateway.app import create_app as creer_gateway
from gateway.openapi import fusionner
from gateway.settings import GatewaySettings
from socle.settings import SocleSettings

DOSSIER = Path(__file__).parents[1] / "docs" / "openapi"
URL = "https://maillage.example"


def contrats() -> dict[str, dict[str, Any]]:
    """Return the contract of each service, and `public`, which merges them behind the gateway."""
    with tempfile.TemporaryDirectory() as dossier:
        socle = SocleSettings(donnees=Path(dossier), url_publique=URL)
        services = {
            "annuaire": creer_annuaire(socle, AnnuaireSettings(base_url="")),
            "coordination": creer_coordination(socle),
            "financement": creer_financement(socle),
        }
        gateway = creer_gateway(amonts=services, socle=socle, settings=GatewaySettings())
        dits: dict[str, dict[str, Any]] = {nom: app.openapi() for nom, app in services.items()}
        public = fusionner({"": gateway.locale.openapi(), **dits}, url=URL, absents=[])
        return {**dits, "public": public}


def ecrire(contrat: dict[str, Any]) -> str:
    """Write a contract as it is committed: stable order, two spaces, accents as they are."""
    return json.dumps(contrat, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def ecarts() -> list[str]:
    """Name the committed contracts that are not those of the code."""
    perimes = []
    for nom, contrat in contrats().items():
        fichier = DOSSIER / f"{nom}.json"
        if not fichier.exists() or fichier.read_text(encoding="utf-8") != ecrire(contrat):
            perimes.append(fichier.name)
    return perimes


def main(arguments: list[str]) -> int:
    """Write the contracts, or compare them with `--verifier`."""
    if "--verifier" in arguments:
        perimes = ecarts()
        if perimes:
            print(f"À refaire (make openapi) : {', '.join(perimes)}", file=sys.stderr)
        return 1 if perimes else 0
    DOSSIER.mkdir(parents=True, exist_ok=True)
    for nom, contrat in contrats().items():
        (DOSSIER / f"{nom}.json").write_text(ecrire(contrat), encoding="utf-8")
        print(f"docs/openapi/{nom}.json : {len(contrat['paths'])} adresses")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
