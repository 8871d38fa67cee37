"""JSON from outside, within its limits."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from socle.acces.politique import Public
from socle.errors import RequeteInvalide
from socle.web.client import AsyncClient
from socle.web.json_recu import GardeJson, LimitesJson, lire_json

from tests.fabriques.services import HUB, Passe, client_de, creer

JSON = LimitesJson(profondeur=3, cles=2, elements=3, texte=4, chiffres=5)


@pytest.mark.parametrize(
    ("bon", "mauvais", "code"),
    [
        ("[[[]]]", "[[[[]]]]", "json-profondeur"),
        ('{"a":1,"b":2}', '{"a":1,"b":2,"c":3}', "json-cles"),
        ("[1,2,3]", "[1,2,3,4]", "json-elements"),
        ('"abcd"', '"abcde"', "json-texte"),
        ('{"abcd":1}', '{"abcde":1}', "json-texte"),
        ("12345", "123456", "json-nombre"),
        ("1.234", "1.2345", "json-nombre"),
        ('{"a":1,"b":1}', '{"a":1,"a":1}', "json-cle-double"),
        ('"\\ud83d\\ude00"', '"\\ud83d"', "json-unicode"),
        ('"\\u0001"', '"\\u0000"', "json-unicode"),
        ("1", "NaN", "json-invalide"),
        ("1", "Infinity", "json-invalide"),
        ("[]", "[", "json-invalide"),
        ('"[[[["', "[[[[", "json-invalide"),
    ],
)
def test_un_document_json_tient_dans_ses_limites(bon: str, mauvais: str, code: str) -> None:
    assert lire_json(bon.encode(), JSON) == json.loads(bon)
    with pytest.raises(RequeteInvalide) as refus:
        lire_json(mauvais.encode(), JSON)
    assert refus.value.erreurs[0].code == code


def test_des_octets_qui_ne_sont_pas_de_l_utf8_sont_refuses() -> None:
    with pytest.raises(RequeteInvalide):
        lire_json(b'"\xff"')


def test_une_faute_profonde_est_situee() -> None:
    with pytest.raises(RequeteInvalide) as refus:
        lire_json(b'{"a/b":["abcde"]}', JSON)
    assert refus.value.erreurs[0].pointer == "/a~1b/0"


def test_une_profondeur_qui_epuiserait_la_pile_est_un_refus() -> None:
    with pytest.raises(RequeteInvalide):
        lire_json(b"[" * 500_000 + b"]" * 500_000)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[tuple[AsyncClient, Passe]]:
    routeur = APIRouter()

    @routeur.post("/json")
    async def recevoir(_: Public, corps: dict[str, Any]) -> int:
        return len(corps)

    async with client_de(creer(tmp_path, routeur)) as client:
        yield client, Passe(tmp_path)


MAUVAIS = [b'{"a":1,"a":2}', b"[" * 33 + b"]" * 33, b'{"a":"\\u0000"}', b'{"a":NaN}', b'{"a":"\xff"}']


@pytest.mark.anyio
@pytest.mark.parametrize("corps", MAUVAIS, ids=str)
@pytest.mark.parametrize(
    "media", ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"]
)
async def test_un_corps_json_hors_limites_est_un_400(
    service: tuple[AsyncClient, Passe], corps: bytes, media: str
) -> None:
    client, passe = service
    entetes = {**passe.entetes(HUB, ecriture=True), "content-type": media}
    reponse = await client.post("/json", content=corps, headers=entetes)
    assert (reponse.status_code, reponse.headers["content-type"]) == (400, "application/problem+json")
    assert reponse.json()["erreurs"][0]["code"].startswith("json-")


@pytest.mark.anyio
async def test_un_bon_corps_recu_en_morceaux_arrive_entier(service: tuple[AsyncClient, Passe]) -> None:
    client, passe = service

    async def morceaux() -> AsyncIterator[bytes]:
        for octet in b'{"a": 1, "b": [2]}':
            yield bytes([octet])

    entetes = {**passe.entetes(HUB, ecriture=True), "content-type": "application/json"}
    assert (await client.post("/json", content=morceaux(), headers=entetes)).json() == 2


@pytest.mark.anyio
async def test_sans_la_garde_une_cle_double_passerait(
    service: tuple[AsyncClient, Passe], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GardeJson, "_concerne", lambda *_: False)
    client, passe = service
    entetes = {**passe.entetes(HUB, ecriture=True), "content-type": "application/json"}
    assert (await client.post("/json", content=MAUVAIS[0], headers=entetes)).status_code == 200
