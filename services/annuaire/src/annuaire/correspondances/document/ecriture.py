"""The JSON Schema of the document: what an editor or another program checks it with."""

from __future__ import annotations

from typing import Any, Final

from annuaire.correspondances.document.modele import Correspondance

ADRESSE: Final = "/annuaire/v1/correspondances/schema"


def schema_json() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the document."""
    schema = Correspondance.model_json_schema(mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ADRESSE,
        **schema,
        "title": "Correspondance d'une liste",
    }
