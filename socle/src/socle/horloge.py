"""The clock, given to whoever needs it: rules and tests never read it themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Horloge = Callable[[], datetime]


def maintenant() -> datetime:
    """Return the current instant, in UTC."""
    return datetime.now(UTC)


def rfc3339(instant: datetime) -> str:
    """Write an instant as RFC 3339 in UTC, to the second: `2026-11-24T13:30:00Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
