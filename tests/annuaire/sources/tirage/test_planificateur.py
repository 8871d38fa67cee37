"""The clock of the fetches: each one when its time has come, once, however many processes look."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from annuaire.migrations import DOSSIER
from annuaire.sources.tirage import planificateur as module
from annuaire.sources.tirage import repository, service
from annuaire.sources.tirage.planificateur import Planificateur
from annuaire.sources.tirage.service import TIRER
from socle.donnees.db import Database
from socle.donnees.migrations import migrer
from socle.donnees.tables import Tache
from sqlalchemy import func, select
from sqlmodel import col

from tests.fabriques.bases import MIDI, HorlogeReglable

pytestmark = pytest.mark.anyio

TOUR = """
import asyncio, sys
from datetime import datetime, UTC
from annuaire.sources.tirage.planificateur import Planificateur
from annuaire.sources.tirage.service import TIRER
from socle.donnees.db import Database
from socle.donnees.jobs import Ouvrier

async def principal():
    base = Database(sys.argv[1])
    faits = []
    async def noter(charge):
        faits.append(charge["source"])
        await asyncio.sleep(0)
    maintenant = lambda: datetime.now(UTC)
    planificateur = Planificateur(base, horloge=maintenant, reveiller=lambda: None)
    ouvrier = Ouvrier(base, {TIRER: noter}, horloge=maintenant)
    print("pret", flush=True)
    sys.stdin.readline()
    for _ in range(30):
        await planificateur.regarder()
        while await ouvrier.travailler():
            pass
    await base.fermer()
    print("\\n".join(faits))

asyncio.run(principal())
"""


async def semer(base: Database, nombre: int, le: datetime) -> list[str]:
    """Write fetches that are due, and one that is not."""
    valeurs: dict[str, Any] = {"url": "https://exemple.fr/", "cadence": "PT6H", "mode": "complet", "version": 1}
    ids = [f"source-{rang:03d}" for rang in range(nombre)]
    async with base.write() as session:
        for id in ids:
            await repository.inscrire(session, id, {**valeurs, "prochain_le": le - timedelta(minutes=1)})
        await repository.inscrire(session, "plus-tard", {**valeurs, "prochain_le": le + timedelta(hours=1)})
    return ids


async def taches(base: Database) -> int:
    async with base.read() as session:
        nombre = await session.scalar(select(func.count()).select_from(Tache).where(col(Tache.type) == TIRER))
        return int(nombre or 0)


async def test_ce_qui_est_du_est_promis_une_fois_et_le_reste_attend(url_base: str) -> None:
    base, horloge = Database(url_base), HorlogeReglable()
    await migrer(base, DOSSIER)
    reveils: list[int] = []
    planificateur = Planificateur(base, horloge=horloge, reveiller=lambda: reveils.append(1))
    await semer(base, 3, MIDI)
    assert [await planificateur.regarder() for _ in range(3)] == [3, 0, 0]
    assert (await taches(base), reveils) == (3, [1])
    horloge.avancer(minutes=31)  # none was done: the promise is made again
    assert await planificateur.regarder() == 3
    horloge.avancer(minutes=29)
    assert await planificateur.regarder() == 1
    await base.fermer()


@pytest.mark.postgresql
async def test_deux_processus_ne_tirent_chaque_source_qu_une_fois(url_postgresql: str) -> None:
    base = Database(url_postgresql)
    await migrer(base, DOSSIER)
    ids = await semer(base, 40, datetime.now(UTC))

    def tourner() -> list[list[str]]:
        processus = [
            subprocess.Popen(
                [sys.executable, "-c", TOUR, url_postgresql], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for _ in range(2)
        ]
        for p in processus:
            assert p.stdout is not None
            assert p.stdout.readline() == "pret\n"
        return [sortie.split() for sortie in _ensemble(processus)]

    faits = await asyncio.to_thread(tourner)
    assert sorted(faits[0] + faits[1]) == ids
    print(f"\n{len(ids)} sources dues, {len(faits[0])} et {len(faits[1])} tirées par deux processus, 0 en double")
    await base.fermer()


def _ensemble(processus: list[subprocess.Popen[str]]) -> list[str]:
    for p in processus:
        assert p.stdin is not None
        p.stdin.write("\n")
        p.stdin.flush()
    sorties = [p.communicate(timeout=60)[0] for p in processus]
    assert [p.returncode for p in processus] == [0, 0]
    return sorties


@pytest.mark.postgresql
async def test_sans_le_verrou_deux_planificateurs_promettent_deux_fois(
    url_postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = Database(url_postgresql)
    await migrer(base, DOSSIER)
    horloge = HorlogeReglable()
    await semer(base, 3, MIDI)
    dus = repository.dus

    async def lentement(*args: Any, **options: Any) -> Any:
        trouves = await dus(*args, **options)
        await asyncio.sleep(0.05)
        return trouves

    monkeypatch.setattr(service.repository, "dus", lentement)

    async def a_deux() -> int:
        planificateurs = [Planificateur(base, horloge=horloge, reveiller=lambda: None) for _ in range(2)]
        return sum(await asyncio.gather(*(p.regarder() for p in planificateurs)))

    assert await a_deux() == 3
    horloge.avancer(minutes=31)

    async def sans_verrou(*_: object) -> None:
        return None

    monkeypatch.setattr("socle.donnees.db.WriteSession.seul", sans_verrou)
    assert await a_deux() > 3
    await base.fermer()


async def test_une_panne_de_la_base_n_arrete_pas_l_horloge(url_base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    base = Database(url_base)  # not migrated: every look fails
    regards: list[int] = []
    regarder, assez = Planificateur.regarder, asyncio.Event()

    async def compter(self: Planificateur) -> int:
        regards.append(1)
        if len(regards) == 3:
            assez.set()
        return await regarder(self)

    monkeypatch.setattr(module, "PAUSE", 0.001)
    monkeypatch.setattr(Planificateur, "regarder", compter)
    tache = asyncio.create_task(Planificateur(base, horloge=HorlogeReglable(), reveiller=lambda: None).tourner())
    async with asyncio.timeout(20):
        await assez.wait()
    tache.cancel()
    await asyncio.wait([tache])
    await base.fermer()
