"""What the routes of search are given by the composition root, as an `Annotated` alias."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from annuaire.recherche.port import SearchEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class Recherche:
    """What search keeps as long as the process lives."""

    moteur: SearchEngine


def _recherche(request: Request) -> Recherche:
    recherche: Recherche = request.app.state.recherche
    return recherche


LaRecherche = Annotated[Recherche, Depends(_recherche)]
