"""Column types that mean the same on both engines: instants, JSON, text in code-point order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


class InstantUTC(TypeDecorator[datetime]):
    """An instant, always in UTC; SQLite forgets time zones, so a naive datetime is refused on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("un instant sans fuseau n'est pas un instant")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def texte(longueur: int | None = None) -> TypeEngine[Any]:
    """Return a text type that sorts by code point everywhere (PostgreSQL's collation would depend on its host)."""
    return String(longueur).with_variant(String(longueur, collation="C"), "postgresql")


# an absent value is NULL, not the JSON word null: `IS NULL` finds it
JsonB = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
