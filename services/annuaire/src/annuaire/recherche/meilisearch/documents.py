"""A record as Meilisearch holds it: its words normalised as questions are, its facets, its point, its version."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any, Final

from annuaire.recherche.francais.normaliser import plier
from annuaire.recherche.francais.vocabulaire import charger
from annuaire.recherche.meilisearch.reglages import (
    CACHE,
    COMPLETUDE,
    ETAT,
    FACETTE,
    GENERATION,
    GEO,
    GEOJSON,
    MAJ,
    NOM_TRIE,
    SUPPRIME,
    VISIBLE,
)
from annuaire.recherche.port import ATTRIBUTS, FACETTES, ActorDocument, Delete, Operation

ID: Final = re.compile(r"[a-zA-Z0-9_-]{1,511}")
"""What Meilisearch takes for an id; one that is not fails the whole task (`invalid_document_id`)."""
MOTS_PAR_ATTRIBUT: Final = 1_000


def refus(operation: Operation) -> str | None:
    """Return, in French, why an operation can't be sent; `None` when it can."""
    if ID.fullmatch(nommer(operation)[0]) is None:
        return "Identifiant refusé par Meilisearch : lettres sans accents, chiffres, tirets, 511 caractères au plus."
    return None


def nommer(operation: Operation) -> tuple[str, int]:
    """Return the id and the version that an operation bears on."""
    if isinstance(operation, Delete):
        return operation.id, operation.v
    return operation.doc.id, operation.doc.v


def inscrire(operation: Operation, generation: str) -> dict[str, Any]:
    """Return what an operation writes. A deletion writes a bare version, that no search finds."""
    if isinstance(operation, Delete):
        return {"id": operation.id, "v": operation.v, ETAT: SUPPRIME, GENERATION: generation}
    document = operation.doc
    utiles = charger().utiles
    nom = document.texts.get("nom", ())
    return {
        "id": document.id,
        "v": document.v,
        ETAT: VISIBLE if document.visible else CACHE,
        GENERATION: generation,
        MAJ: document.maj,
        COMPLETUDE: document.completude,
        NOM_TRIE: plier(nom[0]) if nom else None,
        **{attribut: _textes(document.texts.get(attribut, ()), utiles) for attribut in ATTRIBUTS},
        **{FACETTE + nom: list(document.facets.get(nom, ())) for nom in FACETTES},
        **_point(document),
    }


def _textes(valeurs: tuple[str, ...], utiles: Any) -> list[str]:
    lus: list[str] = []
    reste = MOTS_PAR_ATTRIBUT
    for valeur in valeurs:
        mots = utiles(valeur)[:reste]
        reste -= len(mots)
        if mots:
            lus.append(" ".join(mots))
    return lus


def _point(document: ActorDocument) -> dict[str, Any]:
    """Return both forms of a point: distances read the first, polygons the second.

    A point off the Earth would fail the whole task (`invalid_document_geo_field`): the record goes without.
    """
    lat, lng = document.lat, document.lng
    if lat is None or lng is None or not (math.isfinite(lat) and math.isfinite(lng)):
        return {GEO: None, GEOJSON: None}
    if not (-90 <= lat <= 90 and -180 <= lng <= 180):
        return {GEO: None, GEOJSON: None}
    return {GEO: {"lat": lat, "lng": lng}, GEOJSON: {"type": "Point", "coordinates": [lng, lat]}}


def ndjson(documents: Iterable[dict[str, Any]]) -> bytes:
    """Write documents one a line."""
    return b"".join(json.dumps(d, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for d in documents)
