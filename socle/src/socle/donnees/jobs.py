"""Jobs: work promised in a transaction, done afterwards under a lease, resumed after a crash.

A job may run twice (a lease that ended, a process that died): its function must find out what is already done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Update, insert, or_, select, update
from sqlmodel import col

from socle.donnees.db import Database, WriteSession
from socle.donnees.tables import Tache
from socle.identifiants import uuid7

Execution = Callable[[dict[str, Any]], Awaitable[None]]
EchecFinal = Callable[[dict[str, Any], str], Awaitable[None]]

BAIL = timedelta(seconds=30)
ESSAIS_MAX = 10

journal = structlog.get_logger(__name__)


async def promettre(session: WriteSession, type: str, charge: dict[str, Any], *, le: datetime) -> UUID:
    """Write a job in the current transaction and return its id."""
    id = uuid7()
    await session.execute(
        insert(Tache).values(id=id, type=type, charge=charge, etat="a_faire", essais=0, prendre_apres=le, cree_le=le)
    )
    return id


class Ouvrier:
    """The worker loop of one process: takes jobs one at a time per type, under a lease that it renews.

    `executions` maps a type of job to its function, `echecs_finals` to the one told that it failed ten times.
    """

    def __init__(
        self, base: Database, executions: Mapping[str, Execution], *, horloge: Callable[[], datetime],
        pause: float = 1.0, echecs_finals: Mapping[str, EchecFinal] | None = None,
    ) -> None:  # fmt: skip
        self._base, self._executions, self._horloge, self._pause = base, dict(executions), horloge, pause
        self._echecs_finals = dict(echecs_finals or {})
        self._nom = uuid7().hex
        self._reveil = asyncio.Event()

    def reveiller(self) -> None:
        """Say that a commit promised a job."""
        self._reveil.set()

    async def reprendre(self) -> None:
        """Free every lease: this process has just become the only owner of the database."""
        async with self._base.write() as session:
            await session.execute(
                update(Tache).where(col(Tache.etat) == "en_cours").values(etat="a_faire", bail_jusqu_a=None)
            )

    async def tourner(self) -> None:
        """Work for ever; a fault of the database is waited out, never fatal."""
        while True:
            self._reveil.clear()
            try:
                fait = await self.travailler()
            except Exception:
                journal.exception("ouvrier.interrompu")
                fait = False
            if not fait:
                try:
                    async with asyncio.timeout(self._pause):
                        await self._reveil.wait()
                except TimeoutError:
                    continue

    async def travailler(self) -> bool:
        """Take one job and do it; return whether there was one."""
        tache = await self._prendre()
        if tache is None:
            return False
        if tache.essais > ESSAIS_MAX:  # its process died at each try: nothing was left to note the failure
            await self._echouer(tache, "Le processus s'est arrêté à chaque essai.")
            return True
        bail = asyncio.create_task(self._tenir(tache.id))
        try:
            await self._executions[tache.type](tache.charge)
        except Exception as erreur:
            journal.exception("tache.echouee", type=tache.type, tache=str(tache.id))
            await self._echouer(tache, f"{type(erreur).__name__}: {erreur}"[:500])
        else:
            async with self._base.write() as session:
                await session.execute(self._sienne(tache.id).values(etat="faite", bail_jusqu_a=None))
        finally:
            bail.cancel()
        return True

    def _sienne(self, id: UUID) -> Update:
        """Bear on this job only as long as this worker holds it: one whose lease ended may be in other hands."""
        return update(Tache).where(
            col(Tache.id) == id, col(Tache.etat) == "en_cours", col(Tache.proprietaire) == self._nom
        )

    async def _prendre(self) -> Any:
        maintenant = self._horloge()
        libre = (
            select(col(Tache.id))
            .where(
                col(Tache.type).in_(list(self._executions)),
                col(Tache.prendre_apres) <= maintenant,
                or_(
                    col(Tache.etat) == "a_faire",
                    (col(Tache.etat) == "en_cours") & (col(Tache.bail_jusqu_a) < maintenant),
                ),
            )
            .order_by(col(Tache.prendre_apres), col(Tache.id))
            .limit(1)
        )
        # the queue is nearly always empty: look without taking the writer's turn
        async with self._base.read() as lecture:
            if (await lecture.execute(libre)).first() is None:
                return None
        async with self._base.write() as session:
            id = await session.scalar(libre.with_for_update(skip_locked=True))
            if id is None:
                return None
            return (
                await session.execute(
                    update(Tache)
                    .where(col(Tache.id) == id)
                    .values(
                        etat="en_cours", proprietaire=self._nom, bail_jusqu_a=maintenant + BAIL,
                        essais=col(Tache.essais) + 1,
                    )
                    .returning(col(Tache.id), col(Tache.type), col(Tache.charge), col(Tache.essais))
                )
            ).one()  # fmt: skip

    async def _tenir(self, id: UUID) -> None:
        while True:
            await asyncio.sleep(BAIL.total_seconds() / 3)
            try:
                async with self._base.write() as session:
                    await session.execute(self._sienne(id).values(bail_jusqu_a=self._horloge() + BAIL))
            except Exception:  # two more chances before the lease ends
                journal.exception("bail.interrompu", tache=str(id))

    async def _echouer(self, tache: Any, erreur: str) -> None:
        morte = tache.essais >= ESSAIS_MAX
        async with self._base.write() as session:
            notee = await session.execute(
                self._sienne(tache.id)
                .values(
                    etat="morte" if morte else "a_faire", erreur=erreur, bail_jusqu_a=None,
                    prendre_apres=self._horloge() + timedelta(seconds=min(2**tache.essais, 600)),
                )
                .returning(col(Tache.id))
            )  # fmt: skip
            morte = morte and notee.first() is not None
        if morte and tache.type in self._echecs_finals:
            await self._echecs_finals[tache.type](tache.charge, erreur)
