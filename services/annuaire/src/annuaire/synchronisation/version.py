"""The version of the reading: the same bytes read by other rules are not the same list."""

from __future__ import annotations

from typing import Final

LECTURE: Final = 2
"""Raise it with any change of the rules of reading, so that an unchanged file is read again."""


def condense_versionne(condense: str) -> str:
    """Return the digest of a file together with the version of the rules that read it."""
    return f"{condense}/{LECTURE}"
