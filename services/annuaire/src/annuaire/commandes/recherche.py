"""`annuaire recherche evaluer`: put an engine to questions, on an index made for the occasion."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path

from annuaire.recherche import evaluation
from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.port import SearchEngine


class Moteur(StrEnum):
    """Which engine answers."""

    EMBARQUE = "embarque"


def evaluer(corpus: Path, requetes: Path, *, moteur: Moteur) -> str:
    """Return, as JSON, the ids of the records that answer each question, the best first.

    Raises `annuaire.recherche.evaluation.FichierIllisible`.
    """
    questions = evaluation.lire_questions(requetes)
    reponses = asyncio.run(_evaluer(corpus, questions, moteur))
    return json.dumps(reponses, ensure_ascii=False, indent=1)


async def _evaluer(corpus: Path, questions: list[tuple[str, str]], moteur: Moteur) -> dict[str, list[object]]:
    async with _ouvrir(moteur) as engine:
        ids = await evaluation.indexer(engine, evaluation.lire_corpus(corpus))
        return await evaluation.repondre(engine, questions, ids)


@asynccontextmanager
async def _ouvrir(_moteur: Moteur) -> AsyncIterator[SearchEngine]:
    with tempfile.TemporaryDirectory(prefix="recherche-") as dossier:
        engine = MoteurEmbarque(Path(dossier))
        try:
            yield engine
        finally:
            await engine.close()
