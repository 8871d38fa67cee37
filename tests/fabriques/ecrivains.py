"""Many processes on one feed: writers that pause where it hurts, readers that follow, and the verdict.

Run as a program, so that its processes are forked from one that holds nothing yet:
`python -m tests.fabriques.ecrivains '{"url": …}'` prints a verdict as JSON. `sequence` puts a plain sequence, given
when it is asked for, in place of the counter taken last: the mistake that the feed exists to avoid.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from socle.donnees import feed
from socle.donnees.db import Database, WriteSession
from socle.donnees.documents import Document
from socle.donnees.tables import Publication
from socle.identifiants import uuid7
from sqlalchemy import select, text, update
from sqlmodel import col

from tests.fabriques.bases import MIDI, creer_tables

KIND = "lieu"
Pause = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Epreuve:
    """What to run. Pauses last at most `pause` seconds, now and then ten times that.

    `tues` writers kill themselves halfway, their numbers taken and their transaction not committed.
    """

    url: str
    dossier: str
    transactions: int
    lignes: int = 100
    ecrivains: int = 16
    lecteurs: int = 4
    pause: float = 0.002
    sequence: bool = False
    tues: int = 0
    graine: int = 0


@dataclass(slots=True)
class Verdict:
    """What was found. `manquees` counts the rows of the database that a reader has not at their latest number."""

    transactions: int = 0
    changements: int = 0
    lus: int = 0
    manquees: int = 0
    desordres: int = 0
    reculs: int = 0
    secondes: float = 0.0
    echecs: list[str] = field(default_factory=list)


async def ecrire(base: Database, epreuve: Epreuve, rang: int) -> None:
    """Write this writer's share of the transactions, and note when each began to be numbered and was durable."""
    hasard = random.Random(f"{epreuve.graine}-{rang}")
    numeroter: Any = feed._numeroter
    reserve: list[int] = []
    tours = epreuve.transactions // epreuve.ecrivains
    debut, tour = 0.0, 0

    async def attendre() -> None:
        await asyncio.sleep(hasard.random() * epreuve.pause * (10 if hasard.random() < 0.02 else 1))

    async def numeroter_lentement(session: WriteSession) -> None:
        nonlocal debut
        await attendre()
        debut = time.monotonic()
        await (_numeroter_par_sequence(session, reserve) if epreuve.sequence else numeroter(session))
        if rang < epreuve.tues and tour == tours // 2:
            os.kill(os.getpid(), signal.SIGKILL)
        await attendre()

    feed._numeroter = numeroter_lentement
    miens: list[UUID] = []
    with (Path(epreuve.dossier) / f"ecrivain-{rang}").open("w", buffering=1) as journal:
        for tour in range(tours):
            anciens = hasard.sample(miens, min(len(miens), hasard.randint(0, epreuve.lignes // 4)))
            nouveaux = [uuid7() for _ in range(hasard.randint(1, max(1, epreuve.lignes - len(anciens))))]
            if epreuve.sequence:
                reserve[:] = [await _reserver(base)]
                await attendre()
            async with base.write() as session:
                documents = {id: Document.de({"id": str(id), "tour": tour}) for id in anciens + nouveaux}
                publies: dict[UUID, Document | None] = dict(documents)
                publies |= dict.fromkeys(hasard.sample(anciens, len(anciens) // 5))
                await feed.publier(session, KIND, publies, le=MIDI)
            miens += nouveaux
            journal.write(json.dumps([session.info["dernier_numero"], debut, time.monotonic(), len(publies)]) + "\n")


async def _reserver(base: Database) -> int:
    """Take the next value of a sequence, which no transaction gives back."""
    if base.dialecte == "postgresql":
        async with base.write() as session:
            return int((await session.execute(text("SELECT nextval('suite')"))).scalar_one())
    async with base.write() as session:
        await session.execute(text("INSERT INTO suite DEFAULT VALUES"))
        return int((await session.execute(text("SELECT last_insert_rowid()"))).scalar_one())


async def _numeroter_par_sequence(session: WriteSession, reserve: list[int]) -> None:
    lot, combien = session.info.pop("lot_publications"), session.info.pop("rang_publications")
    base = reserve[0] * 1000
    await session.execute(
        update(Publication)
        .where(col(Publication.lot) == lot)
        .values(numero=base + col(Publication.rang), lot=None)
        .execution_options(synchronize_session=False)
    )
    session.info["dernier_numero"] = base + combien


async def suivre(base: Database, epreuve: Epreuve, rang: int) -> None:
    """Follow the feed until the writers are done and nothing is left; keep the latest number of each id."""
    hasard = random.Random(f"{epreuve.graine}-lecteur-{rang}")
    fin = Path(epreuve.dossier) / "fini"
    curseur = lus = reculs = 0
    vus: dict[str, tuple[int, int]] = {}
    while True:
        finis = fin.exists()
        async with base.read() as session:
            page = await feed.lire_page(session, KIND, apres=curseur, limite=500)
        for change in page:
            numero, version = vus.get(change.id.hex, (0, 0))
            reculs += change.numero <= max(curseur, numero) or change.version <= version
            vus[change.id.hex] = (change.numero, change.version)
            curseur = change.numero
        lus += len(page)
        if not page:
            if finis:
                break
            await asyncio.sleep(hasard.random() * 0.01)
    (Path(epreuve.dossier) / f"lecteur-{rang}").write_text(json.dumps({"vus": vus, "lus": lus, "reculs": reculs}))


async def preparer(epreuve: Epreuve) -> None:
    """Create the tables, and the sequence that stands for the mistake."""
    base = Database(epreuve.url)
    async with base.moteur.begin() as connexion:
        await connexion.run_sync(creer_tables)
        if base.dialecte == "postgresql":
            await connexion.execute(text("CREATE SEQUENCE suite"))
        else:
            await connexion.execute(text("CREATE TABLE suite (n INTEGER PRIMARY KEY AUTOINCREMENT)"))
    await base.fermer()


async def publies(url: str) -> dict[str, tuple[int, int]]:
    """Return the latest `(number, version)` of every id in the database."""
    base = Database(url)
    async with base.read() as session:
        lignes = await session.execute(select(col(Publication.id), col(Publication.numero), col(Publication.version)))
        etats = {ligne.id.hex: (ligne.numero, ligne.version) for ligne in lignes}
    await base.fermer()
    return etats


def juger(dossier: Path, attendus: dict[str, tuple[int, int]]) -> Verdict:
    """Compare what each reader holds with the database, and the order of numbers with the order of commits."""
    gestes = [json.loads(ligne) for fichier in dossier.glob("ecrivain-*") for ligne in fichier.open()]
    verdict = Verdict(transactions=len(gestes), changements=sum(geste[3] for geste in gestes))
    for fichier in dossier.glob("lecteur-*"):
        lecture = json.loads(fichier.read_text())
        vus = {id: tuple(etat) for id, etat in lecture["vus"].items()}
        verdict.manquees += sum(vus.get(id) != etat for id, etat in attendus.items())
        verdict.lus += lecture["lus"]
        verdict.reculs += lecture["reculs"]
    # a transaction that was durable before another began to be numbered has the smaller number
    premier_fini = float("inf")
    for _, debut, fin, _ in sorted(gestes, reverse=True):
        verdict.desordres += premier_fini < debut
        premier_fini = min(premier_fini, fin)
    verdict.echecs = sorted(f"{f.name}: {f.read_text()[-600:]}" for f in dossier.glob("echec-*"))
    return verdict


def enfanter(epreuve: Epreuve, tache: Callable[[Database, Epreuve, int], Awaitable[None]], rang: int) -> int:
    """Run a task in a process of its own, with its own database, and return its number."""
    pid = os.fork()
    if pid:
        return pid

    async def vivre() -> None:
        base = Database(epreuve.url, lecteurs=1)
        await tache(base, epreuve, rang)
        await base.fermer()

    try:
        asyncio.run(vivre())
    except BaseException:
        (Path(epreuve.dossier) / f"echec-{tache.__name__}-{rang}").write_text(traceback.format_exc())
        os._exit(1)
    os._exit(0)


def conduire(epreuve: Epreuve) -> Verdict:
    """Run the whole trial and return its verdict."""
    asyncio.run(preparer(epreuve))
    debut = time.monotonic()
    lecteurs = [enfanter(epreuve, suivre, rang) for rang in range(epreuve.lecteurs)]
    ecrivains = [enfanter(epreuve, ecrire, rang) for rang in range(epreuve.ecrivains)]
    for pid in ecrivains:
        os.waitpid(pid, 0)
    (Path(epreuve.dossier) / "fini").touch()
    for pid in lecteurs:
        os.waitpid(pid, 0)
    secondes = time.monotonic() - debut
    verdict = juger(Path(epreuve.dossier), asyncio.run(publies(epreuve.url)))
    verdict.secondes = round(secondes, 1)
    return verdict


if __name__ == "__main__":
    print(json.dumps(asdict(conduire(Epreuve(**json.loads(sys.argv[1]))))))
