"""From the outbox to the endpoints: each event becomes one notification for each endpoint that asked for it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from socle.donnees import outbox
from socle.donnees.db import Database, ReadSession, WriteSession
from socle.horloge import Horloge, rfc3339
from socle.identifiants import uuid7
from socle.webhooks import repository
from socle.webhooks.rules import ECART, OCTETS_MAX
from socle.webhooks.tables import Webhook

GARDE = timedelta(days=30)

Resume = Callable[[ReadSession], Awaitable[dict[str, Any]]]
"""Gives, at the time of writing, the data of a notification that stands for many events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeDEvenement:
    """A type of notification: what it says, and the scopes of which one is needed to hear it (none: every key)."""

    nom: str
    description: str
    portees: frozenset[str] = frozenset()


class Diffuseur:
    """Writes notifications; `abonne` makes the subscriber of the outbox for one type."""

    def __init__(self, base: Database, *, horloge: Horloge, reveiller: Callable[[], None]) -> None:
        self._base, self._horloge, self._reveiller = base, horloge, reveiller

    def abonne(self, type: str, *, resumer: Resume | None = None) -> outbox.Abonne:
        """Return what receives events of the outbox, and writes notifications of this type.

        With `resumer`, events that come together are one notification, and an endpoint has one every 30 s at most.
        """

        async def recevoir(lot: Sequence[outbox.Livraison]) -> None:
            async with self._base.read() as session:
                voulu = any(type in webhook.types for webhook in await repository.actifs(session))
            if not voulu:
                return
            async with self._base.write() as session:
                await session.seul("webhooks")
                le = self._horloge()
                interesses = [w for w in await repository.actifs(session) if type in w.types]
                if resumer is None:
                    await self._un_par_un(session, type, lot, interesses, le)
                else:
                    await self._ensemble(session, type, lot[-1].id, await resumer(session), interesses, le)
                await repository.purger(session, avant=le - GARDE)
                session.apres_commit(self._reveiller)

        return recevoir

    async def _un_par_un(
        self, session: WriteSession, type: str, lot: Sequence[outbox.Livraison], interesses: Sequence[Webhook],
        le: datetime,
    ) -> None:  # fmt: skip
        await repository.ajouter(
            session,
            [
                _ligne(webhook, evenement.id, type, evenement.charge, le)
                for evenement in lot
                for webhook in interesses
                if webhook.perimetre is None or not _sources(evenement.charge).isdisjoint(webhook.perimetre)
            ],
        )

    async def _ensemble(
        self, session: WriteSession, type: str, evenement: int, resume: dict[str, Any],
        interesses: Sequence[Webhook], le: datetime,
    ) -> None:  # fmt: skip
        for webhook in interesses:
            dit, dernier = await repository.deja_dit(session, webhook.id, type, evenement)
            if dit:
                continue
            corps = _corps(type, resume, le)
            if not await repository.fondre(session, webhook.id, type, evenement=evenement, corps=corps):
                prendre_apres = max(le, dernier + ECART) if dernier else le
                await repository.ajouter(
                    session, [{**_ligne(webhook, evenement, type, resume, le), "prendre_apres": prendre_apres}]
                )


def _sources(charge: dict[str, Any]) -> set[str]:
    """Return the sources that an event is about: `source`, or several under `sources`."""
    return {*charge.get("sources", ()), *([charge["source"]] if "source" in charge else [])}


def _ligne(webhook: Webhook, evenement: int, type: str, donnees: dict[str, Any], le: datetime) -> dict[str, Any]:
    return {
        "id": uuid7(), "webhook_id": webhook.id, "evenement": evenement, "type": type,
        "corps": _corps(type, donnees, le), "prendre_apres": le, "cree_le": le,
    }  # fmt: skip


def _corps(type: str, donnees: dict[str, Any], le: datetime) -> bytes:
    """Write a body as it will be signed and sent, at every try the same."""
    corps = {"type": type, "timestamp": rfc3339(le), "data": donnees}
    octets = json.dumps(corps, ensure_ascii=False, separators=(",", ":")).encode()
    if len(octets) > OCTETS_MAX:
        raise ValueError(f"une notification de {len(octets)} octets : {OCTETS_MAX} au plus")
    return octets
