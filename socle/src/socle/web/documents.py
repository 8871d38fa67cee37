"""Answers made of stored bytes: a detail with its strong tag, a page whose elements are joined, never rebuilt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from uuid import UUID

from starlette.responses import Response

from socle.horloge import rfc3339
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
    valable_jusqu_a: datetime | None = None,
) -> Response:
    """Answer with a page of documents, joined as they are; an answer of a moment says until when it holds."""
    fin = b'],"suivant":%s' % (b'"%s"' % suivant.encode() if suivant else b"null")
    if total is not None:
        fin += b',"total":%d' % total
    if valable_jusqu_a is not None:
        fin += b',"valable_jusqu_a":"%s"' % rfc3339(valable_jusqu_a).encode()
    return Response(b'{"elements":[' + b",".join(documents) + fin + b"}", headers=entetes, media_type=JSON)


def etag_de_liste(numero: int, requete: str) -> str:
    """Return the weak tag of a list: it changes with any change of the service, and with the query."""
    return etag_faible(f"{numero}.{requete}")


def etag_d_un_moment(reponse: str, jusqu_a: datetime | None) -> str:
    """Return the weak tag of an answer that depends on the clock: it changes with the answer, and at `jusqu_a`."""
    return etag_faible(f"{reponse}.{_borne(jusqu_a)}")


def entetes_d_un_moment(reponse: str, instant: datetime, jusqu_a: datetime | None) -> dict[str, str]:
    """Return tag and cache of a list that depends on the clock: nobody keeps it beyond `jusqu_a`, even in trouble."""
    return {
        "ETag": etag_d_un_moment(reponse, jusqu_a),
        "Cache-Control": f"public, max-age={_secondes(instant, jusqu_a, 30)}, must-revalidate",
    }


def detail_d_un_moment(
    octets: bytes,
    *,
    id: UUID,
    version: int,
    modifie_le: datetime,
    si_different: str | None,
    instant: datetime,
    jusqu_a: datetime | None,
) -> Response:
    """Answer with one document that depends on the clock, or 304; its tag holds the version and `jusqu_a`."""
    etag = etag_fort(f"{id.hex[:8]}-{version}-{_borne(jusqu_a)}")
    entetes = {
        "ETag": etag,
        "Cache-Control": f"public, max-age={_secondes(instant, jusqu_a, 60)}, must-revalidate",
        "Last-Modified": format_datetime(modifie_le, usegmt=True),
    }
    if inchange(si_different, etag):
        return Response(status_code=304, headers=entetes)
    return Response(octets, headers=entetes, media_type=JSON)


def _borne(jusqu_a: datetime | None) -> str:
    return "0" if jusqu_a is None else f"{int(jusqu_a.timestamp()):x}"


def _secondes(instant: datetime, jusqu_a: datetime | None, maximum: int) -> int:
    return maximum if jusqu_a is None else max(0, min(maximum, int((jusqu_a - instant).total_seconds())))
