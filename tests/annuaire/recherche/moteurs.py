"""The engines that the contract is run on, opened alike: embedded, Meilisearch over its stand-in, a real one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.meilisearch.moteur import MoteurMeilisearch
from annuaire.recherche.port import Operation, Receipt, SearchEngine

from tests.fabriques.faux_meilisearch import FauxMeilisearch

MOTEURS = ("embarque", "faux-meilisearch", pytest.param("meilisearch", marks=pytest.mark.meilisearch))


@dataclass(frozen=True, slots=True)
class Atelier:
    """Opens engines on one and the same index."""

    ouvrir: Callable[[], SearchEngine]


@contextlib.asynccontextmanager
async def ouvrir(nom: str, dossier: Path) -> AsyncIterator[Atelier]:
    """Open what an engine needs, and leave nothing behind."""
    if nom == "embarque":
        yield Atelier(lambda: MoteurEmbarque(dossier / "recherche"))
    elif nom == "faux-meilisearch":
        with FauxMeilisearch() as faux:
            yield Atelier(lambda: MoteurMeilisearch(faux.url, faux.maitresse))
    else:
        url = os.environ.get("MEILI_URL")
        if not url:
            pytest.skip("Pas de vrai Meilisearch : donnez son adresse (MEILI_URL) et sa clé (MEILI_MASTER_KEY).")
        base = f"essai-{uuid.uuid4().hex}"
        cle = os.environ.get("MEILI_MASTER_KEY", "")
        yield Atelier(lambda: MoteurMeilisearch(url, cle, base=base))
        dernier = MoteurMeilisearch(url, cle, base=base)
        await dernier.drop()
        await dernier.close()


async def ecrire(moteur: SearchEngine, batch: Sequence[Operation]) -> None:
    """Write a batch, and wait until it can be read: an engine may only have promised it."""
    await tenir(moteur, await moteur.apply(batch))


async def tenir(moteur: SearchEngine, promesse: Receipt) -> None:
    """Wait for a promise to be kept."""
    while (etat := await moteur.receipt(promesse)).state == "pending":  # noqa: ASYNC110 - a server says no other way
        await asyncio.sleep(0.005)
    assert etat.state == "done", etat
