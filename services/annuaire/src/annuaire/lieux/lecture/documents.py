"""The bytes of one place as they are sent: whole, compact, or as a GeoJSON feature, with what was joined at reading."""

from __future__ import annotations

import json

from annuaire.lieux.geojson import entite
from annuaire.lieux.lecture.tableau import Tableau

COMPACTE = (
    "id", "nom", "latitude", "longitude", "telephone", "modalites_acces", "frais_a_charge", "services", "verifie_le",
)  # fmt: skip
"""Fields of the compact projection, beside `ouverture` and `distance_m`."""


def ecrire(tableau: Tableau, rang: int, ouverture: bytes, distance_m: int | None, *, compacte: bool) -> bytes:
    """Join a stored document, its opening, and its distance where a point was given."""
    document = compacter(tableau, rang) if compacte else tableau.documents[rang]
    if distance_m is None:
        return b'%s,"ouverture":%s}' % (document, ouverture)
    return b'%s,"distance_m":%d,"ouverture":%s}' % (document, distance_m, ouverture)


def compacter(tableau: Tableau, rang: int) -> bytes:
    """Return the compact document of a place, without its closing brace; made once."""
    compact = tableau.compacts[rang]
    if compact is None:
        lu = json.loads((tableau.documents[rang] or b"{") + b"}")
        contenu = {nom: lu[nom] for nom in COMPACTE}
        compact = json.dumps(contenu, ensure_ascii=False, separators=(",", ":")).encode()[:-1]
        tableau.compacts[rang] = compact
    return compact


def situer(tableau: Tableau, rang: int, document: bytes) -> bytes:
    """Return a GeoJSON feature (RFC 7946 §3.2) whose properties are a document; no point is `null`."""
    id = b'"%s"' % tableau.ids[rang].encode()
    latitude, longitude = float(tableau.latitudes[rang]), float(tableau.longitudes[rang])
    if latitude != latitude:  # NaN stands for no point
        return entite(id, None, None, document)
    return entite(id, latitude, longitude, document)
