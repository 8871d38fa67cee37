"""`annuaire recherche evaluer`: put an engine to questions, on an index made for the occasion."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
import uuid
from collections.abc import AsyncIterator
from enum import StrEnum
from pathlib import Path

from annuaire.recherche import evaluation
from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.meilisearch.moteur import MoteurMeilisearch
from annuaire.recherche.ouvrir import ouvrir
from annuaire.recherche.port import SearchEngine


class Moteur(StrEnum):
    """Which engine answers."""

    EMBARQUE = "embarque"
    MEILISEARCH = "meilisearch"


def evaluer(corpus: Path, requetes: Path, *, moteur: Moteur, url: str | None = None, cle: str = "") -> str:
    """Return, as JSON, the ids of the records that answer each question, the best first.

    Raises `annuaire.recherche.evaluation.FichierIllisible`, `ValueError` for an address that is none, and
    `annuaire.recherche.port.EngineUnavailable`.
    """
    if moteur is Moteur.MEILISEARCH and not url:
        raise ValueError("Dites où est Meilisearch : --url, ou la variable MEILI_URL.")
    questions = evaluation.lire_questions(requetes)
    reponses = asyncio.run(_evaluer(corpus, questions, url or "", cle, moteur))
    return json.dumps(reponses, ensure_ascii=False, indent=1)


async def _evaluer(
    corpus: Path, questions: list[tuple[str, str]], url: str, cle: str, moteur: Moteur
) -> dict[str, list[object]]:
    async with _pour_l_occasion(moteur, url, cle) as engine:
        ids = await evaluation.indexer(engine, evaluation.lire_corpus(corpus))
        return await evaluation.repondre(engine, questions, ids)


@contextlib.asynccontextmanager
async def _pour_l_occasion(moteur: Moteur, url: str, cle: str) -> AsyncIterator[SearchEngine]:
    """Open an engine on an index that no other has; nothing is left of it."""
    if moteur is Moteur.EMBARQUE:
        with tempfile.TemporaryDirectory(prefix="recherche-") as dossier:
            embarque = MoteurEmbarque(Path(dossier))
            try:
                yield embarque
            finally:
                await embarque.close()
        return
    engine = ouvrir(url, cle, Path(), base=f"evaluation-{uuid.uuid4().hex}")
    if not isinstance(engine, MoteurMeilisearch):
        raise ValueError(f"« {url} » n'est pas l'adresse d'un Meilisearch.")
    try:
        yield engine
    finally:
        try:
            await engine.drop()
        finally:
            await engine.close()
