"""JSON Merge Patch (RFC 7396): `null` removes a member, an object is merged, anything else replaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from socle.errors import RequeteInvalide, TypeRefuse
from socle.web.json_recu import lire_json

M = TypeVar("M", bound=BaseModel)

TYPE_MEDIA = "application/merge-patch+json"


def fusionner(cible: Any, patch: Any) -> Any:
    """Apply a patch to a JSON value and return the result; the arguments are left as they are."""
    if not isinstance(patch, dict):
        return patch
    fusion = dict(cible) if isinstance(cible, dict) else {}
    for cle, valeur in patch.items():
        if valeur is None:
            fusion.pop(cle, None)
        else:
            fusion[cle] = fusionner(fusion.get(cle), valeur)
    return fusion


async def lire_patch(request: Request) -> dict[str, Any]:
    """Read the body of a PATCH.

    Raises `TypeRefuse` (415) for another media type, `RequeteInvalide` for a body that is not a JSON object.
    """
    type_mime = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if type_mime != TYPE_MEDIA:
        raise TypeRefuse(f"Une correction s'envoie en {TYPE_MEDIA}.", entetes={"Accept-Patch": TYPE_MEDIA})
    corps = lire_json(await request.body())
    if not isinstance(corps, dict):
        raise RequeteInvalide("Une correction est un objet JSON.")
    return corps


def valider_patch(modele: type[M], valeurs: Any) -> M:
    """Validate the merged value, with the same errors as a whole body (422)."""
    try:
        return modele.model_validate(valeurs)
    except ValidationError as erreur:
        fautes = [{**faute, "loc": ("body", *faute["loc"])} for faute in erreur.errors(include_url=False)]
        raise RequestValidationError(fautes) from erreur


def schema_de_patch(modele: type[BaseModel]) -> dict[str, Any]:
    """Describe the patches of a model for the contract: every field may be left out or, unless required, erased.

    Nested models are written where they stand, their references would lead nowhere; a patch may hold a part of them.
    """
    entier = modele.model_json_schema()
    definitions = entier.pop("$defs", {})
    requis = entier.pop("required", [])
    proprietes = {
        nom: dit if nom in requis or _admet_null(dit) else {"anyOf": [dit, {"type": "null"}]}
        for nom, dit in entier["properties"].items()
    }
    return {
        **entier,
        "title": f"{entier['title']}Corrigee",
        "properties": {nom: _sur_place(dit, definitions) for nom, dit in proprietes.items()},
    }


def _sur_place(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Put in place of each reference what it names, with nothing required of it."""
    if isinstance(schema, list):
        return [_sur_place(element, definitions) for element in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        nomme = definitions[schema["$ref"].rpartition("/")[2]]
        return _sur_place({cle: valeur for cle, valeur in nomme.items() if cle != "required"}, definitions)
    return {cle: _sur_place(valeur, definitions) for cle, valeur in schema.items()}


def _admet_null(schema: dict[str, Any]) -> bool:
    return any(branche.get("type") == "null" for branche in schema.get("anyOf", ()))
