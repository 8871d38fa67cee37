"""Services composed in the gateway's own process."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from gateway.routes_table import Classe, Route
from socle.acces.politique import PUBLIQUE
from socle.web.vie import vivre

from tests.fabriques.passerelle import Echo, composer
from tests.fabriques.services import client_de

pytestmark = pytest.mark.anyio


async def test_un_service_lent_du_meme_processus_est_un_504(tmp_path: Path) -> None:
    async def trainer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        await asyncio.Event().wait()

    routes = (Route("/lent", "annuaire", PUBLIQUE, Classe.LECTURES, delai=0.02),)
    async with client_de(composer(tmp_path, {"annuaire": trainer}, routes=routes)) as client:
        reponse = await client.get("/lent")
        assert (reponse.status_code, reponse.json()["type"]) == (504, "/problemes/delai-depasse")


async def test_la_vie_des_services_composes_suit_celle_de_la_passerelle(tmp_path: Path) -> None:
    journal: list[str] = []

    async def service(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "lifespan"
        for etape in ("startup", "shutdown"):
            assert (await receive())["type"] == f"lifespan.{etape}"
            journal.append(etape)
            await send({"type": f"lifespan.{etape}.complete"})

    amonts = {"annuaire": service, "coordination": Echo(), "financement": "http://127.0.0.1:1"}
    async with vivre(composer(tmp_path, amonts)):
        assert journal == ["startup"]
    assert journal == ["startup", "shutdown"]


async def test_un_service_qui_ne_demarre_pas_empeche_la_passerelle(tmp_path: Path) -> None:
    async def service(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "base absente"})

    with pytest.raises(RuntimeError, match="base absente"):
        async with vivre(composer(tmp_path, {"annuaire": service})):
            pytest.fail("la passerelle a démarré")


async def test_le_service_ne_voit_ni_l_etat_ni_l_hote_de_la_passerelle(tmp_path: Path) -> None:
    vus: list[Any] = []

    class Temoin(Echo):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            vus.append(dict(scope))
            await super().__call__(scope, receive, send)

    async with client_de(composer(tmp_path, {"annuaire": Temoin()})) as client:
        await client.get("/annuaire/v1/x", headers={"host": "localhost:8000"})
    scope = vus[-1]
    assert (b"host", b"127.0.0.1") in scope["headers"]
    assert (b"host", b"localhost:8000") not in scope["headers"]
    assert not {cle for cle in scope if cle.startswith("maillage") or cle in ("app", "route")}
