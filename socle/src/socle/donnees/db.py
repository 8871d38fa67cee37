"""The database behind one seam: SQLite or PostgreSQL by URL, read and write sessions, the only `commit` of the project.

A URL is `sqlite:chemin/vers/fichier.db`, `sqlite::memory:` is not offered (readers and the writer share a file), or
`postgresql://utilisateur:secret@hote/base`. Nothing above this module knows which engine runs.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import aiosqlite
from sqlalchemy import event, func, select, text
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_dbapi
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as ReserveVide
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from socle.errors import Indisponible

try:  # the wheel brings a SQLite without the WAL reset race; the standard library's is the fallback
    from pysqlite3 import dbapi2 as sqlite_api
except ImportError:  # pragma: no cover - only where the wheel does not exist
    import sqlite3 as sqlite_api

__all__ = ["BaseDejaTenue", "BaseOccupee", "Database", "ReadSession", "WriteSession", "repond", "sqlite_api"]

DernierGeste = Callable[["WriteSession"], Awaitable[None]]

ATTENTE_ECRIVAIN = 30.0
"""Seconds that a write waits for its turn before it is refused (503), behind this process or behind another."""


class ReadSession(AsyncSession):
    """A session that reads. On both engines the connection itself refuses to write."""


class WriteSession(ReadSession):
    """A session that writes: one transaction, committed by `Database.write` only.

    `dernier_geste` registers what must happen last in the transaction (change numbers, chained audit): gestures
    run once, in increasing `rang`, after the final flush and just before the commit.
    """

    def dernier_geste(self, rang: int, geste: DernierGeste) -> None:
        """Register a gesture at the edge of the transaction; the same `rang` is registered once."""
        self.info.setdefault("derniers_gestes", {}).setdefault(rang, geste)

    async def seul(self, nom: str) -> None:
        """Wait to be the only transaction that holds this name, and hold it until the commit.

        What two transactions must not do at once (read, decide, write) takes a name. SQLite has one writer anyway.
        """
        if self.get_bind().dialect.name == "postgresql":
            tour = int.from_bytes(hashlib.sha256(nom.encode()).digest()[:8], "big", signed=True)
            await self.execute(select(func.pg_advisory_xact_lock(tour)))

    def apres_commit(self, geste: Callable[[], None]) -> None:
        """Register a wake-up to run once the commit is durable (never work that must not be lost)."""
        self.info.setdefault("apres_commit", []).append(geste)


class BaseOccupee(Indisponible):
    code, titre = "base-occupee", "La base de données est occupée"


class BaseDejaTenue(Exception):
    """Another process owns this SQLite file; the message says what to do."""


class Database:
    """One service's database.

    `read()` gives a `ReadSession` in autocommit, or one frozen snapshot with `instantane=True`; `write()` gives a
    `WriteSession` and commits when the block ends without an exception.
    """

    def __init__(self, url: str, *, lecteurs: int = 4) -> None:
        self.url = url
        self.dialecte = "sqlite" if url.startswith("sqlite:") else "postgresql"
        self._tour = asyncio.Lock()
        self._verrou: int | None = None
        self._ecritures = 0
        self.temoins: list[Callable[[], None]] = []
        """Called after each transaction of this process that may have committed."""
        if self.dialecte == "sqlite":
            self.chemin: Path | None = Path(url.removeprefix("sqlite:").removeprefix("//"))
            self.chemin.parent.mkdir(parents=True, exist_ok=True)
            self._ecriture = _moteur_sqlite(self.chemin, ecrit=True, taille=1)
            self._lecture = _moteur_sqlite(self.chemin, ecrit=False, taille=lecteurs)
        elif url.startswith(("postgresql:", "postgresql+asyncpg:")):
            self.chemin = None
            self._ecriture = _moteur_postgresql(url, ecrit=True, taille=4)
            self._lecture = _moteur_postgresql(url, ecrit=False, taille=lecteurs)
        else:
            raise ValueError(f"URL de base inconnue : {url.split(':', 1)[0]}: (attendu : sqlite: ou postgresql:)")

    @property
    def moteur(self) -> AsyncEngine:
        """The writing engine, for migrations only."""
        return self._ecriture

    @property
    def mode(self) -> str:
        """Say which engine runs and how it keeps commits, for `/sante/pret`."""
        if self.dialecte == "postgresql":
            return "postgresql"
        return f"sqlite {sqlite_api.sqlite_version} ({_journal()}, synchronous=FULL)"

    @property
    def ecrit(self) -> bool:
        """Whether this process is writing: who works for later lets it go first."""
        return self._ecritures > 0

    @asynccontextmanager
    async def read(self, *, instantane: bool = False) -> AsyncIterator[ReadSession]:
        """Open a read session; `instantane` freezes one snapshot for its whole life (page + count, export)."""
        moteur = self._lecture
        if self.dialecte == "postgresql":
            moteur = moteur.execution_options(isolation_level="REPEATABLE READ" if instantane else "AUTOCOMMIT")
        elif instantane:
            moteur = moteur.execution_options(instantane=True)
        async with ReadSession(moteur, expire_on_commit=False, autoflush=False) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """Open a write session, one transaction; commit at the end, roll back on any exception.

        Raises `BaseOccupee` (503) when the turn does not come within `ATTENTE_ECRIVAIN` seconds.
        """
        async with self._un_seul_ecrivain(), WriteSession(self._ecriture, expire_on_commit=False) as session:
            self._ecritures += 1
            try:
                yield session
                await session.flush()
                gestes: dict[int, DernierGeste] = session.info.pop("derniers_gestes", {})
                for rang in sorted(gestes):
                    await gestes[rang](session)
                await session.commit()
            except (DBAPIError, ReserveVide) as erreur:
                if isinstance(erreur, ReserveVide) or _occupee(erreur):
                    raise BaseOccupee("Réessayez dans quelques secondes.", entetes={"Retry-After": "2"}) from erreur
                raise
            finally:
                self._ecritures -= 1
                # whatever the end, a commit may have happened
                for temoin in self.temoins:
                    temoin()
            for reveil in session.info.pop("apres_commit", ()):
                reveil()

    @asynccontextmanager
    async def _un_seul_ecrivain(self) -> AsyncIterator[None]:
        """Queue writers of this process in order of arrival; PostgreSQL needs no such turn."""
        if self.dialecte == "postgresql":
            yield
            return
        try:
            async with asyncio.timeout(ATTENTE_ECRIVAIN):
                await self._tour.acquire()
        except TimeoutError:
            raise BaseOccupee("Une écriture longue est en cours.", entetes={"Retry-After": "5"}) from None
        try:
            yield
        finally:
            self._tour.release()

    def prendre_propriete(self) -> None:
        """Become the one process that writes to this SQLite file (nothing to do on PostgreSQL).

        Raises `BaseDejaTenue` when another process holds it. The lock falls with the process, even killed.
        """
        if self.chemin is None or self._verrou is not None:
            return
        descripteur = os.open(f"{self.chemin}.proprietaire", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descripteur, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descripteur)
            raise BaseDejaTenue(
                f"La base {self.chemin.name} est déjà ouverte par un autre processus. "
                "Arrêtez-le, ou passez par son API."
            ) from None
        self._verrou = descripteur

    async def fermer(self) -> None:
        """Close every connection; the writer checkpoints the journal as it leaves."""
        await self._lecture.dispose()
        await self._ecriture.dispose()
        if self._verrou is not None:
            os.close(self._verrou)
            self._verrou = None


def _journal() -> str:
    """Choose the journal: WAL where its reset race is fixed (3.51.3, 3.50.7, 3.44.6), else the rollback journal.

    Source: sqlite.org/wal.html, « the WAL reset bug » (versions 3.7.0 to 3.51.2). The rollback journal makes readers
    wait for the writer, and loses nothing.
    """
    version = sqlite_api.sqlite_version_info
    corrigee = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)
    return "WAL" if corrigee else "TRUNCATE"


def _interface_sqlite() -> AsyncAdapt_aiosqlite_dbapi:
    """Adapt the wheel's SQLite to SQLAlchemy; its error classes too, or IntegrityError would escape unwrapped."""
    interface = AsyncAdapt_aiosqlite_dbapi(aiosqlite, cast(Any, sqlite_api))
    for nom in ("DatabaseError", "Error", "IntegrityError", "NotSupportedError", "OperationalError",
                "ProgrammingError", "sqlite_version", "sqlite_version_info"):  # fmt: skip
        setattr(interface, nom, getattr(sqlite_api, nom))
    return interface


def _moteur_sqlite(chemin: Path, *, ecrit: bool, taille: int) -> AsyncEngine:
    async def connecter(*_args: Any, **_options: Any) -> aiosqlite.Connection:
        connexion = aiosqlite.Connection(
            lambda: sqlite_api.connect(str(chemin), isolation_level=None, check_same_thread=False), 256
        )
        connexion._thread.daemon = True  # a forgotten connection must never keep the process alive
        return await connexion

    moteur = create_async_engine(
        "sqlite+aiosqlite://",
        module=_interface_sqlite(),
        async_creator=connecter,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=taille,
        max_overflow=0,
        pool_timeout=ATTENTE_ECRIVAIN,
        hide_parameters=True,  # an error message must not carry the values of a row
    )

    @event.listens_for(moteur.sync_engine, "connect")
    def regler(connexion: Any, _enregistrement: Any) -> None:
        curseur = connexion.cursor()
        for reglage in (
            f"journal_mode={_journal()}" if ecrit else "query_only=ON",
            "synchronous=FULL",
            "foreign_keys=ON",
            # writers of other processes queue as those of this one do; a reader meets only short exclusive locks
            f"busy_timeout={int(ATTENTE_ECRIVAIN * 1000) if ecrit else 5000}",
            "trusted_schema=OFF",
            "temp_store=MEMORY",
            "cache_size=-8192",
            "wal_autocheckpoint=2000" if ecrit else "wal_autocheckpoint=0",
            "journal_size_limit=67108864",
        ):
            curseur.execute(f"PRAGMA {reglage}")
        curseur.close()

    @event.listens_for(moteur.sync_engine, "begin")
    def commencer(connexion: Any) -> None:
        # A write takes its lock at once, rather than fail when it upgrades. A plain read begins nothing: the driver
        # is in autocommit, so each statement sees the latest commit and no snapshot holds the journal back.
        if ecrit:
            connexion.exec_driver_sql("BEGIN IMMEDIATE")
        elif connexion.get_execution_options().get("instantane"):
            connexion.exec_driver_sql("BEGIN")

    return moteur


def _moteur_postgresql(url: str, *, ecrit: bool, taille: int) -> AsyncEngine:
    reglages = {
        "application_name": "maillage",
        "lock_timeout": "5000",
        "statement_timeout": "60000" if ecrit else "10000",
        "idle_in_transaction_session_timeout": "60000",
        "timezone": "UTC",
    }
    if not ecrit:
        reglages["default_transaction_read_only"] = "on"
    return create_async_engine(
        "postgresql+asyncpg:" + url.split(":", 1)[1],
        pool_size=taille,
        max_overflow=4,
        pool_timeout=ATTENTE_ECRIVAIN,
        hide_parameters=True,  # an error message must not carry the values of a row
        pool_pre_ping=True,
        connect_args={"server_settings": reglages},
    )


def _occupee(erreur: DBAPIError) -> bool:
    message = str(erreur.orig).lower()
    return "database is locked" in message or "lock timeout" in message or "deadlock detected" in message


async def repond(session: ReadSession) -> bool:
    """Ask the database for one row (readiness)."""
    return bool((await session.execute(text("SELECT 1"))).scalar_one() == 1)
