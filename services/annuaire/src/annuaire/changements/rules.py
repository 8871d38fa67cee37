"""The page of a feed, byte by byte (OpenActive, Realtime Paged Data Exchange 1.1)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

VERSION = "1.1"
PAGE = "public, max-age=3600"
DERNIERE_PAGE = "public, max-age=8"
"""The last page is the empty one. A page with items may be old without harm: its `next` leads to what came since."""


class Change(Protocol):
    """A row of the feed."""

    @property
    def id(self) -> UUID: ...
    @property
    def numero(self) -> int: ...
    @property
    def octets(self) -> bytes | None: ...


def suite(adresse: str, requete: str, changes: Sequence[Change], *, limite: int, attente: int) -> str:
    """Return `next`: after the last item, or the very address of a page without items.

    `adresse` is the absolute URL of the feed, from the settings; `requete` the query as it was received.
    """
    if not changes:
        return f"{adresse}?{requete}" if requete else adresse
    attendre = f"&wait={attente}" if attente else ""
    return f"{adresse}?afterChangeNumber={changes[-1].numero}&limit={limite}{attendre}"


def page(kind: str, changes: Sequence[Change], *, suite: str, licence: str) -> bytes:
    """Write a page."""
    return b'{"next":%s,"version":"%s","items":[%s],"license":%s}' % (
        json.dumps(suite).encode(),
        VERSION.encode(),
        b",".join(element(kind, change) for change in changes),
        json.dumps(licence).encode(),
    )


def element(kind: str, change: Change) -> bytes:
    """Write one item; a withdrawn object carries no data."""
    tete = b'"kind":"%s","id":"%s","modified":%d' % (kind.encode(), str(change.id).encode(), change.numero)
    if change.octets is None:
        return b'{"state":"deleted",%s}' % tete
    return b'{"state":"updated",%s,"data":%s}' % (tete, change.octets)
