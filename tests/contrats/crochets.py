"""What schemathesis must not send, loaded by it (`hooks` of schemathesis.toml): nothing here changes an answer."""

from __future__ import annotations

import json
import os
import re
from typing import Any
from uuid import uuid4

import schemathesis
from schemathesis import Case, GenerationMode, HookContext, SerializationContext

_CLE_PROPRE = os.environ.get("CLE_PROPRE", "")
_DUREE = re.compile(r"wait\s*=\s*\"?\d")


@schemathesis.hook
def filter_case(context: HookContext, case: Case[Any]) -> bool:
    """Leave out a case that would end the run, slow it down, or ask for what no generator can make."""
    return not (_fait_attendre(case) or _invente_un_curseur(case))


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Spare the key that all the cases bear, and let an accepted `Idempotency-Key` serve once.

    The ids found in answers are put in after the filters, hence here.
    """
    if _CLE_PROPRE and _CLE_PROPRE in str(case.path_parameters) and case.method.upper() != "GET":
        case.path_parameters["id"] = "0000000000"
    if _en_positif(case) and case.headers and case.headers.get("idempotency-key"):
        case.headers["idempotency-key"] = uuid4().hex


@schemathesis.serializer("application/x-ndjson", "application/geo+json")
def en_octets(context: SerializationContext, value: Any) -> bytes:
    """Write a text as it is, anything else as JSON."""
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "surrogatepass")


def _fait_attendre(case: Case[Any]) -> bool:
    """Tell whether it asks to wait for a change or for the end of a run: up to 25 seconds for nothing."""
    attente = (case.query or {}).get("wait")
    preference = str(case.headers.get("prefer", "")) if case.headers else ""
    return (attente not in (None, 0, "0") and _en_positif(case)) or bool(_DUREE.search(preference))


def _invente_un_curseur(case: Case[Any]) -> bool:
    """Tell whether it holds a made-up cursor to be accepted: a cursor is signed, and bound to its query."""
    return _en_positif(case) and (case.query or {}).get("curseur") is not None


def _en_positif(case: Case[Any]) -> bool:
    return case.meta is None or case.meta.generation.mode is GenerationMode.POSITIVE
