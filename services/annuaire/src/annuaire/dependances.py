"""What annuaire's routes are given by the composition root, as `Annotated` aliases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from socle.donnees.db import Database
from socle.horloge import Horloge
from socle.settings import SocleSettings
from socle.web.cloisons import Cloison
from socle.web.pagination import Curseurs
from socle.web.sortant.client import Sortie

from annuaire.lieux.etats_des_sources import EtatsDesSources
from annuaire.lieux.lecture.modele import ModeleLecture
from annuaire.lieux.service import Outils
from annuaire.lieux.situer import Situeur
from annuaire.settings import AnnuaireSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Contexte:
    """Everything that lives as long as the process."""

    base: Database
    socle: SocleSettings
    settings: AnnuaireSettings
    curseurs: Curseurs
    outils: Outils
    situeur: Situeur
    modele: ModeleLecture
    etats: EtatsDesSources
    depots: Path
    exports: Cloison
    """The few exports that run at once: each holds a database connection for as long as its reader takes."""
    propositions: Cloison
    """The few files read at once to propose a mapping: each holds a process."""
    sortie: Sortie
    horloge: Horloge
    reveiller: Callable[[], None]
    """Wakes the workers and the relay after a commit."""


def _contexte(request: Request) -> Contexte:
    contexte: Contexte = request.app.state.contexte
    return contexte


LeContexte = Annotated[Contexte, Depends(_contexte)]
