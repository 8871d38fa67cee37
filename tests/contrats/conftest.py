"""One launched Maillage for all the tests of this folder, with quotas off and something behind each address."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from socle.web.client import creer_client_synchrone

from tests.fabriques.maillage import Departs, Maillage
from tests.fabriques.recherche import attendre_index_de
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


class _Receveur(BaseHTTPRequestHandler):
    """Takes notifications, and says nothing."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return None


@pytest.fixture(scope="session")
def banc(departs: Departs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Banc]:
    """Launch a Maillage with its demonstration, sow it, read its contract; stopped at the end."""
    dossier = tmp_path_factory.mktemp("contrats") / "var"
    serveur = ThreadingHTTPServer(("127.0.0.1", 0), _Receveur)
    receveur = f"http://127.0.0.1:{serveur.server_port}"
    threading.Thread(target=serveur.serve_forever, daemon=True).start()
    lance = departs.lancer(
        dossier,
        GATEWAY_QUOTAS_FACTEUR="0",
        ANNUAIRE_RUNS_PAR_HEURE="1000000",
        MAILLAGE_SORTIES_LOCALES=json.dumps([receveur]),
    )
    try:
        attendre_index_de(lance.adresse, lance.cle)
        semences = semer(lance.adresse, lance.cle, receveur + "/maillage")
        with creer_client_synchrone(lance.adresse) as client:
            contrat = json.loads(client.get("/openapi.json").content)
        yield Banc(lance, semences, contrat)
    finally:
        lance.arreter()
        serveur.shutdown()
        serveur.server_close()


class _Ordre:
    """What reads the things sown comes before what may delete them, whatever order was drawn."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        rangs = [rang for rang, item in enumerate(items) if _lance(item)]
        siens = sorted((items[rang] for rang in rangs), key=lambda item: item.path.name != "test_exemples.py")
        for rang, item in zip(rangs, siens, strict=True):
            items[rang] = item


def pytest_configure(config: pytest.Config) -> None:
    """Order the tests that share the launched Maillage."""
    config.pluginmanager.register(_Ordre(), "ordre-des-contrats")


def _lance(item: pytest.Item) -> bool:
    return "contrats" in item.path.parts and "banc" in getattr(item, "fixturenames", ())
