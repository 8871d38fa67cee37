"""The change feed in a service of its own, on both engines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from annuaire.changements.routes import routeur
from socle.acces.cles import dossier_des_jetons
from socle.acces.jeton import Signataire
from socle.acces.principal import ANONYME
from socle.donnees import feed
from socle.donnees.db import Database
from socle.donnees.documents import Document
from socle.identifiants import uuid7
from socle.settings import SocleSettings
from socle.web.app import create_service
from socle.web.client import AsyncClient, Response, creer_client

from tests.fabriques import rpde
from tests.fabriques.bases import MIDI, base_du_socle

PUBLIQUE = "https://maillage.exemple.fr"
KINDS = {"lieux": "lieu", "structures": "structure"}


class Flux:
    """The feed as a consumer meets it, and a hand to write what it shows."""

    def __init__(self, base: Database, client: AsyncClient, signataire: Signataire) -> None:
        self.base, self._client, self._signataire = base, client, signataire

    async def ecrire(self, combien: int, *, retirer: int = 0, objets: str = "lieux") -> list[UUID]:
        """Publish new objects, then withdraw the first ones."""
        ids = [uuid7() for _ in range(combien)]
        await self.publier({id: Document.de({"id": str(id), "nom": f"n° {n}"}) for n, id in enumerate(ids)}, objets)
        await self.publier(dict.fromkeys(ids[:retirer]), objets)
        return ids

    async def publier(self, documents: Mapping[UUID, Document | None], objets: str = "lieux") -> None:
        async with self.base.write() as session:
            await feed.publier(session, KINDS[objets], documents, le=MIDI)

    async def restaurer(self) -> None:
        async with self.base.write() as session:
            await feed.ouvrir_epoque(session, le=MIDI)

    async def lire(self, adresse: str, **entetes: str) -> Response:
        """Ask for an absolute address of the feed, as written in `next`."""
        jeton = self._signataire.signer(ANONYME, "annuaire", ecriture=False)
        chemin = adresse.removeprefix(PUBLIQUE)
        assert chemin.startswith("/annuaire/v1/changements/"), adresse
        return await self._client.get(chemin, headers={"Authorization": f"Bearer {jeton}", **entetes})

    async def page(self, objets: str = "lieux", requete: str = "", **entetes: str) -> dict[str, Any]:
        reponse = await self.lire(self.adresse(objets) + requete, **entetes)
        assert reponse.status_code == 200, reponse.text
        page: dict[str, Any] = reponse.json()
        return page

    async def visiter(self, objets: str = "lieux", requete: str = "") -> rpde.Visite:
        async def lire(url: str) -> rpde.Page:
            reponse = await self.lire(url)
            return rpde.Page(reponse.status_code, dict(reponse.headers), reponse.content)

        return await rpde.visiter(self.adresse(objets) + requete, lire)

    @staticmethod
    def adresse(objets: str = "lieux") -> str:
        return f"{PUBLIQUE}/annuaire/v1/changements/{objets}"


@pytest.fixture
async def flux(url_base: str, tmp_path: Path) -> AsyncIterator[Flux]:
    socle = SocleSettings(donnees=tmp_path, url_publique=f"{PUBLIQUE}/")
    signataire = Signataire.depuis(dossier_des_jetons(socle.secrets))
    async with base_du_socle(url_base) as base:
        app = create_service(
            nom="annuaire", titre="t", description="d", version="0", settings=socle, routeurs=[routeur], base=base
        )
        app.state.contexte = SimpleNamespace(base=base, socle=socle)
        async with creer_client(app=app, delai=60.0) as client:
            yield Flux(base, client, signataire)
