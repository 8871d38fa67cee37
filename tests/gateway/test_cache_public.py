"""Public answers kept for a moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fabriques.passerelle import Banc, banc

pytestmark = pytest.mark.anyio

PUBLIQUE = [(b"content-type", b"application/json"), (b"cache-control", b"public, max-age=60"), (b"etag", b'W/"1"')]


@pytest.fixture
async def b(tmp_path: Path) -> AsyncIterator[Banc]:
    async with banc(tmp_path, cache_secondes=30) as ouvert:
        ouvert.echo.entetes = list(PUBLIQUE)
        yield ouvert


async def test_une_reponse_publique_est_servie_sans_redemander(b: Banc) -> None:
    premiere = await b.client.get("/annuaire/v1/lieux?a=1")
    seconde = await b.client.get("/annuaire/v1/lieux?a=1")
    assert seconde.content == premiere.content
    assert len(b.echo.recues) == 1
    propres = {"ratelimit", "date"}
    assert {n: v for n, v in seconde.headers.items() if n not in propres} == {
        n: v for n, v in premiere.headers.items() if n not in propres
    }


async def test_une_lecture_conditionnelle_est_un_304_sans_redemander(b: Banc) -> None:
    await b.client.get("/annuaire/v1/lieux")
    reponse = await b.client.get("/annuaire/v1/lieux", headers={"if-none-match": 'W/"1"'})
    assert (reponse.status_code, reponse.content, reponse.headers["etag"]) == (304, b"", 'W/"1"')
    assert "content-length" not in reponse.headers
    assert len(b.echo.recues) == 1


async def test_head_est_servi_de_la_meme_reponse(b: Banc) -> None:
    get = await b.client.get("/annuaire/v1/lieux")
    head = await b.client.head("/annuaire/v1/lieux")
    assert (head.content, head.headers["content-length"]) == (b"", get.headers["content-length"])
    assert len(b.echo.recues) == 1


@pytest.mark.parametrize(
    ("chemin", "entetes"),
    [
        ("/annuaire/v1/lieux?a=2", {}),
        ("/annuaire/v1/autres?a=1", {}),
        ("/annuaire/v1/lieux?a=1", {"accept": "text/csv"}),
        ("/annuaire/v1/lieux?a=1", {"accept-encoding": "identity"}),
    ],
)
async def test_une_autre_requete_a_sa_reponse(b: Banc, chemin: str, entetes: dict[str, str]) -> None:
    await b.client.get("/annuaire/v1/lieux?a=1")
    await b.client.get(chemin, headers=entetes)
    assert len(b.echo.recues) == 2


@pytest.mark.parametrize(
    "entetes",
    [
        [],
        [(b"cache-control", b"private, max-age=60")],
        [(b"cache-control", b"public")],
        [(b"cache-control", b"public, no-store, max-age=60")],
        [(b"cache-control", b"max-age=60")],
        [(b"cache-control", b"public, max-age=0")],
        [(b"cache-control", b"public, max-age=60"), (b"vary", b"Authorization")],
        [(b"cache-control", b"public, max-age=60"), (b"vary", b"*")],
        [(b"cache-control", b"public, max-age=60"), (b"set-cookie", b"a=1")],
    ],
    ids=str,
)
async def test_ce_qui_n_est_pas_public_n_est_pas_garde(b: Banc, entetes: list[tuple[bytes, bytes]]) -> None:
    b.echo.entetes = entetes
    for _ in range(2):
        await b.client.get("/annuaire/v1/lieux")
    assert len(b.echo.recues) == 2


async def test_une_erreur_n_est_pas_gardee(b: Banc) -> None:
    b.echo.statut = 404
    for _ in range(2):
        assert (await b.client.get("/annuaire/v1/lieux")).status_code == 404
    assert len(b.echo.recues) == 2


async def test_une_reponse_enorme_n_est_pas_gardee(b: Banc) -> None:
    b.echo.corps = b"x" * (256 * 1024 + 1)
    for _ in range(2):
        assert len((await b.client.get("/annuaire/v1/lieux")).content) == 256 * 1024 + 1
    assert len(b.echo.recues) == 2


async def test_une_ligne_de_la_table_sans_cache_redemande(b: Banc) -> None:
    for _ in range(2):
        await b.client.get("/coordination/v1/lieux")
    assert len(b.echo.recues) == 2


async def test_sans_reglage_rien_n_est_garde(tmp_path: Path) -> None:
    async with banc(tmp_path) as b:
        b.echo.entetes = list(PUBLIQUE)
        for _ in range(2):
            await b.client.get("/annuaire/v1/lieux")
        assert len(b.echo.recues) == 2
