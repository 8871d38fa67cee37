"""What the routes of the index are given by the composition root, as an `Annotated` alias."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from annuaire.recherche.indexation.service import Indexation


def _indexation(request: Request) -> Indexation:
    indexation: Indexation = request.app.state.indexation
    return indexation


LIndexation = Annotated[Indexation, Depends(_indexation)]
