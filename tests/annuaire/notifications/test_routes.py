"""Endpoints: who registers them, what is refused, a secret that is told once; and what annuaire tells them."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI, Request
from socle.acces.principal import ANONYME, Principal
from socle.webhooks import diffuser, repository, service
from standardwebhooks import Webhook as Bibliotheque

from tests.fabriques.annuaire import ADMIN, SANS_PORTEE, Annuaire, liste, nouvelle_cle, ouvrir
from tests.fabriques.services import servir

pytestmark = pytest.mark.anyio

URL = "https://exemple.fr/maillage"
CHANGEMENTS = "changements.disponibles"


def cle(*portees: str, sources: frozenset[str] | None = None) -> Principal:
    return Principal(f"cle:{uuid4().hex[:10]}", portees=frozenset({"webhooks", *portees}), sources=sources)


async def inscrire(annuaire: Annuaire, qui: Principal | None, *, idempotence: str | None = None, **champs: Any) -> Any:
    return await annuaire.post(
        "/webhooks",
        qui=qui,
        corps={"url": URL, "types": [CHANGEMENTS], **champs},
        entetes={"Idempotency-Key": idempotence or nouvelle_cle()},
    )


async def appeler(annuaire: Annuaire, methode: str, chemin: str, qui: Principal | None) -> Any:
    return await annuaire.client.request(
        methode, f"/annuaire/v1/webhooks{chemin}", headers=annuaire.entetes(qui, ecriture=methode != "GET")
    )


SUITES = (
    ("GET", ""), ("DELETE", ""), ("POST", "/rotation"), ("POST", "/reouverture"), ("GET", "/livraisons"),
    ("POST", f"/livraisons/{uuid4()}/rejeu"),
)  # fmt: skip


@pytest.mark.parametrize(("qui", "statut"), [(None, 401), (ANONYME, 401), (SANS_PORTEE, 403), (cle(), 404)])
async def test_un_webhook_n_est_qu_a_sa_cle(annuaire: Annuaire, qui: Principal | None, statut: int) -> None:
    sien = cle()
    id = (await inscrire(annuaire, sien)).json()["id"]
    assert [(await appeler(annuaire, m, f"/{id}{suite}", qui)).status_code for m, suite in SUITES] == [statut] * 6
    if statut != 404:
        assert (await inscrire(annuaire, qui)).status_code == statut
        assert (await appeler(annuaire, "GET", "", qui)).status_code == statut
    else:
        assert (await appeler(annuaire, "GET", "", qui)).json()["elements"] == []
    assert (await appeler(annuaire, "GET", f"/{id}", sien)).status_code == 200


async def test_le_secret_n_est_dit_qu_a_l_inscription_et_a_la_rotation(annuaire: Annuaire) -> None:
    sienne, idempotence = cle(), nouvelle_cle()
    premiere = await inscrire(annuaire, sienne, idempotence=idempotence)
    assert premiere.status_code == 201
    lu, secret = premiere.json(), premiere.json()["secret"]
    assert secret.startswith("whsec_")
    assert premiere.headers["location"] == f"/annuaire/v1/webhooks/{lu['id']}"
    rejouee = await inscrire(annuaire, sienne, idempotence=idempotence)
    assert (rejouee.json(), rejouee.headers["idempotency-replayed"]) == (lu, "true")
    for chemin in ("", f"/{lu['id']}", f"/{lu['id']}/livraisons"):
        assert "whsec_" not in (await appeler(annuaire, "GET", chemin, sienne)).text
    autre = (await inscrire(annuaire, sienne, signature="v1a")).json()
    assert (lu["signature"], autre["signature"], autre["secret"][:5]) == ("v1", "v1a", "whpk_")
    tournee = (await appeler(annuaire, "POST", f"/{lu['id']}/rotation", sienne)).json()
    assert tournee["secret"] not in (secret, None)
    async with annuaire.base.read() as session:
        ligne = await repository.lire(session, UUID(lu["id"]), sienne.sujet)
    assert "whsec" not in repr(ligne)
    assert (await appeler(annuaire, "DELETE", f"/{lu['id']}", sienne)).status_code == 204
    assert (await appeler(annuaire, "GET", f"/{lu['id']}", sienne)).status_code == 404


@pytest.mark.parametrize(
    ("champs", "statut"),
    [
        ({"url": "http://exemple.fr/"}, 422), ({"url": "https://127.0.0.1/"}, 422), ({"url": "https://10.0.0.1/"}, 422),
        ({"url": "https://exemple.fr:8443/"}, 422), ({"url": "https://a:b@exemple.fr/"}, 422), ({"types": []}, 422),
        ({"types": ["inconnu"]}, 422), ({"types": ["x" * 65]}, 422), ({"secret": "x"}, 422),
        ({"types": ["synchronisation.terminee"]}, 403), ({"types": [CHANGEMENTS, "source.degradee"]}, 403),
    ],
)  # fmt: skip
async def test_une_inscription_refusee_ne_laisse_rien(annuaire: Annuaire, champs: dict[str, Any], statut: int) -> None:
    sienne = cle()
    assert (await inscrire(annuaire, sienne, **champs)).status_code == statut
    assert (await appeler(annuaire, "GET", "", sienne)).json()["elements"] == []


async def test_une_cle_a_vingt_webhooks_au_plus(annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "WEBHOOKS_MAX", 2)
    sienne = cle()
    assert [(await inscrire(annuaire, sienne)).status_code for _ in range(3)] == [201, 201, 409]
    assert len(await annuaire.tous("/webhooks", qui=sienne, limite=1)) == 2


def _dit(type: str, **donnees: Any) -> tuple[str, Any, Any]:
    source = donnees.get("source") or ",".join(donnees.get("sources", ())) or None
    return type, source, donnees.get("synchronisation") or donnees.get("signalement")


async def test_d_une_liste_envoyee_a_la_notification_verifiee(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recus: list[tuple[dict[str, str], bytes]] = []
    site = FastAPI()

    @site.post("/maillage")
    async def recevoir(request: Request) -> None:
        recus.append((dict(request.headers), await request.body()))

    async with servir(site) as adresse:
        monkeypatch.setenv("MAILLAGE_SORTIES_LOCALES", json.dumps([adresse]))
        monkeypatch.setattr(diffuser, "ECART", timedelta(seconds=0.2))
        async with ouvrir(tmp_path, f"sqlite:{tmp_path / 'annuaire.db'}") as annuaire:
            await annuaire.creer_source("hub-a")
            await annuaire.creer_source("hub-b")
            sienne = cle("sync:write", sources=frozenset({"hub-a"}))
            types = [CHANGEMENTS, "synchronisation.terminee", "synchronisation.retenue", "signalement.recu"]
            webhook = (await inscrire(annuaire, sienne, url=f"{adresse}/maillage", types=types)).json()
            await annuaire.synchroniser("hub-b", liste(2))
            run = await annuaire.synchroniser("hub-a", liste(30))
            await annuaire.synchroniser("hub-a", liste(30), etat="inchange")
            retenue = await annuaire.synchroniser("hub-a", liste(2), etat="retenue")
            for source in ("hub-a", "hub-b"):
                lieu_id = next(iter((await annuaire.lieux(source)).values()))["id"]
                signale = {"motif": "horaires_faux", "texte": "Fermé le mardi."}
                entetes = {"Idempotency-Key": nouvelle_cle()}
                chemin = f"/lieux/{lieu_id}/signalements"
                assert (await annuaire.post(chemin, qui=ANONYME, corps=signale, entetes=entetes)).status_code == 201
            [signalement] = await annuaire.tous("/sources/hub-a/signalements", qui=ADMIN)
            attendus = {
                ("signalement.recu", "hub-a", signalement["id"]),
                (CHANGEMENTS, None, None),
                ("synchronisation.terminee", "hub-a", run["id"]),
                ("synchronisation.retenue", "hub-a", retenue["id"]),
            }
            dits: set[tuple[str, Any, Any]] = set()
            async with asyncio.timeout(30):
                while not attendus <= dits:
                    await asyncio.sleep(0.05)
                    corps = [Bibliotheque(webhook["secret"]).verify(octets, entetes) for entetes, octets in recus]
                    dits = {_dit(c["type"], **c["data"]) for c in corps}
            assert dits == attendus
            assert not any(b"Ferm" in octets for _, octets in recus)
            livraisons = await annuaire.tous(f"/webhooks/{webhook['id']}/livraisons", qui=sienne, limite=2)
            livree = next(lu for lu in livraisons if lu["etat"] == "livree")
            rejeu = f"/{webhook['id']}/livraisons/{livree['id']}/rejeu"
            assert (await appeler(annuaire, "POST", rejeu, sienne)).status_code == 202
            async with asyncio.timeout(30):
                while [e["webhook-id"] for e, _ in recus].count(livree["message"]) < 2:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            assert (await appeler(annuaire, "POST", rejeu, ADMIN)).status_code == 403
