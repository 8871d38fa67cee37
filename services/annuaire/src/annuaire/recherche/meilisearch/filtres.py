"""Filters as Meilisearch reads them. A value is never anything but a value: it is quoted here and nowhere else.

Grammar: `crates/filter-parser/src/value.rs`, v1.50. A quoted value loses its escaped quotes, then goes through
`unescaper`, which reads `\\n`, `\\u{…}` and the like: each backslash is doubled, so that it finds none to read.
"""

from __future__ import annotations

from collections.abc import Iterable

from annuaire.recherche.meilisearch.reglages import CACHE, ETAT, FACETTE, MAJ, VISIBLE
from annuaire.recherche.port import ActorQuery, Box, Circle, Geo, Polygon


def citer(valeur: str) -> str:
    """Quote a value."""
    echappee = valeur.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{echappee}"'


def parmi(attribut: str, valeurs: Iterable[str]) -> str:
    """Return the filter that keeps what bears one of these values."""
    return f"{attribut} IN [{', '.join(map(citer, valeurs))}]"


def filtrer(query: ActorQuery, *, sauf: str | None = None) -> list[str]:
    """Return the filters of a search, which add up; `sauf` leaves out the one of a facet."""
    filtres = [parmi(ETAT, (VISIBLE,) if query.visibility else (VISIBLE, CACHE))]
    filtres += [parmi(f"{FACETTE}{nom}", voulues) for nom, voulues in query.filters.items() if voulues and nom != sauf]
    if query.maj_after is not None:
        filtres.append(f"{MAJ} >= {query.maj_after}")
    if query.geo is not None and (zone := _zone(query.geo)) is not None:
        filtres.append(zone)
    return filtres


def _zone(geo: Geo) -> str | None:
    if isinstance(geo, Circle):
        if geo.radius_m is None:
            return None
        return f"_geoRadius({_nombre(geo.lat)}, {_nombre(geo.lng)}, {_nombre(geo.radius_m)})"
    if isinstance(geo, Box):
        return f"_geoBoundingBox([{_couple(geo.north, geo.east)}], [{_couple(geo.south, geo.west)}])"
    return f"_geoPolygon({', '.join(f'[{_couple(lat, lng)}]' for lat, lng in _ouvert(geo))})"


def _ouvert(polygone: Polygon) -> tuple[tuple[float, float], ...]:
    """Return the points of a ring, the first one not repeated at the end: Meilisearch closes it itself."""
    points = polygone.points
    return points[:-1] if len(points) > 3 and points[0] == points[-1] else points


def _couple(lat: float, lng: float) -> str:
    return f"{_nombre(lat)}, {_nombre(lng)}"


def _nombre(valeur: float) -> str:
    return f"{valeur:.7f}"
