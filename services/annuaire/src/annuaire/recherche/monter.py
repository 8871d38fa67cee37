"""Search as a service runs it: who answers, and who keeps each engine equal to the directory."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from socle.donnees.db import Database
from socle.horloge import Horloge

from annuaire.lieux.lecture.modele import ModeleLecture
from annuaire.recherche import ouvrir
from annuaire.recherche.indexation import service as indexations
from annuaire.recherche.indexation.fiches import NomDeCommune
from annuaire.recherche.indexation.service import Indexation
from annuaire.recherche.port import SearchEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class Montage:
    """The engine that answers, whoever stands behind it, and those who feed the engines.

    `preparer` is to be run once, beside everything else: searches don't wait for it.
    """

    lecture: SearchEngine
    indexation: Indexation
    preparer: Callable[[], Coroutine[Any, Any, None]]

    async def fermer(self) -> None:
        """Close the engines, then let others feed them: who stands by finds an index that nobody writes to."""
        await self.lecture.close()
        for indexeur in self.indexation.indexeurs:
            await indexeur.carnet.rendre()


def monter(
    url: str,
    cle: str,
    dossier: Path,
    *,
    base: Database,
    modele: ModeleLecture,
    commune: NomDeCommune,
    horloge: Horloge,
    registre: CollectorRegistry,
) -> Montage:
    """Open the engines of an address and those who feed them. Raises `ValueError` for an address that is none."""
    moteurs = ouvrir.composer(
        url, cle, dossier, modele=modele, horloge=horloge, retard=lambda: indexation.retard(ouvrir.EMBARQUE)
    )
    indexation = indexations.composer(
        moteurs.nourris, dossier=dossier, base=base, commune=commune, horloge=horloge, registre=registre
    )
    return Montage(lecture=moteurs.lecture, indexation=indexation, preparer=moteurs.preparer)
