"""Lists that are fetched: a site of a fictional Hub, and the fetches made without waiting for the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from annuaire.sources.tirage import repository
from annuaire.sources.tirage.tables import Tirage
from annuaire.sources.tirage.tirer import Tireur, tirer
from socle.acces.principal import Principal
from socle.web.client import Request, Response

from tests.fabriques.annuaire import ADMIN, Annuaire, en_csv, liste
from tests.fabriques.bases import HorlogeReglable
from tests.fabriques.sortant import Internet, reponse

SITE = "listes.exemple.fr"
URL = f"https://{SITE}/lieux.csv"


@dataclass
class Hub:
    """A source that is fetched: `contenu` is what its site gives, `repondre` replaces that altogether."""

    annuaire: Annuaire
    source: str
    internet: Internet = field(default_factory=Internet)
    horloge: HorlogeReglable = field(default_factory=lambda: HorlogeReglable(datetime.now(UTC)))
    contenu: bytes = b""
    entetes: dict[str, str] = field(default_factory=lambda: {"content-type": "text/csv"})
    repondre: Callable[[Request], Response] | None = None
    hasard: float = 0.5

    def __post_init__(self) -> None:
        self.internet.site(SITE, self._servir)

    def _servir(self, requete: Request) -> Response:
        if self.repondre is not None:
            return self.repondre(requete)
        if self.entetes.get("etag") and requete.headers.get("if-none-match") == self.entetes["etag"]:
            return reponse(304)
        return reponse(200, self.contenu, entetes=self.entetes)

    def publier(self, nombre: int, *, etag: str | None = None, **champs: Any) -> None:
        """Put a list on the site."""
        self.contenu = en_csv(liste(nombre, **champs))
        self.entetes = {"content-type": "text/csv", **({"etag": etag} if etag else {})}
        self.repondre = None

    async def definir(self, *, qui: Principal | None = ADMIN, entetes: Any = None, **champs: Any) -> Response:
        """Have the source fetched."""
        return await self.annuaire.client.put(
            f"/annuaire/v1/sources/{self.source}/tirage",
            json={"url": URL, **champs},
            headers={**self.annuaire.entetes(qui, ecriture=True), **(entetes or {})},
        )

    async def ligne(self) -> Tirage:
        async with self.annuaire.base.read() as session:
            lue = await repository.lire(session, self.source)
        assert lue is not None
        return lue

    async def tirer(self, version: int | None = None) -> dict[str, Any]:
        """Fetch once, wait for the run if one is born, and return what the API says of the fetch."""
        contexte = self.annuaire.contexte
        tireur = Tireur(
            base=self.annuaire.base,
            sortie=self.internet.sortie(),
            depots=contexte.depots,
            secrets=contexte.socle.secrets,
            quota=1000,
            horloge=self.horloge,
            hasard=lambda: self.hasard,
        )
        await tirer({"source": self.source, "version": version or (await self.ligne()).version}, tireur=tireur)
        contexte.reveiller()
        tirage: dict[str, Any] = (await self.annuaire.get(f"/sources/{self.source}/tirage", qui=ADMIN)).json()
        if tirage["synchronisation"]:
            await self.annuaire.finir(tirage["synchronisation"])
        return tirage

    async def noms(self) -> list[str]:
        return sorted(await self.annuaire.lieux(self.source))

    async def evenements(self, type: str) -> list[dict[str, Any]]:
        from socle.donnees.tables import Evenement
        from sqlalchemy import select
        from sqlmodel import col

        async with self.annuaire.base.read() as session:
            lignes = await session.scalars(
                select(col(Evenement.charge)).where(col(Evenement.type) == type, col(Evenement.objet) == self.source)
            )
            return list(lignes)
