"""The registry of the gateway's tables; each domain folder declares its own in its `tables.py`."""

from __future__ import annotations

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class GatewayTable(SQLModel, registry=registry()):
    """Base of every table of the gateway."""
