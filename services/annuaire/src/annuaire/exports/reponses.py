"""Answers of the exports: streamed, tagged, named, and closed however they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from socle.web.entetes import veut_un_corps
from socle.web.etags import inchange
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from annuaire.exports.service import Copie

DUREE_MAX: Final = 900.0
"""Seconds after which an export that its reader no longer reads is cut: it holds a snapshot of the database."""


class ReponseEnFlux(StreamingResponse):
    """Sends a copy as it is written, and lets its snapshot go at the end, at a disconnection, at a failure."""

    def __init__(self, copie: Copie, entetes: dict[str, str]) -> None:
        super().__init__(copie.morceaux, headers=entetes)
        self._fermer = copie.fermer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(DUREE_MAX):
                await super().__call__(scope, receive, send)
        finally:
            await self._fermer()


def sans_corps(request: Request, si_different: str | None, entetes: dict[str, str]) -> Response | None:
    """Answer a HEAD, or a GET whose copy is the one cited, without opening anything; `None` when rows are wanted."""
    if "ETag" in entetes and inchange(si_different, entetes["ETag"]):
        gardes = {nom: v for nom, v in entetes.items() if nom not in ("Content-Type", "Content-Disposition")}
        return Response(status_code=304, headers=gardes)
    if not veut_un_corps(request.scope):
        return StreamingResponse(_rien(), headers=entetes)
    return None


async def _rien() -> AsyncIterator[bytes]:
    return
    yield b""
