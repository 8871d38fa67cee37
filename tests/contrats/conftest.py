"""One launched Maillage for all the tests of this folder, with quotas off and something behind each address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from socle.web.client import creer_client_synchrone

from tests.fabriques.maillage import Maillage, lancer
from tests.fabriques.semences import Semences, semer


@dataclass(frozen=True)
class Banc:
    """A Maillage under test, the contract that it publishes, and values that exist in it."""

    maillage: Maillage
    semences: Semences
    contrat: dict[str, Any]

    @property
    def adresse(self) -> str:
        """Address of the gateway."""
        return self.maillage.adresse

    @property
    def cle(self) -> str:
        """A key with every scope."""
        return self.maillage.cle

    def traces(self) -> list[str]:
        """Return what the services wrote of faults that nobody foresaw."""
        return [ligne for ligne in self.maillage.journal if "Traceback" in ligne and '"event": "requête"' not in ligne]


@pytest.fixture(scope="session")
def banc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Banc]:
    """Launch a Maillage with its demonstration, sow it, read its contract; stopped at the end."""
    dossier = tmp_path_factory.mktemp("contrats") / "var"
    lance = lancer(dossier, GATEWAY_QUOTAS_FACTEUR="0", ANNUAIRE_RUNS_PAR_HEURE="1000000")
    try:
        lance.attendre()
        semences = semer(lance.adresse, lance.cle)
        with creer_client_synchrone(lance.adresse) as client:
            contrat = json.loads(client.get("/openapi.json").content)
        yield Banc(lance, semences, contrat)
    finally:
        lance.arreter()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that ask for the launched Maillage on one worker, so that the launch happens once."""
    for item in items:
        if "contrats" in item.path.parts and "banc" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("contrats"))
