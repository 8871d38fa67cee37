"""Who may: the decision, and the check that no route goes without one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI
from socle.acces.identification import Identification
from socle.acces.politique import (
    IDENTIFIEE,
    OUVERTE,
    PUBLIQUE,
    Identifie,
    Politique,
    Portee,
    Public,
    autoriser,
    politiques_des_routes,
    verifier_politiques,
)
from socle.acces.principal import ANONYME, Principal
from socle.errors import Interdit, NonAuthentifie
from socle.web.client import AsyncClient
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tests.fabriques.services import HUB, Passe, client_de, creer

ECRIRE = Politique("sync:write", portees=frozenset({"sync:write", "sync:admin"}))
LECTEUR = Principal("cle:l", portees=frozenset({"lecture"}))


@pytest.mark.parametrize(
    ("politique", "personne", "anonyme", "autre_portee", "bonne_portee"),
    [
        (OUVERTE, None, None, None, None),
        (PUBLIQUE, NonAuthentifie, None, None, None),
        (IDENTIFIEE, NonAuthentifie, NonAuthentifie, None, None),
        (ECRIRE, NonAuthentifie, NonAuthentifie, Interdit, None),
    ],
    ids=["ouverte", "publique", "identifiee", "portee"],
)
def test_chaque_case_de_la_table(
    politique: Politique,
    personne: type[Exception] | None,
    anonyme: type[Exception] | None,
    autre_portee: type[Exception] | None,
    bonne_portee: type[Exception] | None,
) -> None:
    for principal, attendu in ((None, personne), (ANONYME, anonyme), (LECTEUR, autre_portee), (HUB, bonne_portee)):
        if attendu is None:
            autoriser(principal, politique)
        else:
            with pytest.raises(attendu):
                autoriser(principal, politique)


def test_un_anonyme_qui_aurait_la_portee_est_refuse_quand_meme() -> None:
    with pytest.raises(NonAuthentifie):
        autoriser(Principal("a", portees=frozenset({"sync:write"}), anonyme=True), ECRIRE)


def test_une_cle_liee_n_ouvre_que_ses_sources() -> None:
    assert HUB.peut("hub-a")
    assert not HUB.peut("hub-b")
    assert LECTEUR.peut("hub-b")
    assert not Principal("x", sources=frozenset()).peut("hub-a")
    assert not ANONYME.peut("hub-a")
    with pytest.raises(Interdit):
        HUB.exiger_source("hub-b")


def nue() -> APIRouter:
    routeur = APIRouter(prefix="/v1")

    @routeur.get("/nue")
    async def lire() -> int:
        return 1

    return routeur


def test_une_route_sans_politique_empeche_de_demarrer(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="GET /v1/nue"):
        creer(tmp_path, nue())


def test_une_route_nue_est_vue_a_travers_plusieurs_routeurs() -> None:
    exterieur = APIRouter(prefix="/a")
    exterieur.include_router(nue(), prefix="/b")
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(exterieur)
    with pytest.raises(RuntimeError, match="GET /a/b/v1/nue"):
        verifier_politiques(app)


def test_une_route_asgi_sans_politique_empeche_de_demarrer(tmp_path: Path) -> None:
    async def repondre(_: object) -> PlainTextResponse:
        return PlainTextResponse("a")

    with pytest.raises(RuntimeError, match="GET /brute"):
        creer(tmp_path, routes=[Route("/brute", repondre)])


def test_une_route_asgi_porte_sa_politique(tmp_path: Path) -> None:
    async def repondre(_: object) -> PlainTextResponse:
        return PlainTextResponse("a")

    route = Route("/brute", repondre)
    route.politique = PUBLIQUE  # type: ignore[attr-defined]
    assert politiques_des_routes(creer(tmp_path, routes=[route]))[("GET", "/brute")] == PUBLIQUE


def test_toutes_les_routes_d_un_service_ont_leur_politique(tmp_path: Path) -> None:
    politiques = politiques_des_routes(creer(tmp_path))
    assert politiques[("GET", "/sante/pret")] == OUVERTE
    assert None not in politiques.values()


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[AsyncClient]:
    routeur = APIRouter(prefix="/v1")

    @routeur.get("/publique")
    async def publique(acces: Public) -> str:
        return acces.sujet

    @routeur.get("/identifiee")
    async def identifiee(acces: Identifie) -> str:
        return acces.sujet

    @routeur.post("/ecriture")
    async def ecriture(acces: Annotated[Principal, Portee("sync:write")]) -> str:
        return acces.sujet

    async with client_de(creer(tmp_path, routeur)) as client:
        yield client


@pytest.fixture
def passe(tmp_path: Path) -> Passe:
    return Passe(tmp_path)


@pytest.mark.anyio
async def test_sans_jeton_rien_n_est_servi_pas_meme_une_404(client: AsyncClient) -> None:
    for chemin in ("/v1/publique", "/v1/identifiee", "/rien", "/sante/pret/", "/SANTE/pret"):
        reponse = await client.get(chemin)
        assert reponse.status_code == 401
        assert reponse.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.anyio
async def test_sans_le_controle_du_jeton_l_adresse_publique_resterait_fermee(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def laisser(self: Identification, scope: object, receive: object, send: object) -> None:
        await self._app(scope, receive, send)  # type: ignore[arg-type]

    monkeypatch.setattr(Identification, "__call__", laisser)
    assert (await client.get("/rien")).status_code == 404
    assert (await client.get("/v1/publique")).status_code == 401


@pytest.mark.anyio
async def test_la_sante_le_contrat_et_les_mesures_ne_demandent_rien(client: AsyncClient) -> None:
    for chemin in ("/sante/vivant", "/sante/pret", "/metrics", "/openapi.json"):
        assert (await client.get(chemin)).status_code == 200


@pytest.mark.anyio
async def test_chaque_appelant_recoit_ce_que_dit_la_table(client: AsyncClient, passe: Passe) -> None:
    assert (await client.get("/v1/publique", headers=passe.entetes())).json() == "anonyme"
    assert (await client.get("/v1/identifiee", headers=passe.entetes())).status_code == 401
    assert (await client.get("/v1/identifiee", headers=passe.entetes(LECTEUR))).json() == "cle:l"
    refus = await client.post("/v1/ecriture", headers=passe.entetes(LECTEUR, ecriture=True))
    assert (refus.status_code, refus.json()["portees"]) == (403, ["sync:write"])
    assert (await client.post("/v1/ecriture", headers=passe.entetes(HUB, ecriture=True))).json() == "cle:hub"


@pytest.mark.anyio
async def test_un_jeton_de_lecture_n_ecrit_pas(client: AsyncClient, passe: Passe) -> None:
    assert (await client.post("/v1/ecriture", headers=passe.entetes(HUB))).status_code == 401


@pytest.mark.anyio
async def test_un_jeton_pour_un_autre_service_est_refuse(client: AsyncClient, tmp_path: Path) -> None:
    autre = Passe(tmp_path, audience="financement")
    assert (await client.get("/v1/publique", headers=autre.entetes())).status_code == 401


@pytest.mark.anyio
@pytest.mark.parametrize("valeur", ["Basic YTpi", "Bearer", "Bearer ", "mnk_local_a_b_c", "Bearer a, Bearer b"])
async def test_une_autre_identite_qu_un_jeton_est_refusee(client: AsyncClient, valeur: str) -> None:
    assert (await client.get("/v1/publique", headers={"authorization": valeur})).status_code == 401


@pytest.mark.anyio
async def test_deux_jetons_sont_refuses(client: AsyncClient, passe: Passe) -> None:
    valeur = passe.entetes()["authorization"]
    reponse = await client.get("/v1/publique", headers=[("authorization", valeur), ("authorization", valeur)])
    assert reponse.status_code == 401
