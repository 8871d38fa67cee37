"""What a reader accepts, and what a cache must be told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import APIRouter, Header, Response
from socle.acces.politique import Public
from socle.web import routes
from socle.web.client import AsyncClient
from socle.web.etags import inchange
from socle.web.negociation import accepte
from starlette.responses import StreamingResponse

from tests.fabriques.services import Passe, client_de, creer

pytestmark = pytest.mark.anyio

TYPE = "application/json"


@pytest.mark.parametrize(
    ("accept", "attendu"),
    [
        ("*/*", True),
        ("application/*", True),
        ("application/json; charset=utf-8", True),
        ("text/html, application/xhtml+xml, */*;q=0.8", True),
        ("APPLICATION/JSON", True),
        ("text/csv, application/json;q=0.1", True),
        ("image/png", False),
        ("text/*", False),
        ("application/xml", False),
        ("*/*;q=0", False),
        ("application/json;q=0, */*", False),
        ("application/json;q=0.000", False),
        ("n'importe quoi", False),
    ],
)
def test_la_plage_la_plus_precise_decide(accept: str, attendu: bool) -> None:
    assert accepte(accept, TYPE) is attendu


@pytest.mark.parametrize("media", ["application/x-ndjson", "application/geo+json"])
def test_qui_veut_du_json_se_contente_de_sa_famille(media: str) -> None:
    assert accepte("application/json", media)
    assert not accepte("text/csv", media)


lignes_lues: list[int] = []


def routeur() -> APIRouter:
    r = APIRouter(prefix="/annuaire/v1")

    @r.get("/lieux")
    async def lire(_: Public, if_none_match: str | None = Header(None)) -> Response:
        entetes = {"etag": '"v1"', "cache-control": "public, max-age=60"}
        if inchange(if_none_match, '"v1"'):
            return Response(status_code=304, headers=entetes)
        return Response(b"x" * 2000, media_type="application/json", headers=entetes)

    @r.get("/formes", responses={200: {"content": {"application/json": {}, "text/csv": {}}}})
    async def formes(_: Public) -> Response:
        return Response(b"a,b", media_type="text/csv")

    @r.get("/flux", response_class=StreamingResponse, responses={200: {"content": {"application/x-ndjson": {}}}})
    async def flux(_: Public) -> StreamingResponse:
        async def lignes() -> AsyncIterator[bytes]:
            for rang in range(10):
                lignes_lues.append(rang)
                yield b"{}\n"

        return StreamingResponse(lignes(), media_type="application/x-ndjson")

    return r


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[AsyncClient]:
    async with client_de(creer(tmp_path, routeur())) as client:
        client.headers.update(Passe(tmp_path).entetes())
        lignes_lues.clear()
        yield client


async def test_une_forme_refusee_est_un_406_qui_dit_celle_qu_il_y_a(client: AsyncClient) -> None:
    refus = await client.get("/annuaire/v1/lieux", headers={"accept": "image/png"})
    assert (refus.status_code, refus.headers["content-type"]) == (406, "application/problem+json")
    assert (refus.json()["type"], refus.json()["types"]) == ("/problemes/format-refuse", ["application/json"])
    assert "Accept" in refus.headers["vary"].split(", ")
    assert (await client.head("/annuaire/v1/lieux", headers={"accept": "image/png"})).status_code == 406


async def test_un_flux_refuse_n_est_pas_commence(client: AsyncClient) -> None:
    refus = await client.get("/annuaire/v1/flux", headers={"accept": "text/csv"})
    assert (refus.status_code, refus.json()["types"], lignes_lues) == (406, ["application/x-ndjson"], [])
    assert (await client.get("/annuaire/v1/flux", headers={"accept": "application/x-ndjson"})).status_code == 200
    assert len(lignes_lues) == 10


async def test_une_adresse_qui_a_plusieurs_formes_choisit_elle_meme(client: AsyncClient) -> None:
    assert (await client.get("/annuaire/v1/formes", headers={"accept": "image/png"})).status_code == 200


async def test_la_sante_se_dit_a_toute_sonde(client: AsyncClient) -> None:
    assert (await client.get("/sante/vivant", headers={"accept": "image/png"})).status_code == 200


async def test_sans_la_negociation_tout_serait_servi(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "refuser_la_forme", lambda _scope, _route: None)
    assert (await client.get("/annuaire/v1/lieux", headers={"accept": "image/png"})).status_code == 200


async def test_une_erreur_se_dit_dans_sa_forme_quoi_qu_on_accepte(client: AsyncClient) -> None:
    refus = await client.get("/annuaire/v1/rien", headers={"accept": "image/png"})
    assert (refus.status_code, refus.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("codage", ["gzip", "identity"])
async def test_un_304_porte_les_entetes_de_la_reponse_qu_il_renouvelle(client: AsyncClient, codage: str) -> None:
    entiere = await client.get("/annuaire/v1/lieux", headers={"accept-encoding": codage})
    inchangee = await client.get(
        "/annuaire/v1/lieux", headers={"accept-encoding": codage, "if-none-match": entiere.headers["etag"]}
    )
    assert (inchangee.status_code, inchangee.content) == (304, b"")
    for nom in ("etag", "vary", "cache-control"):
        assert inchangee.headers[nom] == entiere.headers[nom], nom
