"""Answers made of stored bytes: a detail with its strong tag, a page whose elements are joined, never rebuilt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from uuid import UUID

from starlette.responses import Response

from socle.web.etags import etag_faible, etag_fort, inchange

JSON = "application/json"
DETAIL = "public, max-age=60, stale-while-revalidate=300, stale-if-error=86400"
LISTE = "public, max-age=30"


def etag_de_detail(id: UUID, version: int, media: str = "json") -> str:
    """Return the strong tag of one version of an object in one media type."""
    return etag_fort(f"{id.hex[:8]}-{version}-{media}")


def detail(
    octets: bytes, *, id: UUID, version: int, modifie_le: datetime, si_different: str | None, media: str = "json"
) -> Response:
    """Answer with one document, or 304; its tag is `"<first 8 of the id>-<version>-<media>"`, strong."""
    etag = etag_de_detail(id, version, media)
    entetes = {"ETag": etag, "Cache-Control": DETAIL, "Last-Modified": format_datetime(modifie_le, usegmt=True)}
    if inchange(si_different, etag):
        return Response(status_code=304, headers=entetes)
    return Response(octets, headers=entetes, media_type=JSON)


def page(
    documents: Sequence[bytes],
    *,
    suivant: str | None,
    total: int | None,
    entetes: dict[str, str],
) -> Response:
    """Answer with a page of documents, joined as they are."""
    fin = b'],"suivant":%s' % (b'"%s"' % suivant.encode() if suivant else b"null")
    if total is not None:
        fin += b',"total":%d' % total
    return Response(b'{"elements":[' + b",".join(documents) + fin + b"}", headers=entetes, media_type=JSON)


def etag_de_liste(numero: int, requete: str) -> str:
    """Return the weak tag of a list: it changes with any change of the service, and with the query."""
    return etag_faible(f"{numero}.{requete}")
