"""What the routes of search are given by the composition root, as an `Annotated` alias."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from annuaire.recherche.fiches import Fiches
from annuaire.recherche.port import SearchEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class Recherche:
    """What search keeps as long as the process lives.

    `noter_derives` counts results that the read model no longer shows: how late the index is.
    """

    moteur: SearchEngine
    noter_derives: Callable[[int], None] = lambda _: None
    fiches: Fiches = field(default_factory=Fiches)


def _recherche(request: Request) -> Recherche:
    recherche: Recherche = request.app.state.recherche
    return recherche


LaRecherche = Annotated[Recherche, Depends(_recherche)]
