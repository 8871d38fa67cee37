"""The version of the reading: the same bytes read by other rules are not the same list."""

from __future__ import annotations

from typing import Final

LECTURE: Final = 2
"""Raise it with any change of the rules of reading, so that an unchanged file is read again."""


def condense_versionne(condense: str, correspondance: int | None) -> str:
    """Return the digest of a file together with the versions of the rules and of the correspondence that read it."""
    return f"{condense}/{LECTURE}" + (f"/c{correspondance}" if correspondance is not None else "")
