"""The bytes of one place as they are sent: whole, compact, or as a GeoJSON feature, with what was joined at reading."""

from __future__ import annotations

import json
from collections.abc import Sequence

from annuaire.lieux.geojson import entite
from annuaire.lieux.lecture.itinerants import Moment
from annuaire.lieux.lecture.tableau import Tableau

COMPACTE = (
    "id", "nom", "latitude", "longitude", "telephone", "modalites_acces", "frais_a_charge", "services", "verifie_le",
)  # fmt: skip
"""Fields of the compact projection, beside `ouverture` and `distance_m`."""


def lire(tableau: Tableau, rangs: Sequence[int], *, compacte: bool, moment: Moment) -> list[bytes]:
    """Return stored documents, without their closing brace."""
    if not compacte:
        return [tableau.documents[rang] or b"{" for rang in rangs]
    compacts = tableau.compacts
    documents = [compacts[rang] or compacter(tableau, rang) for rang in rangs]
    if tableau.itinerants:
        documents = [_deplacer(tableau, rang, d, moment) for rang, d in zip(rangs, documents, strict=True)]
    return documents


def entiers(
    tableau: Tableau, rangs: Sequence[int], fins: Sequence[bytes], *, compacte: bool, moment: Moment
) -> list[bytes]:
    """Return whole documents, each with its end, for who adds something to them."""
    lus = lire(tableau, rangs, compacte=compacte, moment=moment)
    return [lu + fin[:-1] for lu, fin in zip(lus, fins, strict=True)]


def morceaux(documents: Sequence[bytes], fins: Sequence[bytes], distances: Sequence[int] | None) -> list[bytes]:
    """Lay out documents, their distances (m) where a point was given, and their ends, for one join to copy each once.

    The last one ends without a comma.
    """
    if distances is None:
        plats = [b""] * (2 * len(documents))
        plats[0::2], plats[1::2] = documents, fins
    else:
        plats = [b""] * (3 * len(documents))
        plats[0::3], plats[1::3], plats[2::3] = documents, [b',"distance_m":%d' % d for d in distances], fins
    if plats:
        plats[-1] = plats[-1][:-1]
    return plats


def compacter(tableau: Tableau, rang: int) -> bytes:
    """Return the compact document of a place, without its closing brace; made once."""
    compact = tableau.compacts[rang]
    if compact is None:
        lu = json.loads((tableau.documents[rang] or b"{") + b"}")
        contenu = {nom: lu[nom] for nom in COMPACTE}
        compact = json.dumps(contenu, ensure_ascii=False, separators=(",", ":")).encode()[:-1]
        tableau.compacts[rang] = compact
    return compact


def _deplacer(tableau: Tableau, rang: int, compact: bytes, moment: Moment) -> bytes:
    """Put a place that moves, in its compact document, where it stands: that is all a phone shows of it."""
    if rang not in tableau.itinerants:
        return compact
    latitude, longitude = tableau.position(rang, moment) or (None, None)
    lu = json.loads(compact + b"}") | {"latitude": latitude, "longitude": longitude}
    return json.dumps(lu, ensure_ascii=False, separators=(",", ":")).encode()[:-1]


def entites(
    tableau: Tableau, rangs: Sequence[int], documents: Sequence[bytes], fins: Sequence[bytes],
    distances: Sequence[int] | None, moment: Moment,
) -> list[bytes]:  # fmt: skip
    """Lay out the same as GeoJSON features; the last one ends without a comma."""
    milieux = [b""] * len(documents) if distances is None else [b',"distance_m":%d' % d for d in distances]
    lus = zip(rangs, documents, milieux, fins, strict=True)
    plats = [situer(tableau, rang, b"%s%s%s" % (lu, milieu, fin[:-1]), moment) + b"," for rang, lu, milieu, fin in lus]
    if plats:
        plats[-1] = plats[-1][:-1]
    return plats


def situer(tableau: Tableau, rang: int, document: bytes, moment: Moment) -> bytes:
    """Return a GeoJSON feature (RFC 7946 §3.2) whose properties are a document; no point is `null`."""
    id = b'"%s"' % tableau.ids[rang].encode()
    if rang in tableau.itinerants:
        point = tableau.position(rang, moment)
        return entite(id, point[0] if point else None, point[1] if point else None, document)
    latitude, longitude = float(tableau.latitudes[rang]), float(tableau.longitudes[rang])
    if latitude != latitude:  # NaN stands for no point
        return entite(id, None, None, document)
    return entite(id, latitude, longitude, document)
