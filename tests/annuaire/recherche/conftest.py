"""The fictional directory, and an index of it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from annuaire.recherche.port import ActorDocument
from socle.web.client import Response

from tests.fabriques.annuaire import ANONYME, Annuaire
from tests.fabriques.recherche import indexees
from tests.fabriques.repertoire import MAINTENANT, Fiche, Repertoire


@dataclasses.dataclass
class Chercheur:
    """A directory that can be searched: its places, what its engine holds, and a short way to ask."""

    repertoire: Repertoire
    indexees: dict[str, ActorDocument]

    @property
    def annuaire(self) -> Annuaire:
        return self.repertoire.annuaire

    @property
    def fiches(self) -> list[Fiche]:
        return self.repertoire.fiches

    @property
    def moteur(self) -> Any:
        assert self.annuaire.app is not None
        return self.annuaire.app.state.recherche.moteur

    async def get(self, chemin: str = "", **parametres: Any) -> Response:
        """Ask search."""
        return await self.annuaire.get(f"/recherche{chemin}", **parametres)

    async def lire(self, chemin: str = "", **parametres: Any) -> Any:
        """Ask search, and read its answer, which must be one."""
        reponse = await self.get(chemin, **parametres)
        assert reponse.status_code == 200, reponse.text
        return reponse.json()

    async def tous(self, **parametres: Any) -> list[dict[str, Any]]:
        """Read every page."""
        elements: list[dict[str, Any]] = []
        page = 1
        while True:
            lue = await self.lire(**parametres, page=page)
            elements += lue["elements"]
            if page >= lue["pages"]:
                return elements
            page += 1

    async def orienter(self, **demande: Any) -> Response:
        """Ask for an orientation."""
        return await self.annuaire.post("/orientation", qui=ANONYME, corps=demande)


@pytest.fixture(scope="session")
async def _chercheur(repertoire_sqlite: Repertoire) -> Chercheur:
    return Chercheur(repertoire_sqlite, await indexees(repertoire_sqlite.annuaire))


@pytest.fixture
def chercheur(_chercheur: Chercheur) -> Chercheur:
    """The directory, its clock put back."""
    _chercheur.repertoire.horloge.instant = MAINTENANT
    return _chercheur
