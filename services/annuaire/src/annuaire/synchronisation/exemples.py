"""The list of one fictional place that the contract shows, in each text form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

LIEU: Final[dict[str, str | float]] = {
    "id": "lieu-1",
    "nom": "Espace numérique fictif",
    "commune": "Grenoble",
    "code_postal": "38000",
    "code_insee": "38185",
    "adresse": "1 rue de l'Exemple",
    "latitude": 45.182,
    "longitude": 5.722,
    "services": "Aide aux démarches administratives",
}


def en_csv(lieu: Mapping[str, str | float]) -> str:
    """Write a place as a list of one row; its values need no quotes."""
    return ",".join(lieu) + "\r\n" + ",".join(map(str, lieu.values())) + "\r\n"


def en_ligne(lieu: Mapping[str, str | float]) -> str:
    """Write a place as one line of NDJSON."""
    return json.dumps(lieu, ensure_ascii=False) + "\n"
