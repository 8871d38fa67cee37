"""Rendering of every error as `application/problem+json` (RFC 9457), the only place that does it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Send

from socle.errors import (
    Conflit,
    ContenuInvalide,
    Erreur,
    Faute,
    Interdit,
    Introuvable,
    NonAuthentifie,
    PreconditionFausse,
    PreconditionRequise,
    QuotaDepasse,
    RequeteInvalide,
    Supprime,
    TropGrand,
    TypeRefuse,
)
from socle.identifiants import uuid7
from socle.web.errors import ErreurHttp, ErreurInterne, FormatRefuse, MethodeRefusee
from socle.web.messages import phrase

TYPE_MEDIA = "application/problem+json"
PAGES = "/problemes/"

_PAR_STATUT: dict[int, type[Erreur]] = {
    classe.statut: classe
    for classe in (
        RequeteInvalide,
        NonAuthentifie,
        Interdit,
        Introuvable,
        MethodeRefusee,
        FormatRefuse,
        Conflit,
        Supprime,
        PreconditionFausse,
        TropGrand,
        TypeRefuse,
        ContenuInvalide,
        PreconditionRequise,
        QuotaDepasse,
        ErreurInterne,
    )
}
_DETAILS: dict[int, str] = {
    400: "La requête n'a pas pu être lue.",
    404: "Aucune page ne correspond à cette adresse.",
    405: "Cette adresse n'admet pas la méthode {methode}.",
    413: "Le contenu envoyé dépasse la taille permise ici.",
}


def statut_de(erreur: Erreur) -> int:
    """HTTP status of an error, the class's own or the one its instance carries."""
    return erreur.statut_porte if isinstance(erreur, ErreurHttp) else erreur.statut


def en_probleme(erreur: Erreur, *, instance: UUID | None = None) -> dict[str, Any]:
    """Members of the problem document of an error (RFC 9457 §3.1), `erreurs` and extras included.

    `type` is a path, resolved by the client against the address it called; `instance` is a fresh `urn:uuid:`.
    """
    membres: dict[str, Any] = {
        "type": PAGES + erreur.code,
        "title": erreur.titre,
        "status": statut_de(erreur),
        "detail": erreur.detail,
        "instance": (instance or uuid7()).urn,
        "erreurs": [{"pointer": faute.pointer, "code": faute.code, "detail": faute.detail} for faute in erreur.erreurs],
    }
    # An extra never hides a standard member.
    return {**erreur.extra, **membres}


def _corps(erreur: Erreur, instance: UUID | None) -> bytes:
    return json.dumps(
        en_probleme(erreur, instance=instance), ensure_ascii=False, separators=(",", ":"), default=str
    ).encode("utf-8", "backslashreplace")


def _entetes(erreur: Erreur) -> dict[str, str]:
    entetes = {"cache-control": "no-store", **{nom.lower(): v for nom, v in erreur.entetes.items()}}
    if statut_de(erreur) == 401:
        entetes.setdefault("www-authenticate", 'Bearer realm="maillage"')
    return entetes


def reponse_probleme(erreur: Erreur, *, instance: UUID | None = None) -> Response:
    """Render an error for Starlette and FastAPI."""
    return Response(
        _corps(erreur, instance),
        status_code=statut_de(erreur),
        headers=_entetes(erreur),
        media_type=TYPE_MEDIA,
    )


async def envoyer_probleme(
    send: Send,
    erreur: Erreur,
    *,
    methode: str = "GET",
    entetes: Mapping[str, str] | None = None,
    instance: UUID | None = None,
) -> None:
    """Send an error as a whole answer from a bare ASGI application; a HEAD gets the headers only."""
    corps = _corps(erreur, instance)
    tous = {
        **_entetes(erreur),
        "content-type": TYPE_MEDIA,
        "content-length": str(len(corps)),
        **(entetes or {}),
    }
    await send(
        {
            "type": "http.response.start",
            "status": statut_de(erreur),
            "headers": [(nom.encode("latin-1"), v.encode("latin-1", "replace")) for nom, v in tous.items()],
        }
    )
    await send({"type": "http.response.body", "body": b"" if methode == "HEAD" else corps})


def traduire(exc: Exception, *, methode: str = "GET") -> Erreur:
    """Turn any exception into the error said to the caller; the unknown becomes a 500 without a word of it."""
    if isinstance(exc, Erreur):
        return exc
    if isinstance(exc, RequestValidationError):
        return _invalide(exc)
    if isinstance(exc, HTTPException):
        entetes = dict(exc.headers or {})
        classe = _PAR_STATUT.get(exc.status_code)
        detail = _DETAILS.get(exc.status_code, "La requête n'a pas abouti.").format(methode=methode)
        if classe is None:
            return ErreurHttp(detail, statut=exc.status_code, entetes=entetes)
        return classe(detail, entetes=entetes)
    return ErreurInterne("L'incident est noté ; réessayez, puis signalez le numéro `instance` s'il se répète.")


def _pointeur(chemin: tuple[str | int, ...]) -> str:
    """Write a location as a JSON pointer (RFC 6901 §3)."""
    return "".join("/" + str(pas).replace("~", "~0").replace("/", "~1") for pas in chemin)


def _parametre(contexte: Mapping[str, Any] | None) -> str:
    """Name the parameter that a model of parameters refuses as a whole, empty when it does not say."""
    return str(getattr((contexte or {}).get("error"), "parametre", ""))


_LIEUX = {"query": "le paramètre", "path": "le segment", "header": "l'en-tête", "cookie": "le témoin"}


def _invalide(exc: RequestValidationError) -> Erreur:
    fautes: list[Faute] = []
    hors_corps: list[str] = []
    for defaut in exc.errors():
        lieu, *reste = defaut["loc"]
        code = str(defaut["type"]).replace("_", "-")
        detail = phrase(str(defaut["type"]), defaut.get("ctx") or {})
        if defaut["type"] == "json_invalid":
            # The framework gives the position of the fault, in characters, where a field name would be.
            fautes.append(Faute("", code, f"{detail} (caractère {reste[0] if reste else 0})"))
            hors_corps.append("le corps JSON est mal formé")
        elif lieu == "body":
            fautes.append(Faute(_pointeur(tuple(reste)), code, detail))
        else:
            nom = ".".join(str(pas) for pas in reste) or _parametre(defaut.get("ctx"))
            fautes.append(Faute(nom, code, detail))
            hors_corps.append(f"{_LIEUX.get(str(lieu), str(lieu))} « {nom} » : {detail}")
    if hors_corps:
        return RequeteInvalide(f"À corriger : {' ; '.join(hors_corps[:5])}.", erreurs=fautes)
    ou = ", ".join(faute.pointer or "le corps entier" for faute in fautes[:5])
    return ContenuInvalide(f"À corriger dans le contenu envoyé : {ou}.", erreurs=fautes)


SCHEMA: dict[str, Any] = {
    "title": "Probleme",
    "type": "object",
    "description": "Une erreur, selon la RFC 9457.",
    "required": ["type", "title", "status", "detail", "instance", "erreurs"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "Page qui explique ce problème."},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri", "description": "Numéro de cette occurrence."},
        "erreurs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "Pointeur JSON, paramètre ou en-tête."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
REFERENCE = {"$ref": "#/components/schemas/Probleme"}


def exemple(classe: type[Erreur]) -> dict[str, Any]:
    """Example of a problem for the OpenAPI document; its key, the code, also feeds the explanation pages."""
    return {
        "summary": classe.titre,
        "value": {
            "type": PAGES + classe.code,
            "title": classe.titre,
            "status": classe.statut,
            "detail": classe.titre + ".",
            "instance": "urn:uuid:01970000-0000-7000-8000-000000000000",
            "erreurs": [],
        },
    }


def reponses(*classes: type[Erreur]) -> dict[int | str, dict[str, Any]]:
    """Declare the errors of a route, for `responses=`: one OpenAPI response per status, one example per class."""
    declarees: dict[int | str, dict[str, Any]] = {}
    for classe in classes:
        reponse = declarees.setdefault(
            classe.statut,
            {"description": "", "content": {TYPE_MEDIA: {"schema": REFERENCE, "examples": {}}}},
        )
        reponse["content"][TYPE_MEDIA]["examples"][classe.code] = exemple(classe)
        reponse["description"] = " ; ".join(e["summary"] for e in reponse["content"][TYPE_MEDIA]["examples"].values())
    return declarees


async def _rendre(requete: Request, exc: Exception) -> Response:
    return reponse_probleme(traduire(exc, methode=requete.method))


def poser_gestionnaires(app: FastAPI) -> None:
    """Make an application answer every known exception as a problem; the unknown ones are left to the middleware."""
    for classe in (Erreur, RequestValidationError, HTTPException):
        app.add_exception_handler(classe, _rendre)
