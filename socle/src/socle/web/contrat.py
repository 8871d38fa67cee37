"""The OpenAPI document of a service, corrected so that it says what the service does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
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

_ENTETES_RECUS: dict[str, dict[str, Any]] = {
    # Bare or quoted (structured string), as `socle.web.idempotence` reads it.
    "idempotency-key": {
        "required": True,
        "schema": {"type": "string", "pattern": r'^(?:[!-~]{16,64}|"[!-~]{16,64}")$', "title": "Idempotency-Key"},
        "example": "0d4f2a6e-7f0c-4a53-9a58-1f6f2f9f4d11",
    },
    # RFC 9110 §8.8.3. Required where its absence is always a 428.
    "if-match": {
        "schema": {
            "type": "string",
            "pattern": r'^(?:\*|(?:W/)?"[!#-~]*"(?:[ \t]*,[ \t]*(?:W/)?"[!#-~]*")*)$',
            "title": "If-Match",
        },
        "example": '"0197a1b2-3-json"',
    },
}
PARFOIS: dict[str, Any] = {"x-parfois": True}
"""Extra of the schema of an `If-Match` whose absence is a 428 for some objects only: it is not required."""

_ENTETES_RENDUS: dict[str, dict[str, dict[str, Any]]] = {
    "201": {"Location": {"description": "Adresse de ce qui est créé.", "format": "uri-reference"}},
    "301": {"Location": {"description": "La bonne adresse.", "format": "uri-reference"}},
    "401": {"WWW-Authenticate": {"description": "Comment s'identifier."}},
    "405": {"Allow": {"description": "Les méthodes de cette adresse."}},
    "429": {"Retry-After": {"description": "Secondes à attendre.", "pattern": r"^\d+$"}},
}
_ETAG = {"ETag": {"description": "Étiquette de cette réponse, à citer dans If-None-Match ou If-Match."}}


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
            _dire_les_entetes(operation, dites)
            dites.setdefault("default", {"description": "Autre erreur", "content": {TYPE_MEDIA: {"schema": REFERENCE}}})


def _dire_les_entetes(operation: dict[str, Any], dites: dict[str, Any]) -> None:
    """Say which headers a request must bear and which an answer always does: the framework knows neither."""
    for parametre in operation.get("parameters", ()):
        nom = parametre["name"].lower()
        if parametre["in"] == "header" and nom in _ENTETES_RECUS:
            parfois = parametre["schema"].items() >= PARFOIS.items()
            parametre.update(deepcopy(_ENTETES_RECUS[nom]))
            if nom == "if-match" and "428" in dites and not parfois:
                parametre["required"] = True
    for statut, reponse in dites.items():
        rendus = {**_ENTETES_RENDUS.get(statut, {}), **(_ETAG if statut in ("200", "304") and "304" in dites else {})}
        for nom, dit in rendus.items():
            schema = {"type": "string", **{cle: valeur for cle, valeur in dit.items() if cle != "description"}}
            entete = {"description": dit["description"], "required": True, "schema": schema}
            reponse.setdefault("headers", {}).setdefault(nom, entete)


def _joindre(dites: dict[str, Any], statut: str, reponse: Mapping[str, Any]) -> None:
    deja = dites.setdefault(statut, reponse)
    exemples = deja.get("content", {}).get(TYPE_MEDIA, {}).get("examples")
    if deja is not reponse and exemples is not None:
        for code, exemple in reponse["content"][TYPE_MEDIA]["examples"].items():
            exemples.setdefault(code, exemple)
