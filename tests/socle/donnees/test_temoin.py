"""The witness of commits: strict on SQLite, at most a delay behind on PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from socle.donnees import feed, temoin
from socle.donnees.db import Database
from socle.donnees.documents import Document
from socle.donnees.temoin import TemoinDistant, TemoinSqlite

from tests.fabriques.bases import MIDI, base_du_socle

pytestmark = pytest.mark.anyio


async def publier(base: Database) -> int:
    async with base.write() as session:
        await feed.publier(session, "chose", {uuid4(): Document.de({"nom": "chose"})}, le=MIDI)
    async with base.read() as session:
        return await feed.dernier_numero(session)


class Horloge:
    def __init__(self) -> None:
        self.t = 100.0

    def __call__(self) -> float:
        return self.t


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    async with base_du_socle(f"sqlite:{tmp_path / 'base.db'}") as base:
        yield base


async def test_sur_sqlite_chaque_commit_se_voit_aussitot_meme_d_un_autre_processus(sqlite: Database) -> None:
    assert sqlite.chemin is not None
    vu = TemoinSqlite(sqlite.chemin)
    autre = Database(sqlite.url)
    for base in (sqlite, autre) * 10:
        numero = await publier(base)
        compteurs = vu.lire()
        assert compteurs is not None
        assert compteurs["changements"] == numero
    await autre.fermer()
    vu.fermer()


async def test_rien_de_neuf_est_le_meme_objet_et_ne_lit_pas_les_compteurs(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sqlite.chemin is not None
    await publier(sqlite)
    vu = TemoinSqlite(sqlite.chemin)
    premiers = vu.lire()
    monkeypatch.setattr(temoin, "_LIRE", "SELECT jamais")
    assert vu.lire() is premiers
    # what the guard protects: once something is committed, the counters are asked again
    await publier(sqlite)
    assert vu.lire() is None
    vu.fermer()


async def test_une_base_absente_n_est_pas_une_faute(tmp_path: Path) -> None:
    assert TemoinSqlite(tmp_path / "absente.db").lire() is None


async def test_a_distance_les_compteurs_valent_le_temps_du_retard(sqlite: Database) -> None:
    horloge = Horloge()
    vu = TemoinDistant(sqlite, retard=1.0, horloge=horloge)
    assert vu.lire() is None
    vu.noter({"changements": 3}, horloge.t)
    horloge.t += 0.99
    assert vu.lire() == {"changements": 3}
    horloge.t += 0.01
    assert vu.lire() is None


async def test_a_distance_un_commit_d_ici_rend_les_compteurs_douteux(sqlite: Database) -> None:
    horloge = Horloge()
    vu = TemoinDistant(sqlite, horloge=horloge)
    vu.noter({"changements": 1}, horloge.t)
    horloge.t += 0.1
    await publier(sqlite)
    assert vu.lire() is None
    # a query that began before this commit may not have seen it
    vu.noter({"changements": 1}, horloge.t - 0.05)
    assert vu.lire() is None
    vu.noter({"changements": 2}, horloge.t)
    assert vu.lire() == {"changements": 2}


async def test_a_distance_une_lecture_lente_ne_remplace_pas_une_plus_recente(sqlite: Database) -> None:
    horloge = Horloge()
    vu = TemoinDistant(sqlite, horloge=horloge)
    vu.noter({"changements": 5}, horloge.t)
    vu.noter({"changements": 4}, horloge.t - 0.5)
    assert vu.lire() == {"changements": 5}


async def test_a_distance_les_compteurs_se_relisent_tout_seuls(sqlite: Database) -> None:
    autre = Database(sqlite.url)
    vu = TemoinDistant(sqlite, retard=0.2)
    tache = asyncio.create_task(vu.tourner())
    numero = await publier(autre)
    async with asyncio.timeout(10):
        while (vu.lire() or {}).get("changements") != numero:  # noqa: ASYNC110 - nothing signals what it saw
            await asyncio.sleep(0.01)
    tache.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await tache
    await autre.fermer()
