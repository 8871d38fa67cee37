"""Days and instants as callers write them (RFC 3339): a bare number is refused, where the framework reads Unix time."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

_DEBUT = re.compile(r"\d{4}-\d{2}-\d{2}")


def _jour_ecrit(valeur: Any) -> Any:
    if isinstance(valeur, date) or (isinstance(valeur, str) and _DEBUT.match(valeur)):
        return valeur
    raise PydanticCustomError("date_parsing", "une date AAAA-MM-JJ est attendue")


def _instant_ecrit(valeur: Any) -> Any:
    if isinstance(valeur, date) or (isinstance(valeur, str) and _DEBUT.match(valeur)):
        return valeur
    raise PydanticCustomError("datetime_parsing", "une date et une heure RFC 3339 sont attendues")


Jour = Annotated[date, BeforeValidator(_jour_ecrit)]
"""A day, `AAAA-MM-JJ`."""

Instant = Annotated[AwareDatetime, BeforeValidator(_instant_ecrit)]
"""An instant with its offset."""
