"""A clock that a test moves."""

from __future__ import annotations

from datetime import UTC, datetime


class Horloge:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 3, 10, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def a(self, iso: str) -> None:
        """Move to an instant."""
        self.instant = datetime.fromisoformat(iso)
