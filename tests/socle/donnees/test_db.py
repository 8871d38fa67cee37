"""Sessions and transactions: the same promises on both engines."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
from socle.donnees import db
from socle.donnees.db import BaseDejaTenue, BaseOccupee, Database, WriteSession, repond
from socle.donnees.tables import Epoque, LigneAudit
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlmodel import col

from tests.fabriques.bases import MIDI, base_du_socle, compter

pytestmark = pytest.mark.anyio


@pytest.fixture
async def base(url_base: str) -> AsyncIterator[Database]:
    async with base_du_socle(url_base) as base:
        yield base


async def ecrire_puis_echouer(base: Database, *gestes: db.DernierGeste) -> None:
    """Write a row in a transaction that a gesture, or else the caller, brings down."""
    async with base.write() as session:
        await inserer(session, 1)
        for rang, geste in enumerate(gestes):
            session.dernier_geste(rang, geste)
        if not gestes:
            raise LookupError


async def inserer(session: WriteSession, numero: int, le: datetime = MIDI) -> None:
    await session.execute(insert(Epoque).values(epoque=numero, n_restaure=0, le=le))


async def test_la_transaction_est_validee_a_la_sortie_du_bloc(base: Database) -> None:
    async with base.write() as session:
        await inserer(session, 1)
        assert await compter(base, "socle_epoques") == 0
    assert await compter(base, "socle_epoques") == 1


async def test_une_base_dit_qu_elle_ecrit_jusqu_a_la_fin_de_la_transaction(base: Database) -> None:
    assert not base.ecrit
    async with base.write():
        assert base.ecrit
    assert not base.ecrit
    with pytest.raises(LookupError):
        await ecrire_puis_echouer(base)
    assert not base.ecrit


async def test_une_exception_annule_tout(base: Database) -> None:
    with pytest.raises(LookupError):
        await ecrire_puis_echouer(base)
    assert await compter(base, "socle_epoques") == 0


async def test_une_annulation_de_la_tache_annule_tout_et_rend_son_tour(base: Database) -> None:
    entree = asyncio.Event()

    async def ecrire() -> None:
        async with base.write() as session:
            await inserer(session, 1)
            entree.set()
            await asyncio.Event().wait()

    tache = asyncio.create_task(ecrire())
    await entree.wait()
    tache.cancel()
    with pytest.raises(asyncio.CancelledError):
        await tache
    async with base.write() as session:
        await inserer(session, 2)
    assert await compter(base, "socle_epoques", "epoque = 1") == 0
    assert await compter(base, "socle_epoques") == 1


async def test_les_derniers_gestes_passent_par_rang_une_fois_chacun(base: Database) -> None:
    passes: list[int] = []

    def geste(rang: int) -> db.DernierGeste:
        async def noter(session: WriteSession) -> None:
            await session.execute(text("SELECT 1"))
            passes.append(rang)

        return noter

    async with base.write() as session:
        for rang in (90, 10, 90, 50):
            session.dernier_geste(rang, geste(rang))
        assert passes == []
    assert passes == [10, 50, 90]


async def test_un_dernier_geste_qui_echoue_annule_tout(base: Database) -> None:
    async def echouer(_: WriteSession) -> None:
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await ecrire_puis_echouer(base, echouer)
    assert await compter(base, "socle_epoques") == 0


async def test_le_reveil_ne_sonne_qu_une_fois_la_transaction_durable(base: Database) -> None:
    vus: list[str] = []
    async with base.write() as session:
        session.apres_commit(lambda: vus.append("reveil"))
        assert vus == []
    assert vus == ["reveil"]


async def test_le_reveil_d_une_transaction_annulee_ne_sonne_pas(base: Database) -> None:
    vus: list[str] = []

    async def echouer(session: WriteSession) -> None:
        session.apres_commit(lambda: vus.append("jamais"))
        raise LookupError

    with pytest.raises(LookupError):
        await ecrire_puis_echouer(base, echouer)
    assert vus == []


@pytest.mark.parametrize("instantane", [False, True])
async def test_une_session_de_lecture_refuse_d_ecrire(base: Database, instantane: bool) -> None:
    async with base.read(instantane=instantane) as session:
        with pytest.raises(DBAPIError):
            await session.execute(insert(Epoque).values(epoque=1, n_restaure=0, le=MIDI))
    assert await compter(base, "socle_epoques") == 0


async def test_un_instantane_ne_voit_pas_ce_qui_le_suit(base: Database) -> None:
    async with base.read(instantane=True) as fige, base.read() as courant:
        comptage = text("SELECT count(*) FROM socle_epoques")
        assert (await fige.execute(comptage)).scalar_one() == 0
        async with base.write() as session:
            await inserer(session, 1)
        assert (await fige.execute(comptage)).scalar_one() == 0
        assert (await courant.execute(comptage)).scalar_one() == 1


async def test_cinquante_ecrivains_passent_tous(base: Database) -> None:
    async def ecrire(numero: int) -> None:
        async with base.write() as session:
            await inserer(session, numero)

    await asyncio.gather(*(ecrire(numero) for numero in range(1, 51)))
    assert await compter(base, "socle_epoques") == 50


async def test_les_ecrivains_d_un_processus_passent_dans_l_ordre_d_arrivee(tmp_path: Path) -> None:
    passages: list[int] = []
    async with base_du_socle(f"sqlite:{tmp_path / 'base.db'}") as base:

        async def ecrire(numero: int) -> None:
            async with base.write() as session:
                await inserer(session, numero)
                passages.append(numero)

        await asyncio.gather(*(ecrire(numero) for numero in range(20)))
    assert passages == list(range(20))


async def test_un_tour_qui_ne_vient_pas_est_un_refus_qui_dit_de_revenir(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "ATTENTE_ECRIVAIN", 0.01)
    async with base_du_socle(f"sqlite:{tmp_path / 'base.db'}") as base, base.write():
        with pytest.raises(BaseOccupee) as refus:
            async with base.write():
                pass
    assert refus.value.statut == 503
    assert int(refus.value.entetes["Retry-After"]) > 0


async def test_un_autre_processus_qui_ecrit_trop_longtemps_est_un_refus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:{tmp_path / 'base.db'}"
    async with base_du_socle(url) as base:
        monkeypatch.setattr(db, "ATTENTE_ECRIVAIN", 0.05)
        autre = Database(url)
        async with base.write() as session:
            await inserer(session, 1)
            with pytest.raises(BaseOccupee) as refus:
                async with autre.write() as seconde:
                    await inserer(seconde, 2)
        await autre.fermer()
    assert "Retry-After" in refus.value.entetes


@pytest.mark.postgresql
async def test_une_reserve_de_connexions_vide_est_un_refus(
    url_postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "ATTENTE_ECRIVAIN", 0.05)
    async with base_du_socle(url_postgresql) as base:
        libre, toutes = asyncio.Event(), asyncio.Barrier(9)

        async def tenir() -> None:
            async with base.write() as session:
                await session.execute(text("SELECT 1"))
                await toutes.wait()
                await libre.wait()

        async with asyncio.TaskGroup() as groupe:
            for _ in range(8):
                groupe.create_task(tenir())
            await toutes.wait()
            with pytest.raises(BaseOccupee):
                async with base.write() as session:
                    await session.execute(text("SELECT 1"))
            libre.set()


async def test_un_doublon_est_une_integrity_error_de_sqlalchemy(base: Database) -> None:
    async with base.write() as session:
        await inserer(session, 1)
    with pytest.raises(IntegrityError):
        async with base.write() as session:
            await inserer(session, 1)


async def test_un_instant_revient_en_utc_a_la_microseconde(base: Database) -> None:
    instant = datetime(2026, 3, 29, 3, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-9, minutes=-30)))
    async with base.write() as session:
        await inserer(session, 1, instant)
    async with base.read() as session:
        lu = (await session.execute(select(col(Epoque.le)))).scalar_one()
    assert lu == instant
    assert lu.tzinfo is UTC


async def test_un_instant_sans_fuseau_est_refuse(base: Database) -> None:
    with pytest.raises(StatementError, match="sans fuseau"):
        async with base.write() as session:
            await inserer(session, 1, datetime(2026, 11, 24, 12))  # noqa: DTZ001
    assert await compter(base, "socle_epoques") == 0


async def test_le_texte_se_trie_par_point_de_code(base: Database) -> None:
    objets = ["a", "Z", "é", "z", "_", "É", "œ", "0", "😀", "\ufb01"]
    async with base.write() as session:
        await session.execute(
            insert(LigneAudit),
            [
                {"seq": rang, "le": MIDI, "acteur": "a", "action": "a", "objet": objet, "precedent": "", "h": ""}
                for rang, objet in enumerate(objets)
            ],
        )
    async with base.read() as session:
        tries = (await session.scalars(select(col(LigneAudit.objet)).order_by(col(LigneAudit.objet)))).all()
    assert list(tries) == sorted(objets)


async def test_la_base_dit_quel_moteur_tourne(base: Database) -> None:
    assert base.mode.startswith(base.dialecte)
    async with base.read() as session:
        assert await repond(session)


@pytest.mark.parametrize(
    ("version", "attendu"),
    [
        ((3, 40, 1), "TRUNCATE"), ((3, 44, 5), "TRUNCATE"), ((3, 44, 6), "WAL"), ((3, 45, 0), "TRUNCATE"),
        ((3, 46, 1), "TRUNCATE"), ((3, 50, 6), "TRUNCATE"), ((3, 50, 7), "WAL"), ((3, 51, 0), "TRUNCATE"),
        ((3, 51, 2), "TRUNCATE"), ((3, 51, 3), "WAL"), ((3, 53, 4), "WAL"),
    ],
)  # fmt: skip
async def test_le_journal_suit_la_version_de_sqlite(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int], attendu: str
) -> None:
    monkeypatch.setattr(db.sqlite_api, "sqlite_version_info", version)
    assert db._journal() == attendu


async def test_une_version_sujette_a_la_course_ecrit_sans_wal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.sqlite_api, "sqlite_version_info", (3, 46, 1))
    async with base_du_socle(f"sqlite:{tmp_path / 'base.db'}") as base:
        async with base.write() as session:
            await inserer(session, 1)
            assert (await session.execute(text("PRAGMA journal_mode"))).scalar_one() == "truncate"
        assert "TRUNCATE" in base.mode
        assert await compter(base, "socle_epoques") == 1
        assert not (tmp_path / "base.db-wal").exists()


@pytest.mark.parametrize(
    ("pragma", "ecrivain", "lecteur"),
    [("synchronous", 2, 2), ("foreign_keys", 1, 1), ("trusted_schema", 0, 0), ("query_only", 0, 1),
     ("busy_timeout", 30_000, 5_000), ("wal_autocheckpoint", 2000, 0)],
)  # fmt: skip
async def test_les_reglages_de_sqlite_sont_poses(tmp_path: Path, pragma: str, ecrivain: int, lecteur: int) -> None:
    async with base_du_socle(f"sqlite:{tmp_path / 'base.db'}") as base:
        async with base.write() as session:
            assert (await session.execute(text(f"PRAGMA {pragma}"))).scalar_one() == ecrivain
        async with base.read() as lecture:
            assert (await lecture.execute(text(f"PRAGMA {pragma}"))).scalar_one() == lecteur


def test_une_url_inconnue_est_refusee_sans_montrer_son_secret() -> None:
    with pytest.raises(ValueError, match=r"mysql: \(attendu") as refus:
        Database("mysql://compte:secret@hote/base")
    assert "secret" not in str(refus.value)


TENIR = """
import sys
from socle.donnees.db import Database
base = Database(sys.argv[1])
base.prendre_propriete()
print("tenue", flush=True)
sys.stdin.read()
"""


async def test_un_seul_processus_possede_la_base_et_la_rend_meme_tue(tmp_path: Path) -> None:
    url = f"sqlite:{tmp_path / 'base.db'}"
    base = Database(url)
    commande = [sys.executable, "-c", TENIR, url]
    with subprocess.Popen(  # noqa: ASYNC220 - a few lines of a test, alone in its loop
        commande, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": ":".join(sys.path)}
    ) as autre:
        assert autre.stdout is not None
        assert autre.stdout.readline() == "tenue\n"
        with pytest.raises(BaseDejaTenue, match=r"base\.db est déjà ouverte"):
            base.prendre_propriete()
        autre.kill()
    base.prendre_propriete()
    base.prendre_propriete()  # held already: nothing more to do
    await base.fermer()


async def test_la_propriete_rendue_peut_etre_reprise(tmp_path: Path) -> None:
    premiere, seconde = (Database(f"sqlite:{tmp_path / 'base.db'}") for _ in range(2))
    premiere.prendre_propriete()
    with pytest.raises(BaseDejaTenue):
        seconde.prendre_propriete()
    await premiere.fermer()
    seconde.prendre_propriete()
    await seconde.fermer()


async def test_un_uuid_revient_tel_quel(base: Database) -> None:
    from socle.donnees.tables import Tache

    id = uuid4()
    async with base.write() as session:
        await session.execute(
            insert(Tache).values(id=id, type="t", charge={"é": [1, None]}, etat="a", prendre_apres=MIDI, cree_le=MIDI)
        )
    async with base.read() as session:
        tache = (await session.scalars(select(Tache))).one()
    assert (tache.id, tache.charge) == (id, {"é": [1, None]})
