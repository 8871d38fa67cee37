"""Indexers on a directory of their own, moved step by step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from annuaire.recherche.indexation import envoi
from annuaire.recherche.indexation.carnets import Carnet, CarnetDeDossier, CarnetEnBase
from annuaire.recherche.indexation.indexeur import Indexeur
from annuaire.recherche.indexation.mesures import Mesures
from annuaire.recherche.indexation.reconstruction import versions
from annuaire.recherche.port import SearchEngine
from prometheus_client import CollectorRegistry
from socle.donnees import feed
from socle.horloge import maintenant

from tests.fabriques.annuaire import Annuaire, ouvrir

Fabrique = Callable[..., Indexeur]


@pytest.fixture(scope="module")
async def seul(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Annuaire]:
    """An annuaire for the tests of one file, where nobody else writes."""
    dossier: Path = tmp_path_factory.mktemp("indexation")
    async with ouvrir(dossier, f"sqlite:{dossier / 'annuaire.db'}") as annuaire:
        yield annuaire


@pytest.fixture(autouse=True)
def sans_attente(monkeypatch: pytest.MonkeyPatch) -> None:
    """A promise is looked at again at once."""
    monkeypatch.setattr(envoi, "ATTENTE_MIN", 0.0)
    monkeypatch.setattr(envoi, "ATTENTE_MAX", 0.0)


@pytest.fixture
def fabriquer() -> Fabrique:
    """Make an indexer upon a directory: its position beside the index when a folder is given, in the database else."""

    def faire(
        annuaire: Annuaire, moteur: SearchEngine, *, dossier: Path | None = None, nom: str | None = None,
        carnet: Carnet | None = None,
    ) -> Indexeur:  # fmt: skip
        nom = nom or f"m{uuid4().hex[:20]}"
        if carnet is None:
            carnet = (
                CarnetEnBase(annuaire.base, nom, horloge=maintenant) if dossier is None else CarnetDeDossier(dossier)
            )
        return Indexeur(
            nom, moteur, carnet, base=annuaire.base, commune=annuaire.contexte.situeur.nom_de_commune,
            horloge=maintenant, mesures=Mesures(CollectorRegistry()),
        )  # fmt: skip

    return faire


async def mener(indexeur: Indexeur, *, secondes: float = 20) -> None:
    """Let an indexer do all that there is to do."""
    async with asyncio.timeout(secondes):
        while True:
            # nothing that is due waits for its hour
            indexeur._inspecter_a = indexeur._obeir_a = indexeur._reessayer_a = 0.0
            await indexeur.avancer()
            if indexeur.chantier is not None and not indexeur.chantier.done():
                await asyncio.wait({indexeur.chantier})
                continue
            async with indexeur.base.read() as session:
                dernier = await feed.dernier_numero(session)
            if indexeur.motif is None and indexeur.lue == dernier == indexeur.envoi.position:
                return


async def attendues(annuaire: Annuaire) -> dict[str, int]:
    """Return what an index must show of the directory: versions by id."""
    async with annuaire.base.read() as session:
        return await versions(session)


async def montrees(moteur: Any) -> dict[str, int]:
    """Return what an engine shows: versions by id."""
    return {id: v async for lot in moteur.fingerprints() for id, v in lot}
