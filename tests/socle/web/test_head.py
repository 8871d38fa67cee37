"""HEAD on a real server: the same headers, not a byte of body, and a connection that still serves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import APIRouter
from socle.acces.politique import Public
from socle.web.entetes import veut_un_corps
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from tests.fabriques.services import Passe, creer, dialogue, servir

pytestmark = pytest.mark.anyio

routeur = APIRouter()


@routeur.get("/entiere")
async def entiere(_: Public) -> Response:
    return Response(b"x" * 5_000, media_type="text/plain")


@routeur.get("/flux")
async def flux(_: Public, request: Request) -> Response:
    async def morceaux() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"y" * 2_000

    return StreamingResponse(morceaux(), headers={"X-Corps": str(veut_un_corps(request.scope))}, media_type="text/csv")


@pytest.mark.parametrize("codage", ["identity", "gzip"])
@pytest.mark.parametrize("chemin", ["/entiere", "/flux"])
async def test_un_head_ne_laisse_rien_derriere_lui(tmp_path: Path, chemin: str, codage: str) -> None:
    app = creer(tmp_path, routeur)
    [(_, jeton)] = Passe(tmp_path).entetes().items()
    commun = ("Host: 127.0.0.1", f"Authorization: {jeton}", f"Accept-Encoding: {codage}")
    async with servir(app) as adresse, dialogue(adresse) as parole:
        # several on one connection: anything left behind would be read as the beginning of the next answer
        await parole.envoyer(f"HEAD {chemin} HTTP/1.1", *commun)
        premiere = await parole.tete()
        await parole.envoyer(f"HEAD {chemin} HTTP/1.1", *commun)
        seconde = await parole.tete()
        await parole.envoyer(f"GET {chemin} HTTP/1.1", *commun, "Connection: close")
        lue = await parole.tete()
        corps = await parole.reste()
    assert [tete[0] for tete in (premiere, seconde, lue)] == [200, 200, 200]
    assert len(corps) > 20
    for nom in ("content-type", "content-length", "content-encoding", "vary"):
        assert premiere[1].get(nom) == seconde[1].get(nom)
    if codage == "identity" and chemin == "/entiere":
        assert premiere[1]["content-length"] == lue[1]["content-length"] == "5000"
    if chemin == "/flux":
        assert (premiere[1]["x-corps"], lue[1]["x-corps"]) == ("False", "True")
