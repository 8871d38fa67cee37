"""Has anything been committed since? Asked before each hot reading, so the answer must cost microseconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import select
from sqlmodel import col

from socle.donnees.db import Database, ReadSession, sqlite_api
from socle.donnees.feed import EPOQUE
from socle.donnees.tables import Compteur

Compteurs = Mapping[str, int]
"""Every counter by name, its epoch included; two readings with nothing between them are the same object."""

RETARD = 1.0
"""Seconds by which PostgreSQL may be ahead of what a process answers, where another process has written."""


class Temoin(Protocol):
    """Watches the counters of a database."""

    def lire(self) -> Compteurs | None:
        """Return the counters as they are now, or `None` when only a query can tell."""

    def noter(self, compteurs: Compteurs, depuis: float) -> None:
        """Take counters just read by a query that began at `depuis` (monotonic seconds)."""

    async def tourner(self) -> None:
        """Keep the knowledge fresh, for as long as the service lives."""


class TemoinSqlite:
    """Strict: `PRAGMA data_version` moves with any commit of any process, and costs 3 µs.

    The connection is its own and is read in the thread of the event loop: it never waits, for a lock or for anybody.
    """

    def __init__(self, chemin: Path) -> None:
        self._chemin = chemin
        self._connexion: Any = None
        self._version = -1
        self._compteurs: Compteurs | None = None

    def lire(self) -> Compteurs | None:
        """Return the counters as they are now; `None` while the journal is locked."""
        try:
            if self._connexion is None:
                self._connexion = sqlite_api.connect(
                    f"file:{self._chemin}?mode=ro", uri=True, timeout=0, isolation_level=None, check_same_thread=False
                )
            ((version,),) = self._connexion.execute("PRAGMA data_version")
            if version != self._version or self._compteurs is None:
                # read after the version: a commit between the two is seen again by the next reading
                lus = {nom: epoque * EPOQUE + n for nom, epoque, n in self._connexion.execute(_LIRE)}
                if lus != self._compteurs:
                    self._compteurs = lus
                self._version = version
        except sqlite_api.Error:
            return None
        return self._compteurs

    def noter(self, compteurs: Compteurs, depuis: float) -> None:
        """Nothing to take: the file itself is asked each time."""

    async def tourner(self) -> None:
        """Nothing to keep."""

    def fermer(self) -> None:
        """Leave the file."""
        if self._connexion is not None:
            self._connexion.close()
            self._connexion = None


_LIRE = "SELECT nom, epoque, n FROM socle_compteurs"


class TemoinDistant:
    """At most `retard` seconds behind: the counters are asked several times in that time, by one query for everyone.

    What this process commits is seen at once.
    """

    def __init__(
        self, base: Database, *, retard: float = RETARD, horloge: Callable[[], float] = time.monotonic
    ) -> None:
        self._base, self._retard, self._horloge = base, retard, horloge
        base.temoins.append(self.douter)
        self._compteurs: Compteurs | None = None
        self._lus_le = float("-inf")
        self._doute_le = float("-inf")

    def lire(self) -> Compteurs | None:
        """Return the counters read last, while they are recent enough."""
        return self._compteurs if self._horloge() - self._lus_le < self._retard else None

    def noter(self, compteurs: Compteurs, depuis: float) -> None:
        """Take counters read by a query that began at `depuis`, unless this process has committed since."""
        if depuis < self._doute_le or depuis < self._lus_le:
            return
        if compteurs != self._compteurs:
            self._compteurs = compteurs
        self._lus_le = depuis

    def douter(self) -> None:
        """Forget what is known: this process has just committed."""
        self._doute_le, self._lus_le = self._horloge(), float("-inf")

    async def tourner(self) -> None:
        """Read the counters four times a delay; a database that does not answer leaves readers to ask it."""
        while True:
            depuis = self._horloge()
            try:
                async with self._base.read() as session:
                    compteurs = await lire_compteurs(session)
            except Exception:
                # whoever reads next meets the same fault and says it
                await asyncio.sleep(self._retard)
            else:
                self.noter(compteurs, depuis)
                await asyncio.sleep(self._retard / 4)

    def fermer(self) -> None:
        """Nothing to leave."""


def temoin(base: Database) -> TemoinSqlite | TemoinDistant:
    """Choose by engine."""
    return TemoinDistant(base) if base.chemin is None else TemoinSqlite(base.chemin)


async def lire_compteurs(session: ReadSession) -> Compteurs:
    """Read every counter."""
    lignes = await session.execute(select(col(Compteur.nom), col(Compteur.epoque), col(Compteur.n)))
    return {ligne.nom: ligne.epoque * EPOQUE + ligne.n for ligne in lignes}
