"""Receivers of notifications: they verify what they get, fail as told, and keep what they accepted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from socle.donnees import outbox
from socle.donnees.db import Database, ReadSession
from socle.donnees.outbox import Relais
from socle.identifiants import uuid7
from socle.web.client import Request, Response
from socle.webhooks import repository
from socle.webhooks.diffuser import Diffuseur
from socle.webhooks.livrer import Livreur
from socle.webhooks.signature import secret
from socle.webhooks.tables import Livraison, Webhook
from sqlalchemy import select
from sqlmodel import col
from standardwebhooks import Webhook as Bibliotheque

from tests.fabriques.bases import HorlogeReglable
from tests.fabriques.sortant import Internet, reponse

CLE = b"c" * 32


@dataclass
class Receveur:
    """One endpoint, somewhere on a made-up Internet. `repondre` decides of each answer (a status, or a `Response`)."""

    nom: str
    repondre: Callable[[Request], Response | int] = lambda _: 200
    id: UUID = field(default_factory=uuid7)
    secrets: list[str] = field(default_factory=list)
    acceptes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    recus: int = 0
    non_signes: int = 0

    def __call__(self, requete: Request) -> Response:
        self.recus += 1
        corps = requete.read()
        for s in self.secrets:
            try:
                Bibliotheque(s).verify(corps, _recents(requete))
            except Exception:
                self.non_signes += 1
        rendu = self.repondre(requete)
        rendue = reponse(rendu) if isinstance(rendu, int) else rendu
        if 200 <= rendue.status_code < 300:
            self.acceptes.append((requete.headers["webhook-id"], json.loads(corps)))
        return rendue

    def uniques(self) -> list[Any]:
        """Data accepted, each notification once, in the order of the first time."""
        return [corps["data"] for corps in dict(reversed(self.acceptes)).values()][::-1]


def _recents(requete: Request) -> dict[str, str]:
    return {nom: requete.headers[nom] for nom in ("webhook-id", "webhook-timestamp", "webhook-signature")}


class Reseau:
    """A service that notifies, upon a real database and a clock that tests move."""

    def __init__(self, base: Database, horloge: HorlogeReglable) -> None:
        self.base, self.horloge, self.internet, self.numero = base, horloge, Internet(), 0
        self.livreur = self.nouveau_livreur()
        diffuseur = Diffuseur(base, horloge=horloge, reveiller=lambda: None)
        self.abonnes = {
            "fin": diffuseur.abonne("fin"),
            "nouveau": diffuseur.abonne("nouveau", resumer=self._resumer),
        }
        self.relais = Relais(base, self.abonnes, horloge=horloge)

    def nouveau_livreur(self) -> Livreur:
        return Livreur(self.base, sortie=self.internet.sortie(), cle=CLE, horloge=self.horloge)

    async def _resumer(self, _: ReadSession) -> dict[str, Any]:
        return {"dernier_numero": self.numero}

    async def inscrire(self, receveur: Receveur, *types: str, perimetre: list[str] | None = None) -> Receveur:
        self.internet.site(f"{receveur.nom}.exemple.fr", receveur)
        receveur.secrets = receveur.secrets or [secret(CLE, receveur.id, 1)]
        webhook = Webhook(
            id=receveur.id, proprietaire="cle:essai", url=f"https://{receveur.nom}.exemple.fr/",
            types=list(types or ("fin",)), perimetre=perimetre, cree_le=self.horloge(),
        )  # fmt: skip
        async with self.base.write() as session:
            await repository.inscrire(session, webhook)
        return receveur

    async def emettre(self, type: str = "fin", *donnees: dict[str, Any]) -> None:
        self.numero += len(donnees)
        async with self.base.write() as session:
            await outbox.emettre(session, type, [(str(d.get("source", "x")), d) for d in donnees], le=self.horloge())

    async def diffuser(self) -> None:
        while await self.relais.livrer():
            pass

    async def livrer(self) -> None:
        """Deliver what can be at this instant."""
        await self.livreur.lancer()
        await self.livreur.attendre()

    async def lignes(self, receveur: Receveur) -> list[Livraison]:
        async with self.base.read() as session:
            requete = select(Livraison).where(col(Livraison.webhook_id) == receveur.id).order_by(col(Livraison.rang))
            return list(await session.scalars(requete))

    async def webhook(self, receveur: Receveur) -> Webhook:
        async with self.base.read() as session:
            lu = await repository.lire(session, receveur.id, "cle:essai")
        assert lu is not None
        return lu
