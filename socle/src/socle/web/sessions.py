"""Database sessions as arguments of routes: one request, one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from socle.donnees.db import Database, ReadSession, WriteSession


async def _lire(request: Request) -> AsyncIterator[ReadSession]:
    base: Database = request.app.state.base
    async with base.read() as session:
        yield session


async def _ecrire(request: Request) -> AsyncIterator[WriteSession]:
    base: Database = request.app.state.base
    async with base.write() as session:
        yield session


# The scope « function » ends the transaction before the answer leaves: a 201 is never said of a lost commit.
Lecture = Annotated[ReadSession, Depends(_lire, scope="function")]
Ecriture = Annotated[WriteSession, Depends(_ecrire, scope="function")]
