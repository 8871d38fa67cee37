"""Running the ASGI lifespan of an application from code: applications composed in one process, and tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp, Message


@asynccontextmanager
async def vivre(app: ASGIApp) -> AsyncIterator[None]:
    """Start an application, and stop it at the end of the block.

    Raises `RuntimeError` when it refuses to start; an application without lifespan just runs.
    """
    entrants: asyncio.Queue[Message] = asyncio.Queue()
    sortants: asyncio.Queue[Message] = asyncio.Queue()

    async def tourner() -> None:
        try:
            await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, entrants.get, sortants.put)
        except BaseException as exc:
            await sortants.put({"type": "lifespan.fin", "cause": exc})
            raise
        await sortants.put({"type": "lifespan.fin", "cause": None})

    tache = asyncio.create_task(tourner())
    await entrants.put({"type": "lifespan.startup"})
    depart = await sortants.get()
    if depart["type"] == "lifespan.startup.failed":
        await asyncio.gather(tache, return_exceptions=True)
        raise RuntimeError(depart.get("message") or "L'application n'a pas démarré")
    # The protocol lets an application without lifespan raise at once.
    sans_vie = depart["type"] == "lifespan.fin"
    try:
        yield
    finally:
        if not sans_vie:
            await entrants.put({"type": "lifespan.shutdown"})
            await sortants.get()
        await asyncio.gather(tache, return_exceptions=True)
