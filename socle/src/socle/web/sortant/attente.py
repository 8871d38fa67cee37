"""`Retry-After` of an outside answer (RFC 9110 §10.2.3): seconds, or a date. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

ATTENTE_MAX = timedelta(hours=24)


def attente_demandee(entete: str | None, maintenant: datetime) -> timedelta | None:
    """Return how long a server asks to wait, at most a day; `None` when it asks for nothing readable."""
    texte = (entete or "").strip()
    if texte.isascii() and texte.isdecimal():
        return min(timedelta(seconds=int(texte[:9])), ATTENTE_MAX)
    try:
        date = parsedate_to_datetime(texte)
    except (ValueError, TypeError, IndexError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return min(max(date - maintenant, timedelta(0)), ATTENTE_MAX)
