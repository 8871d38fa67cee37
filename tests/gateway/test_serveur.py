"""What the server of the gateway refuses before the application is asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from gateway.serveur import Protocole
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway import serveur
from tests.fabriques.bombardement import Reponse, juger
from tests.fabriques.passerelle import Echo
from tests.fabriques.services import Dialogue, dialogue, servir

pytestmark = pytest.mark.anyio

DEMANDE = ("GET /annuaire/v1/lieux HTTP/1.1", "Host: 127.0.0.1")


@pytest.fixture
async def adresse() -> AsyncIterator[str]:
    async with servir(Echo(), http=Protocole) as servie:
        yield servie


async def refus(fil: Dialogue) -> dict[str, Any]:
    """Read a refusal to the end of its connection; it must be a sound problem."""
    statut, entetes = await fil.tete()
    corps = await fil.reste()
    assert entetes["connection"] == "close"
    assert list(juger(Reponse(statut, entetes, corps))) == []
    probleme: dict[str, Any] = json.loads(corps)
    return probleme


async def test_ce_qui_n_est_pas_du_http_est_un_probleme(adresse: str) -> None:
    async with dialogue(adresse) as fil:
        await fil.envoyer("Ceci n'est pas une requête".encode().decode("latin-1"))
        assert (await refus(fil))["type"] == "/problemes/requete-invalide"


async def test_le_serveur_nu_repond_par_un_texte() -> None:
    async with servir(Echo(), http=HttpToolsProtocol) as servie, dialogue(servie) as fil:
        await fil.envoyer("Ceci n'est pas une requete")
        _, entetes = await fil.tete()
        assert entetes["content-type"].startswith("text/plain")


async def test_une_tete_sans_fin_est_refusee_avant_d_etre_gardee(adresse: str) -> None:
    async with dialogue(adresse) as fil:
        fil.ecrivain.write(b"GET / HTTP/1.1\r\n" + b"X-Long: " + b"a" * (serveur.OCTETS_TETE + 1))
        assert (await refus(fil))["status"] == 431


async def finir_en_paix(fil: Dialogue) -> None:
    """End the head that was begun, and read the answer of the application."""
    fil.ecrivain.write(b"\r\n\r\n")
    statut, _ = await fil.tete()
    assert statut == 200


async def test_sans_la_borne_une_tete_sans_fin_serait_gardee(adresse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    longue = b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-Long: " + b"a" * (serveur.OCTETS_TETE * 4)
    monkeypatch.setattr(serveur, "OCTETS_TETE", 2**40)
    async with dialogue(adresse) as fil:
        fil.ecrivain.write(longue)
        await fil.ecrivain.drain()
        await finir_en_paix(fil)


async def test_sans_la_minuterie_une_tete_lente_serait_attendue(adresse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serveur, "ATTENTE_TETE", 0.01)
    monkeypatch.setattr(Protocole, "_armer", lambda self: None)
    async with dialogue(adresse) as fil:
        fil.ecrivain.write(b"GET / HTTP/1.1\r\nHost: a\r\nX-Lent: ")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await fil.lecteur.read(1)
        await finir_en_paix(fil)


@pytest.mark.parametrize("debut", [b"", b"GET / HTTP/1.1\r\nHost: a\r\nX-Lent: "])
async def test_une_tete_qui_n_arrive_pas_est_abandonnee(
    adresse: str, monkeypatch: pytest.MonkeyPatch, debut: bytes
) -> None:
    monkeypatch.setattr(serveur, "ATTENTE_TETE", 0.05)
    async with dialogue(adresse) as fil:
        fil.ecrivain.write(debut)
        assert (await refus(fil))["status"] == 408


async def test_une_tete_lente_apres_une_reponse_est_abandonnee(adresse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with dialogue(adresse) as fil:
        await fil.envoyer(*DEMANDE)
        _, entetes = await fil.tete()
        await fil.lecteur.readexactly(int(entetes["content-length"]))
        monkeypatch.setattr(serveur, "ATTENTE_TETE", 0.05)
        fil.ecrivain.write(b"GET /annuaire")
        assert (await refus(fil))["status"] == 408


async def test_un_grand_corps_n_est_pas_une_tete(adresse: str) -> None:
    corps = b"x" * (serveur.OCTETS_TETE * 4)
    async with dialogue(adresse) as fil:
        await fil.envoyer("POST / HTTP/1.1", "Host: a", f"Content-Length: {len(corps)}", corps=corps)
        statut, _ = await fil.tete()
        assert statut == 200


async def test_une_tete_entiere_n_attend_plus(adresse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    armees: list[Protocole] = []
    armer = Protocole._armer

    def noter(self: Protocole) -> None:
        armees.append(self)
        armer(self)

    monkeypatch.setattr(Protocole, "_armer", noter)
    async with dialogue(adresse) as fil:
        for _ in range(3):
            await fil.envoyer(*DEMANDE)
            _, entetes = await fil.tete()
            await fil.lecteur.readexactly(int(entetes["content-length"]))
        # Once for the connection: a head that comes at once has no timer of its own.
        assert [protocole._minuterie for protocole in armees] == [None]
