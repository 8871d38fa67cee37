"""GeoJSON (RFC 7946): longitude first, six decimals at most, a null geometry where no point is known."""

from __future__ import annotations

from typing import Final

DECIMALES: Final = 6


def entite(id: bytes, latitude: float | None, longitude: float | None, proprietes: bytes) -> bytes:
    """Write a Feature (§3.2). `id` and `proprietes` are JSON already; a point is WGS84 degrees, both or neither."""
    geometrie = b"null"
    if latitude is not None and longitude is not None:
        geometrie = b'{"type":"Point","coordinates":[%s,%s]}' % (nombre(longitude), nombre(latitude))
    return b'{"type":"Feature","id":%s,"geometry":%s,"properties":%s}' % (id, geometrie, proprietes)


def nombre(valeur: float) -> bytes:
    """Write a coordinate. Never an exponent: not every reader of maps knows them."""
    return f"{valeur:.{DECIMALES}f}".rstrip("0").rstrip(".").encode()
