"""The embedded search on a corpus: what it finds, how fast, in how much memory.

Run by hand: `python -m tests.perf.recherche [--corpus FICHIER] [--fois N]`. Questions and what answers them are drawn
from the corpus by rules (tests/annuaire/recherche/questions.py, and autres_questions.py, which was made apart).
`--fois 8` indexes as many variants of each record, and measures times alone. Aims: 97 % of the questions, 70 % of the
hard ones, 85 % of each category, all exact names and accents; p50 10 ms and p99 50 ms with five facets; suggestions 5
and 20 ms; 25,000 records indexed in 20 s; 300 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from annuaire.recherche import evaluation
from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.evaluation import Fiche
from annuaire.recherche.port import ActorQuery

from tests.annuaire.recherche import autres_questions, questions_retournees
from tests.annuaire.recherche.autres_questions import Essai
from tests.annuaire.recherche.questions import Question, tirer

RACINE = Path(__file__).parents[2]
JEUX = Path(os.environ.get("MAILLAGE_JEUX") or RACINE.parent / "shared" / "donnees")
FACETTES = ("types", "services", "publics", "labels", "departement")
GRAINES = (11, 12, 13, 14)
BUTS = {"nom exact": 100, "accents": 100, "difficile": 70}


async def mesurer(corpus: Path, fois: int) -> None:
    """Print what is found, then what it costs, each record being indexed `fois` times."""
    with gzip.open(corpus, "rt", encoding="utf-8") as flux:
        documents = {lu["id"]: lu for lu in map(json.loads, flux)}
    with tempfile.TemporaryDirectory() as dossier:
        moteur = MoteurEmbarque(Path(dossier))
        depart = time.perf_counter()
        ids = await evaluation.indexer(moteur, _varier(evaluation.lire_corpus(corpus), fois))
        duree = time.perf_counter() - depart
        questions = [q for graine in GRAINES for q in tirer(list(documents.values()), graine)]
        autres = autres_questions.tirer(list(documents.values()), GRAINES[0])
        if fois == 1:
            await juger(moteur, questions, documents, ids)
            print("-- l'autre jeu de questions")
            await juger(moteur, autres, documents, ids)
            print("-- le troisième, tout entier de questions difficiles")
            await juger(moteur, questions_retournees.tirer(list(documents.values())), documents, ids)
        print(f"{len(ids)} fiches indexées en {duree:.1f} s{_but(duree <= 20, '20 s')}")
        await chronometrer(moteur, [q.q for q in (*questions, *autres)][:: max(1, fois)])
        await moteur.close()
    statut = Path("/proc/self/status").read_text().splitlines()  # noqa: ASYNC240
    memoire = int(next(ligne.split()[1] for ligne in statut if ligne.startswith("VmRSS")))
    print(f"mémoire du processus, corpus compris : {memoire / 1024:.0f} Mio")


def _varier(fiches: Iterator[Fiche], fois: int) -> Iterator[Fiche]:
    """Repeat each record, the others under another id and a point a little further."""
    for fiche in fiches:
        yield fiche
        for tour in range(1, fois):
            d = fiche.document
            ailleurs = None if d.lat is None else d.lat + tour / 100
            yield Fiche(f"{fiche.id}-{tour}", replace(d, id=f"{d.id}-{tour}", lat=ailleurs))


async def juger(
    moteur: MoteurEmbarque, questions: Sequence[Question | Essai], documents: dict[Any, Any], ids: dict[str, Any]
) -> None:
    """Print the share of questions answered, by category and in all."""
    reussies: dict[str, list[bool]] = defaultdict(list)
    for question in questions:
        page = await moteur.search(ActorQuery(q=question.q))
        reussies[question.categorie].append(question.reussie([documents[ids[hit.id]] for hit in page.hits]))
    for categorie, notes in reussies.items():
        part = 100 * statistics.mean(notes)
        but = BUTS.get(categorie, 85)
        print(f"{categorie:<20} {sum(notes):>4} / {len(notes):<4} {part:5.1f} %{_but(part >= but, f'{but} %')}")
    principales = [note for categorie, notes in reussies.items() if categorie != "difficile" for note in notes]
    part = 100 * statistics.mean(principales)
    print(
        f"{'hors difficiles':<20} {sum(principales):>4} / {len(principales):<4} {part:5.1f} %{_but(part >= 97, '97 %')}"
    )


async def chronometrer(moteur: MoteurEmbarque, textes: Sequence[str]) -> None:
    """Print the processor times of searches and suggestions, one client."""
    for nom, demander, p50, p99 in (
        ("recherche, 5 facettes", lambda q: moteur.search(ActorQuery(q=q, facets=FACETTES)), 10, 50),
        ("suggestions", lambda q: moteur.suggest(q, near=None, limit=8), 5, 20),
    ):
        durees = []
        for texte in textes:
            depart = time.process_time()  # what the machine does beside is not counted
            await demander(texte)
            durees.append((time.process_time() - depart) * 1_000)
        quantiles = statistics.quantiles(durees, n=100)
        print(
            f"{nom:<24} p50 {quantiles[49]:5.1f} ms{_but(quantiles[49] <= p50, f'{p50} ms')}   "
            f"p99 {quantiles[98]:5.1f} ms{_but(quantiles[98] <= p99, f'{p99} ms')}"
        )


def _but(atteint: bool, but: str) -> str:
    return "" if atteint else f"  manqué ({but})"


def principal() -> None:
    """Measure, or say that there is nothing to measure on."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--corpus", type=Path, default=JEUX / "recherche" / "acteurs-25k.jsonl.gz")
    options.add_argument("--fois", type=int, default=1)
    lues = options.parse_args()
    corpus: Path = lues.corpus
    if not corpus.exists():
        print("Le corpus est absent (MAILLAGE_JEUX) : rien n'est mesuré.")
        return
    asyncio.run(mesurer(corpus, lues.fois))


if __name__ == "__main__":
    principal()
