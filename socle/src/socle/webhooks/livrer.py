"""The delivery of notifications: in order for one endpoint, apart from one endpoint to another, at least once.

A try is counted before it is made: killed in between, the process that comes next sends the same notification again,
under the same id, and the receiver knows it by that.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final
from uuid import UUID

import structlog

from socle.donnees.db import Database
from socle.horloge import Horloge
from socle.web.sortant.attente import attente_demandee
from socle.web.sortant.client import Sortie
from socle.web.sortant.errors import SortieRefusee
from socle.webhooks import repository
from socle.webhooks.rules import DELAI, suite
from socle.webhooks.signature import secrets_en_cours, signer

A_LA_FOIS: Final = 16
PAUSE: Final = 1.0

journal = structlog.get_logger(__name__)


class Livreur:
    """The delivery loop of one process; `cle` is what the secrets of the endpoints are drawn from."""

    def __init__(self, base: Database, *, sortie: Sortie, cle: bytes, horloge: Horloge) -> None:
        self._base, self._sortie, self._cle, self._horloge = base, sortie, cle, horloge
        self._reveil = asyncio.Event()
        self._en_vol: dict[UUID, asyncio.Task[None]] = {}

    def reveiller(self) -> None:
        """Say that there is something to deliver."""
        self._reveil.set()

    async def reprendre(self) -> None:
        """Free the endpoints that a dead process held: this one is the only owner of the database."""
        async with self._base.write() as session:
            await repository.liberer(session)

    async def tourner(self) -> None:
        """Deliver for ever; a fault of the database is waited out, never fatal."""
        try:
            while True:
                self._reveil.clear()
                try:
                    await self.lancer()
                except Exception:
                    journal.exception("livreur.interrompu")
                try:
                    async with asyncio.timeout(PAUSE):
                        await self._reveil.wait()
                except TimeoutError:
                    continue
        finally:
            for tache in self._en_vol.values():
                tache.cancel()

    async def lancer(self) -> None:
        """Start serving every endpoint that can be; none waits for another."""
        async with self._base.read() as session:
            prets = await repository.prets(session, self._horloge())
        for id in prets:
            if id not in self._en_vol and len(self._en_vol) < A_LA_FOIS:
                self._en_vol[id] = asyncio.create_task(self._servir(id))

    async def attendre(self) -> None:
        """Wait for what is being served."""
        while self._en_vol:
            await asyncio.wait(list(self._en_vol.values()))

    async def _servir(self, id: UUID) -> None:
        try:
            while await self.livrer(id):
                pass
        except Exception:
            journal.exception("livraison.interrompue", webhook=str(id))
        finally:
            self._en_vol.pop(id, None)
            self._reveil.set()

    async def livrer(self, id: UUID) -> bool:
        """Try the first notification of an endpoint; return whether the next one may follow at once."""
        async with self._base.write() as session:
            pris = await repository.prendre(session, id, self._horloge())
        if pris is None:
            return False
        webhook, livraison = pris
        statut, issue, entete = await self._poster(webhook, livraison)
        le = self._horloge()
        sort = suite(livraison.essais, statut, revenir=attente_demandee(entete, le))
        async with self._base.write() as session:
            await repository.noter(
                session, livraison.rang, etat=sort.etat, statut=statut, issue=issue, prendre_apres=le + sort.attente
            )
            fermeture = {"etat": "desactive", "motif": sort.fermeture} if sort.fermeture else {}
            await repository.modifier(session, id, bail_jusqu_a=None, **fermeture)
        return sort.etat == "livree"

    async def _poster(self, webhook: Any, livraison: Any) -> tuple[int | None, str | None, str | None]:
        """Post one notification; return the status, the class of the failure, and `Retry-After`."""
        le = self._horloge()
        message, instant = f"msg_{livraison.id.hex}", int(le.timestamp())
        secrets = secrets_en_cours(
            self._cle, webhook.id, webhook.generation, webhook.tourne_le, le, webhook.signature
        )  # fmt: skip
        entetes = {
            "content-type": "application/json",
            "webhook-id": message,
            "webhook-timestamp": str(instant),
            "webhook-signature": signer(secrets, message=message, instant=instant, corps=livraison.corps),
        }
        try:
            # a redirect is a failure: what is signed for one address is not for another
            async with self._sortie.demander(
                "POST", webhook.url, entetes=entetes, contenu=livraison.corps, redirections=0, delai=DELAI
            ) as recue:
                reussi = 200 <= recue.statut < 300
                return recue.statut, None if reussi else "statut", recue.entetes.get("retry-after")
        except SortieRefusee as refus:
            return None, refus.classe, None
