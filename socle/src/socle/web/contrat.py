"""The OpenAPI document of a service, corrected so that it says what the service does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI

from socle.acces.politique import politiques_des_routes
from socle.errors import ContenuInvalide, Erreur, Interdit, NonAuthentifie, RequeteInvalide, TropGrand, TypeRefuse
from socle.web.errors import FormatRefuse, MethodeRefusee
from socle.web.problemes import REFERENCE, SCHEMA, TYPE_MEDIA, reponses

_SECURITE = {
    "cle": {
        "type": "http",
        "scheme": "bearer",
        "description": "Clé d'accès `mnk_…`, dans l'en-tête `Authorization`.",
    }
}


def poser_contrat(app: FastAPI, *, completer: Callable[[dict[str, Any]], None] | None = None) -> None:
    """Replace `app.openapi`: problems in place of the framework's errors, access by operation, then `completer`."""
    produire = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        contrat = produire()
        _corriger(contrat, app)
        if completer is not None:
            completer(contrat)
        app.openapi_schema = contrat
        return contrat

    app.openapi = openapi  # type: ignore[method-assign]


def _corriger(contrat: dict[str, Any], app: FastAPI) -> None:
    composants = contrat.setdefault("components", {})
    schemas = composants.setdefault("schemas", {})
    for nom in ("HTTPValidationError", "ValidationError"):
        schemas.pop(nom, None)
    schemas["Probleme"] = SCHEMA
    composants["securitySchemes"] = _SECURITE
    politiques = politiques_des_routes(app)
    for chemin, operations in contrat.get("paths", {}).items():
        for methode, operation in operations.items():
            politique = politiques.get((methode.upper(), chemin))
            dites = operation.setdefault("responses", {})
            if "HTTPValidationError" in json.dumps(dites.get("422", {})):
                del dites["422"]
            classes: list[type[Erreur]] = [RequeteInvalide, MethodeRefusee]
            if methode == "get":
                classes.append(FormatRefuse)
            if "requestBody" in operation:
                classes += [ContenuInvalide, TropGrand, TypeRefuse]
            if politique is not None and not politique.anonymes:
                classes.append(NonAuthentifie)
                operation["security"] = [{"cle": []}]
                if politique.portees:
                    classes.append(Interdit)
                    operation["x-portees"] = sorted(politique.portees)
            for statut, reponse in reponses(*classes).items():
                _joindre(dites, str(statut), reponse)
            dites.setdefault("default", {"description": "Autre erreur", "content": {TYPE_MEDIA: {"schema": REFERENCE}}})


def _joindre(dites: dict[str, Any], statut: str, reponse: Mapping[str, Any]) -> None:
    deja = dites.setdefault(statut, reponse)
    exemples = deja.get("content", {}).get(TYPE_MEDIA, {}).get("examples")
    if deja is not reponse and exemples is not None:
        for code, exemple in reponse["content"][TYPE_MEDIA]["examples"].items():
            exemples.setdefault(code, exemple)
