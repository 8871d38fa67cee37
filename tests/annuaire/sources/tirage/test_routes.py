"""Who sets the fetching of a list, what is refused, and the whole way from the request to the places."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from annuaire.sources.tirage import repository
from fastapi import FastAPI, Response
from socle.acces.principal import ANONYME, Principal

from tests.fabriques.annuaire import ADMIN, ECRIVAIN, SANS_PORTEE, Annuaire, en_csv, liste, nouveau_nom, ouvrir
from tests.fabriques.services import servir
from tests.fabriques.tirages import URL, Hub

pytestmark = pytest.mark.anyio

AILLEURS = Principal("ailleurs", portees=frozenset({"sync:write", "sync:admin"}), sources=frozenset({"ailleurs"}))


@pytest.fixture
async def hub(annuaire: Annuaire) -> Hub:
    return Hub(annuaire, await annuaire.creer_source())


async def appeler(hub: Hub, methode: str, suite: str = "", qui: Principal | None = ADMIN, corps: Any = None) -> int:
    reponse = await hub.annuaire.client.request(
        methode,
        f"/annuaire/v1/sources/{hub.source}/tirage{suite}",
        json=corps,
        headers=hub.annuaire.entetes(qui, ecriture=methode != "GET"),
    )
    return int(reponse.status_code)


QUI = [(None, 401), (ANONYME, 401), (SANS_PORTEE, 403), (ECRIVAIN, 403), (AILLEURS, 404)]


@pytest.mark.parametrize(("qui", "statut"), QUI)
async def test_le_tirage_est_a_l_administrateur_de_la_source(hub: Hub, qui: Principal | None, statut: int) -> None:
    await hub.definir()
    assert await appeler(hub, "PUT", qui=qui, corps={"url": URL}) == statut
    assert await appeler(hub, "DELETE", qui=qui) == statut
    assert await appeler(hub, "POST", "/maintenant", qui=qui) == statut
    assert await appeler(hub, "GET", qui=qui) == (200 if qui is ECRIVAIN else statut)
    assert (await hub.ligne()).version == 1


async def test_un_tirage_se_pose_se_lit_se_change_et_s_arrete(hub: Hub) -> None:
    assert await appeler(hub, "GET") == 404
    pose = await hub.definir(cadence="0  3 * * *")
    assert (pose.status_code, pose.json()["cadence"], pose.json()["etat"]) == (201, "0 3 * * *", "a_venir")
    lu = await hub.annuaire.get(f"/sources/{hub.source}/tirage", qui=ECRIVAIN)
    assert (lu.json(), lu.headers["etag"]) == (pose.json(), pose.headers["etag"])
    change = await hub.definir(cadence="PT1H", entetes={"If-Match": lu.headers["etag"]})
    assert (change.status_code, change.json()["version"]) == (200, 2)
    assert (await hub.definir(entetes={"If-Match": lu.headers["etag"]})).status_code == 412
    assert [await appeler(hub, "DELETE"), await appeler(hub, "DELETE"), await appeler(hub, "GET")] == [204, 404, 404]
    assert await appeler(Hub(hub.annuaire, nouveau_nom()), "PUT", corps={"url": URL}) == 404


@pytest.mark.parametrize(
    "champs",
    [
        {"url": "http://exemple.fr/lieux.csv"}, {"url": "https://127.0.0.1/"}, {"url": "https://exemple.fr:8443/"},
        {"url": "https://a@exemple.fr/"}, {"url": "https://localhost/x"}, {"url": "ftp://exemple.fr/"}, {"url": "x"},
        {"url": "https://exemple.fr/" + "x" * 2000}, {"url": "https://2130706433/"}, {"cadence": "* * * * *"},
        {"cadence": "PT1M"}, {"cadence": "chaque nuit"}, {"format": "exe"}, {"mode": "tout"}, {"auth_ref": "../cle"},
        {"auth_ref": "absent"}, {"inconnu": 1},
    ],
)  # fmt: skip
async def test_un_reglage_refuse_ne_laisse_rien(hub: Hub, champs: dict[str, Any]) -> None:
    reponse = await hub.definir(**champs)
    assert (reponse.status_code, reponse.headers["content-type"]) == (422, "application/problem+json")
    assert await appeler(hub, "GET") == 404


async def test_une_demande_deja_faite_ne_se_fait_pas_deux_fois(hub: Hub) -> None:
    await hub.definir()
    hub.publier(2)
    await hub.tirer()
    assert await appeler(hub, "POST", "/maintenant") == 429
    assert (await hub.ligne()).promis_le is None


async def test_du_reglage_aux_lieux_par_un_vrai_serveur(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = FastAPI()
    appels: list[int] = []

    @site.get("/lieux.csv")
    async def lieux() -> Response:
        appels.append(1)
        return Response(en_csv(liste(3)), media_type="text/csv")

    async with servir(site) as adresse:
        monkeypatch.setenv("MAILLAGE_SORTIES_LOCALES", json.dumps([adresse]))
        async with ouvrir(tmp_path, f"sqlite:{tmp_path / 'annuaire.db'}") as annuaire:
            hub = Hub(annuaire, await annuaire.creer_source())
            assert (await hub.definir(url=f"{adresse}/lieux.csv")).status_code == 201
            assert [await appeler(hub, "POST", "/maintenant") for _ in range(2)] == [202, 202]
            async with asyncio.timeout(20):
                while (await hub.ligne()).run_id is None:  # noqa: ASYNC110 - the worker of the service says nothing
                    await asyncio.sleep(0.05)
            await annuaire.finir(str((await hub.ligne()).run_id))
            assert (len(await hub.noms()), len(appels)) == (3, 1)
            async with annuaire.base.read() as session:
                assert await repository.dus(session, hub.horloge(), promis_avant=hub.horloge(), limite=9) == []
