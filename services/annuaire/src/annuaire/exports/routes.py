"""Routes of the exports."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from socle.acces.politique import Public
from starlette.responses import StreamingResponse

from annuaire.dependances import LeContexte
from annuaire.exports.service import copier

routeur = APIRouter(prefix="/annuaire/v1/exports", tags=["exports"])

NDJSON = "application/x-ndjson"


class ParametresExport(BaseModel):
    """Forme de l'export."""

    model_config = ConfigDict(extra="forbid")

    format: Annotated[Literal["ndjson"], Field(description="`ndjson` : un lieu par ligne.")] = "ndjson"


@routeur.get(
    "/lieux",
    summary="Copier tous les lieux",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": 'Un lieu par ligne, puis `{"fin": true, "lignes": n, "changement_numero": N}`',
            "content": {NDJSON: {"schema": {"type": "string"}}},
            "headers": {"Change-Number": {"schema": {"type": "integer"}, "description": "Où reprendre le flux."}},
        }
    },
)
async def exporter_lieux(
    _: Public, contexte: LeContexte, _forme: Annotated[ParametresExport, Query()]
) -> StreamingResponse:
    """Donne tous les lieux dans un même état de l'annuaire, dont le numéro est dans l'en-tête `Change-Number`.

    Pour tenir une copie : exporter, puis suivre `/changements/lieux` à partir de ce numéro. La dernière ligne dit
    combien il y en avait : sans elle, la copie est incomplète.
    """
    copie = await copier(contexte.base)
    return StreamingResponse(
        copie.morceaux,
        media_type=f"{NDJSON}; charset=utf-8",
        headers={"Change-Number": str(copie.numero), "Cache-Control": "public, max-age=60"},
    )
