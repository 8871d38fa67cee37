"""The page of a feed, byte by byte (OpenActive, Realtime Paged Data Exchange 1.1)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

VERSION = "1.1"
PAGE_PLEINE = "public, max-age=3600"
DERNIERE_PAGE = "public, max-age=8"


class Change(Protocol):
    """A row of the feed."""

    @property
    def id(self) -> UUID: ...
    @property
    def numero(self) -> int: ...
    @property
    def octets(self) -> bytes | None: ...


def page(kind: str, changes: Sequence[Change], *, adresse: str, apres: int, limite: int, licence: str) -> bytes:
    """Write a page. `adresse` is the absolute URL of the feed, from the settings; `next` starts after the last item."""
    dernier = changes[-1].numero if changes else apres
    suite = f"{adresse}?afterChangeNumber={dernier}&limit={limite}"
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
