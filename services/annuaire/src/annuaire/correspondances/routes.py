"""Route of the form of correspondences."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from socle.acces.politique import Public

from annuaire.correspondances.document.ecriture import ADRESSE, schema_json

routeur = APIRouter(tags=["sources"])


@routeur.get(ADRESSE, summary="La forme d'une correspondance")
async def schema(_: Public, response: Response) -> dict[str, Any]:
    """Donne le schéma JSON d'une correspondance : le document qui dit comment se lit une liste."""
    response.headers["Cache-Control"] = "public, max-age=86400"
    return schema_json()
