"""`annuaire correspondance proposer`: a file is read here, without any annuaire, and a document describes it."""

from __future__ import annotations

import asyncio
import json
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Any

from annuaire.commandes.distant import Refus, type_de_fichier
from annuaire.synchronisation.lecteurs.errors import FichierRefuse, LectureEnPanne
from annuaire.synchronisation.proposer import proposer


class Forme(StrEnum):
    """How the document is written."""

    YAML = "yaml"
    JSON = "json"


def proposer_pour(fichier: Path, forme: Forme) -> str:
    """Return the text of the document proposed for a file. Raises `annuaire.commandes.distant.Refus`."""
    type_mime = type_de_fichier(fichier)
    with tempfile.TemporaryDirectory(prefix="maillage-") as dossier:
        try:
            proposition = asyncio.run(proposer(fichier, type_mime, dossier=Path(dossier)))
        except (FichierRefuse, LectureEnPanne) as refus:
            raise Refus(refus.detail) from refus
    return _ecrire(proposition, forme)


def _ecrire(proposition: dict[str, Any], forme: Forme) -> str:
    if forme is Forme.YAML:
        return str(proposition["yaml"])
    return json.dumps(proposition["document"], ensure_ascii=False, indent=2) + "\n"
