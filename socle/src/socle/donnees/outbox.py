"""The outbox and its relay: an event is written with the change, and delivered afterwards, at least once.

Events of one object are delivered in order; one that keeps failing is set aside after ten tries (visible,
replayable) and does not block the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, func, select, tuple_, update
from sqlmodel import col

from socle.donnees.db import Database, ReadSession, WriteSession
from socle.donnees.lots import Insertion
from socle.donnees.tables import Evenement

Abonne = Callable[[Sequence["Livraison"]], Awaitable[None]]

ESSAIS_MAX = 10
LOT = 500
GARDE = timedelta(days=7)

_EMETTRE = Insertion(
    Evenement.__table__,  # type: ignore[attr-defined]
    ("type", "objet", "charge", "cree_le", "prendre_apres", "essais", "mort"),
)

journal = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Livraison:
    """An event as a subscriber receives it; `id` is the same at every delivery (deduplicate on it)."""

    id: int
    type: str
    objet: str
    charge: dict[str, Any]


async def emettre(
    session: WriteSession, type: str, objets: Sequence[tuple[str, dict[str, Any]]], *, le: datetime
) -> None:
    """Write events `(object id, payload)` of one type in the current transaction."""
    await _EMETTRE.executer(session, [(type, objet, charge, le, le, 0, False) for objet, charge in objets])


async def rejouer(session: WriteSession, ids: Sequence[int], *, le: datetime) -> None:
    """Put events set aside back in the queue, with all their tries before them."""
    await session.execute(
        update(Evenement)
        .where(col(Evenement.id).in_(ids), col(Evenement.mort))
        .values(mort=False, essais=0, prendre_apres=le)
    )


async def _prets(session: ReadSession, maintenant: datetime) -> Sequence[Any]:
    """Return the next events to deliver, in order, leaving out those of an object that waits for a new try.

    The choice is made in the database: however many events wait, they never fill the batch in front of the others.
    """
    attente = (col(Evenement.livre_le).is_(None), ~col(Evenement.mort))
    bloques = select(col(Evenement.type), col(Evenement.objet)).where(
        *attente, col(Evenement.prendre_apres) > maintenant
    )
    lignes = await session.execute(
        select(
            col(Evenement.id), col(Evenement.type), col(Evenement.objet), col(Evenement.charge), col(Evenement.essais)
        )
        .where(*attente, tuple_(col(Evenement.type), col(Evenement.objet)).not_in(bloques))
        .order_by(col(Evenement.id))
        .limit(LOT)
    )
    return lignes.all()


async def retard(session: ReadSession) -> dict[str, int]:
    """Count events waiting and set aside."""
    attente = await session.scalar(
        select(func.count()).select_from(Evenement).where(col(Evenement.livre_le).is_(None), ~col(Evenement.mort))
    )
    morts = await session.scalar(select(func.count()).select_from(Evenement).where(col(Evenement.mort)))
    return {"en_attente": attente or 0, "mis_de_cote": morts or 0}


class Relais:
    """The delivery loop of one service.

    `abonnes` maps a type of event to the function that receives a batch, in order. An event whose type nobody
    asks for is delivered by nature. `horloge` gives the current instant (UTC).
    """

    def __init__(
        self,
        base: Database,
        abonnes: Mapping[str, Abonne],
        *,
        horloge: Callable[[], datetime],
        pause: float = 1.0,
    ) -> None:
        self._base, self._abonnes, self._horloge, self._pause = base, dict(abonnes), horloge, pause
        self._reveil = asyncio.Event()

    def reveiller(self) -> None:
        """Say that a commit brought events."""
        self._reveil.set()

    async def tourner(self) -> None:
        """Deliver for ever; a fault of the database is waited out, never fatal."""
        while True:
            self._reveil.clear()
            try:
                livres = await self.livrer()
            except Exception:
                journal.exception("relais.interrompu")
                livres = 0
            if livres == 0:
                try:
                    async with asyncio.timeout(self._pause):
                        await self._reveil.wait()
                except TimeoutError:
                    continue

    async def livrer(self) -> int:
        """Deliver one batch and return how many events were settled.

        A failed batch is tried again event by event, so that the poisoned one alone is delayed, along with the
        later events of its own object.
        """
        maintenant = self._horloge()
        async with self._base.read() as session:
            prets = await _prets(session, maintenant)
        livres: list[int] = []
        echecs: list[tuple[int, int, str]] = []
        for type in dict.fromkeys(e.type for e in prets):
            lot = [e for e in prets if e.type == type]
            abonne = self._abonnes.get(type)
            if abonne is None or await self._essayer(abonne, lot) is None:
                livres += [e.id for e in lot]
                continue
            arretes: set[str] = set()
            for e in lot:
                if e.objet in arretes:
                    continue
                erreur = await self._essayer(abonne, [e])
                if erreur is None:
                    livres.append(e.id)
                else:
                    arretes.add(e.objet)
                    echecs.append((e.id, e.essais + 1, erreur))
        await self._noter(livres, echecs, maintenant)
        return len(livres)

    async def _essayer(self, abonne: Abonne, lot: Sequence[Any]) -> str | None:
        try:
            await abonne([Livraison(e.id, e.type, e.objet, e.charge) for e in lot])
        except Exception as erreur:
            return f"{type(erreur).__name__}: {erreur}"[:500]
        return None

    async def _noter(self, livres: list[int], echecs: list[tuple[int, int, str]], le: datetime) -> None:
        if not livres and not echecs:
            return
        async with self._base.write() as session:
            if livres:
                await session.execute(update(Evenement).where(col(Evenement.id).in_(livres)).values(livre_le=le))
            for id, essais, erreur in echecs:
                await session.execute(
                    update(Evenement)
                    .where(col(Evenement.id) == id)
                    .values(
                        essais=essais, erreur=erreur, mort=essais >= ESSAIS_MAX,
                        prendre_apres=le + timedelta(seconds=min(2**essais, 600)),
                    )
                )  # fmt: skip
            await session.execute(delete(Evenement).where(col(Evenement.livre_le) < le - GARDE))
