"""Values as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def en_ligne(valeur: DataclassInstance) -> dict[str, Any]:
    """Return the fields of a dataclass as a row; unlike `asdict`, nothing is copied in depth."""
    return {nom: getattr(valeur, nom) for nom in valeur.__dataclass_fields__}
