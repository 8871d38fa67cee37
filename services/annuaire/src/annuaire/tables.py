"""The registry of annuaire's tables; each domain folder declares its own in its `tables.py`."""

from __future__ import annotations

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class AnnuaireTable(SQLModel, registry=registry()):
    """Base of every table of this service."""
