"""What the command line does with keys: in the database when nobody holds it, else through the running gateway."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError
from socle.acces.secrets import lire_ou_creer, lire_prive
from socle.donnees.db import BaseDejaTenue, Database
from socle.donnees.migrations import migrer
from socle.settings import SocleSettings
from socle.web.client import AsyncClient, HTTPError, Response, creer_client

from gateway.keys import repository, service
from gateway.keys.schemas import CleACreer, CleLue
from gateway.keys.service import FICHIER_DEMONSTRATION
from gateway.migrations import DOSSIER
from gateway.settings import GatewaySettings

T = TypeVar("T")
Rendu = dict[str, Any]
PAGE = 500


class Refus(Exception):
    """The command cannot be done; the message says why and what to do."""


class Cles(Protocol):
    """Administration of the keys, wherever it happens."""

    async def creer(self, demande: Rendu) -> Rendu:
        """Create a key; the answer holds its text under `cle`."""

    async def lister(self) -> list[Rendu]:
        """Return every key."""

    async def revoquer(self, ident: str) -> Rendu:
        """Revoke a key."""


class ClesLocales:
    """In the database itself, whose only owner is this command."""

    def __init__(self, base: Database, poivre: bytes, environnement: str) -> None:
        self._base, self._poivre, self._environnement = base, poivre, environnement

    async def creer(self, demande: Rendu) -> Rendu:
        """Create a key."""
        try:
            voulue = CleACreer.model_validate(demande)
        except ValidationError as exc:
            champs = ", ".join(str(faute["loc"][0]) for faute in exc.errors())
            raise Refus(f"À corriger : {champs}.") from exc
        async with self._base.write() as session:
            cle, texte = await service.creer(
                session,
                nom=voulue.nom,
                portees=voulue.portees,
                sources=voulue.sources,
                reseaux=voulue.reseaux,
                duree=voulue.duree,
                publiable=voulue.publiable,
                poivre=self._poivre,
                environnement=self._environnement,
                createur="ligne-de-commande",
            )
            return {**CleLue.model_validate(cle).model_dump(mode="json"), "cle": texte}

    async def lister(self) -> list[Rendu]:
        """Return every key."""
        toutes: list[Rendu] = []
        async with self._base.read() as session:
            while True:
                apres = toutes[-1]["id"] if toutes else ""
                page = await repository.lister(session, apres=apres, limite=PAGE)
                toutes += [CleLue.model_validate(cle).model_dump(mode="json") for cle in page]
                if len(page) < PAGE:
                    return toutes

    async def revoquer(self, ident: str) -> Rendu:
        """Revoke a key."""
        async with self._base.write() as session:
            cle = await service.revoquer(session, ident, acteur="ligne-de-commande")
            return CleLue.model_validate(cle).model_dump(mode="json")


class ClesDistantes:
    """Through the gateway that holds the database."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def creer(self, demande: Rendu) -> Rendu:
        """Create a key."""
        return _lire(await self._client.post("/cles", json=demande))

    async def lister(self) -> list[Rendu]:
        """Return every key."""
        toutes: list[Rendu] = []
        curseur: str | None = None
        while True:
            parametres = {"limite": str(PAGE), **({"curseur": curseur} if curseur else {})}
            page = _lire(await self._client.get("/cles", params=parametres))
            toutes += page["elements"]
            curseur = page["suivant"]
            if curseur is None:
                return toutes

    async def revoquer(self, ident: str) -> Rendu:
        """Revoke a key."""
        return _lire(await self._client.post(f"/cles/{ident}/actions/revoquer"))


def _lire(reponse: Response) -> Rendu:
    corps: Rendu = reponse.json()
    if reponse.is_success:
        return corps
    fautes = " ".join(f"{f['pointer']} : {f['detail']}." for f in corps.get("erreurs", ()))
    raise Refus(f"{corps.get('title', reponse.status_code)} — {corps.get('detail', '')} {fautes}".strip())


async def avec_cles(socle: SocleSettings, settings: GatewaySettings, geste: Callable[[Cles], Awaitable[T]]) -> T:
    """Run a gesture on the keys.

    When the gateway holds the database, it is asked, at `MAILLAGE_URL`, with the key `MAILLAGE_CLE` or the
    demonstration's. Raises `Refus`, or the `Erreur` of a rule.
    """
    base = Database(settings.url(socle))
    try:
        base.prendre_propriete()
    except BaseDejaTenue:
        return await _a_distance(socle, geste)
    else:
        await migrer(base, DOSSIER)
        poivre = lire_ou_creer(socle.secrets, "poivre")
        return await geste(ClesLocales(base, poivre, settings.environnement))
    finally:
        await base.fermer()


async def _a_distance(socle: SocleSettings, geste: Callable[[Cles], Awaitable[T]]) -> T:
    adresse = os.environ.get("MAILLAGE_URL") or socle.url_publique
    cle = os.environ.get("MAILLAGE_CLE")
    fichier = socle.donnees / FICHIER_DEMONSTRATION
    if not cle and fichier.is_file():
        cle = lire_prive(fichier).decode().strip()
    if not cle:
        raise Refus(
            "La passerelle tourne et tient sa base : donnez une clé de portée cles:admin dans MAILLAGE_CLE, "
            "ou arrêtez la passerelle."
        )
    async with creer_client(adresse, entetes={"authorization": f"Bearer {cle}"}) as client:
        try:
            return await geste(ClesDistantes(client))
        except HTTPError as exc:
            raise Refus(
                f"La base est tenue par une passerelle qui ne répond pas à {adresse} (autre adresse : MAILLAGE_URL)."
            ) from exc
