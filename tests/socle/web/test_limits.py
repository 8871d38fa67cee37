"""Each limit, just below and just above."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, Request
from socle.acces.politique import Public
from socle.errors import RequeteInvalide
from socle.web.client import AsyncClient
from socle.web.limits import KIO, MIO, GardeLimites, Limites, controler_tete, nom_hote

from tests.fabriques.services import HUB, Passe, client_de, creer

pytestmark = pytest.mark.anyio


async def recevoir_tout(scope: Any, receive: Any, send: Any) -> None:
    """An application that reads its body to the end and answers its length."""
    recus, suite = 0, True
    while suite:
        message = await receive()
        recus += len(message.get("body", b""))
        suite = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(recus).encode()})


async def statut(
    limites: Limites,
    *,
    chemin: bytes = b"/a",
    requete: bytes = b"",
    entetes: list[tuple[bytes, bytes]] | None = None,
    morceaux: tuple[bytes, ...] = (b"",),
    methode: str = "POST",
) -> int:
    """Send a request to the middleware alone; return the status answered."""
    scope = {
        "type": "http",
        "method": methode,
        "path": chemin.decode(),
        "raw_path": chemin,
        "query_string": requete,
        "headers": entetes or [(b"host", b"localhost")],
    }
    a_donner = list(morceaux)
    statuts: list[int] = []

    async def recevoir() -> Any:
        return {"type": "http.request", "body": a_donner.pop(0), "more_body": bool(a_donner)}

    async def envoyer(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuts.append(message["status"])

    await GardeLimites(recevoir_tout, limites=limites)(scope, recevoir, envoyer)
    assert len(statuts) == 1
    return statuts[0]


async def test_la_cible_tient_en_8_kio() -> None:
    assert await statut(Limites(), chemin=b"/" + b"a" * (8 * KIO - 1)) == 200
    assert await statut(Limites(), chemin=b"/" + b"a" * (8 * KIO)) == 414


async def test_la_requete_compte_dans_la_cible_avec_son_point_d_interrogation() -> None:
    assert await statut(Limites(), requete=b"b" * (8 * KIO - 3)) == 200
    assert await statut(Limites(), requete=b"b" * (8 * KIO - 2)) == 414


async def test_les_entetes_tiennent_en_16_kio() -> None:
    juste = 16 * KIO - len("a") - 4
    assert await statut(Limites(), entetes=[(b"a", b"x" * juste)]) == 200
    assert await statut(Limites(), entetes=[(b"a", b"x" * (juste + 1))]) == 431


async def test_au_plus_64_entetes() -> None:
    assert await statut(Limites(), entetes=[(b"a", b"b")] * 64) == 200
    assert await statut(Limites(), entetes=[(b"a", b"b")] * 65) == 431


async def test_au_plus_50_parametres() -> None:
    assert await statut(Limites(), requete=b"&".join(b"a%d=1" % rang for rang in range(50))) == 200
    assert await statut(Limites(), requete=b"&".join(b"a%d=1" % rang for rang in range(51))) == 400


async def test_un_parametre_repete_compte_pour_un() -> None:
    assert await statut(Limites(), requete=b"&".join([b"a=1"] * 100)) == 200


async def test_un_caractere_nul_est_refuse_dans_le_chemin_et_la_requete() -> None:
    assert await statut(Limites(), chemin=b"/a%00") == 400
    assert await statut(Limites(), requete=b"q=%00") == 400
    assert await statut(Limites(), chemin=b"/a%01") == 200


async def test_une_longueur_annoncee_trop_grande_est_refusee_avant_lecture() -> None:
    assert await statut(Limites(corps=10), entetes=[(b"content-length", b"10")], morceaux=(b"x" * 10,)) == 200
    # The body is never asked: nothing is there to give.
    assert await statut(Limites(corps=10), entetes=[(b"content-length", b"11")], morceaux=()) == 413


@pytest.mark.parametrize("longueur", [b"-1", b"1e3", b"", b"\xb2", b"9" * 19])
async def test_une_longueur_qui_n_est_pas_un_nombre_est_refusee(longueur: bytes) -> None:
    assert await statut(Limites(), entetes=[(b"content-length", longueur)]) == 400


async def test_un_corps_sans_longueur_est_compte_en_chemin() -> None:
    assert await statut(Limites(corps=10), morceaux=(b"x" * 5, b"x" * 5)) == 200
    assert await statut(Limites(corps=10), morceaux=(b"x" * 5, b"x" * 6)) == 413


async def test_une_adresse_d_envoi_a_sa_propre_limite() -> None:
    limites = Limites(corps=10, envois={("/sources/", "/synchronisations"): 20})
    assert await statut(limites, chemin=b"/sources/a/synchronisations", morceaux=(b"x" * 20,)) == 200
    assert await statut(limites, chemin=b"/sources/a/synchronisations", morceaux=(b"x" * 21,)) == 413
    assert await statut(limites, chemin=b"/sources/a/autre", morceaux=(b"x" * 20,)) == 413


async def test_un_hote_inconnu_est_un_421() -> None:
    limites = Limites(hotes=frozenset({"localhost", "[::1]"}))
    assert await statut(limites, entetes=[(b"host", b"LocalHost:8000")]) == 200
    assert await statut(limites, entetes=[(b"host", b"[::1]:8000")]) == 200
    assert await statut(limites, entetes=[(b"host", b"exemple.fr")]) == 421
    assert await statut(limites, entetes=[(b"accept", b"*/*")]) == 421


def test_un_hote_se_lit_sans_port_ni_casse_ni_point_final() -> None:
    assert [nom_hote(h) for h in ("A.fr:80", "a.fr.", "[2001:DB8::1]:443", "a.fr")] == [
        "a.fr",
        "a.fr",
        "[2001:db8::1]",
        "a.fr",
    ]


def test_le_controle_de_la_tete_leve_une_erreur_du_socle() -> None:
    with pytest.raises(RequeteInvalide):
        controler_tete({"path": "/", "raw_path": b"/%00", "query_string": b"", "headers": []}, Limites())


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[tuple[AsyncClient, Passe]]:
    r = APIRouter()

    @r.post("/json")
    async def recevoir(_: Public, corps: dict[str, Any]) -> int:
        return len(corps)

    @r.post("/envoi/x/synchronisations")
    async def envoyer(_: Public, request: Request) -> int:
        return len(await request.body())

    passe = Passe(tmp_path)
    app = creer(tmp_path, r, envois={("/envoi/", "/synchronisations"): 25 * MIO})
    async with client_de(app) as client:
        yield client, passe


async def test_un_corps_json_d_un_mio_passe_un_octet_de_plus_non(service: tuple[AsyncClient, Passe]) -> None:
    client, passe = service

    async def envoyer(taille: int) -> int:
        corps = b'{"a":1' + b" " * (taille - 7) + b"}"

        async def par_morceaux() -> AsyncIterator[bytes]:
            yield corps[:1000]
            yield corps[1000:]

        entetes = {**passe.entetes(HUB, ecriture=True), "content-type": "application/json"}
        return (await client.post("/json", content=par_morceaux(), headers=entetes)).status_code

    assert await envoyer(MIO) == 200
    # The framework turns what it meets while reading a body into a 400 of its own.
    assert await envoyer(MIO + 1) == 413


async def test_un_envoi_va_jusqu_a_25_mio(service: tuple[AsyncClient, Passe]) -> None:
    client, passe = service

    async def envoyer(taille: int) -> int:
        entetes = passe.entetes(HUB, ecriture=True)
        return (await client.post("/envoi/x/synchronisations", content=b"x" * taille, headers=entetes)).status_code

    assert await envoyer(25 * MIO) == 200
    assert await envoyer(25 * MIO + 1) == 413
