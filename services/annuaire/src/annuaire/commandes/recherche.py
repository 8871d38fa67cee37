"""`annuaire recherche evaluer`: put an engine to questions, on an index made for the occasion."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final

from annuaire.recherche import evaluation
from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.port import SearchEngine


class Moteur(StrEnum):
    """Which engine answers."""

    EMBARQUE = "embarque"


Ouvrir = Callable[[Path], SearchEngine]
MOTEURS: Final[dict[Moteur, Ouvrir]] = {Moteur.EMBARQUE: MoteurEmbarque}
"""How each engine is opened, a folder of its own being given."""


def evaluer(corpus: Path, requetes: Path, *, moteur: Moteur) -> str:
    """Return, as JSON, the ids of the records that answer each question, the best first.

    Raises `annuaire.recherche.evaluation.FichierIllisible`.
    """
    questions = evaluation.lire_questions(requetes)
    reponses = asyncio.run(_evaluer(corpus, questions, MOTEURS[moteur]))
    return json.dumps(reponses, ensure_ascii=False, indent=1)


async def _evaluer(corpus: Path, questions: list[tuple[str, str]], ouvrir: Ouvrir) -> dict[str, list[object]]:
    with tempfile.TemporaryDirectory(prefix="recherche-") as dossier:
        engine = ouvrir(Path(dossier))
        try:
            ids = await evaluation.indexer(engine, evaluation.lire_corpus(corpus))
            return await evaluation.repondre(engine, questions, ids)
        finally:
            await engine.close()
