"""Abuse: what some ask for costs neither memory that stays, nor the answers of others. Prints what it measures."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import pytest
from socle.web.client import creer_client

from tests.contrats.conftest import Banc
from tests.fabriques.bombardement import Releve, bombarder
from tests.fabriques.requetes_hostiles import Requete

CROISSANCE = 32 * 2**20
"""Bytes that a process may have gained after three more rounds of all the abuses; the first round warms it up."""

CONNEXIONS = 500
TEMOINS = (
    "/annuaire/v1/lieux?proche=48.8566,2.3522&limite=20",
    "/annuaire/v1/territoires/regions?limite=5",
)
NOMS = ("gateway", "annuaire", "coordination", "financement")


def demande(cible: bytes, *entetes: bytes, methode: bytes = b"GET", corps: bytes = b"") -> Requete:
    lignes = [methode + b" " + cible + b" HTTP/1.1", b"Host: 127.0.0.1", *entetes]
    if corps:
        lignes.append(b"Content-Length: %d" % len(corps))
    return Requete(b"\r\n".join(lignes) + b"\r\n\r\n" + corps, methode)


async def grandes_pages(banc: Banc) -> Releve:
    cibles = (b"/annuaire/v1/lieux?limite=500", b"/annuaire/v1/structures?limite=500",
              b"/annuaire/v1/changements/lieux?limit=2000")  # fmt: skip
    return await bombarder(banc.adresse, (demande(cibles[rang % 3]) for rang in range(120)), connexions=8)


async def parametres_repetes(banc: Banc) -> Releve:
    cibles = (
        b"/annuaire/v1/lieux?" + b"&".join([b"departement=01"] * 540),
        b"/annuaire/v1/lieux?" + b"&".join(b"departement=%02d" % rang for rang in range(1, 96)),
        b"/annuaire/v1/lieux?" + b"&".join(b"p%d=1" % rang for rang in range(800)),
        b"/annuaire/v1/lieux?" + b"&" * 8_000,
    )
    return await bombarder(banc.adresse, (demande(cibles[rang % 4]) for rang in range(400)))


async def longues_requetes(banc: Banc) -> Releve:
    cible = b"/annuaire/v1/lieux?q=" + b"x" * 10_000
    return await bombarder(banc.adresse, (demande(cible) for _ in range(500)))


async def grands_entetes(banc: Banc) -> Releve:
    tailles = (15_000, 50_000)
    tirs = (demande(b"/annuaire/v1/territoires/regions", b"X-Grand: " + b"v" * tailles[r % 2]) for r in range(400))
    return await bombarder(banc.adresse, tirs)


async def grands_corps(banc: Banc) -> Releve:
    corps = json.dumps({"nom": ["x" * 1_000] * 1_000}).encode()
    entetes = (b"Content-Type: application/json", b"Authorization: Bearer " + banc.cle.encode())
    tirs = (demande(b"/annuaire/v1/structures", *entetes, methode=b"POST", corps=corps) for _ in range(60))
    return await bombarder(banc.adresse, tirs, connexions=8)


async def connexions_qui_trainent(banc: Banc) -> Releve:
    """Open 500 connections, half silent, half sending a byte of a header a second, until the server gives them up."""
    releve = Releve()
    async with asyncio.timeout(40), asyncio.TaskGroup() as groupe:
        for rang in range(CONNEXIONS):
            groupe.create_task(_trainer(banc.adresse, releve, bavarde=rang % 2 == 0))
    return releve


async def _trainer(adresse: str, releve: Releve, *, bavarde: bool) -> None:
    hote, port = adresse.removeprefix("http://").split(":")
    lecteur, ecrivain = await asyncio.open_connection(hote, int(port))
    ecrivain.write(b"GET / HTTP/1.1\r\nX-Lent: " if bavarde else b"")
    goutte = asyncio.create_task(_goutter(ecrivain)) if bavarde else None
    try:
        tete = await lecteur.read(2**16)
        releve.statuts[int(tete.split()[1]) if tete else 0] += 1
    finally:
        if goutte is not None:
            goutte.cancel()
        ecrivain.close()


async def _goutter(ecrivain: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while True:
            ecrivain.write(b"a")
            await ecrivain.drain()
            await asyncio.sleep(1)


ABUS: dict[str, tuple[Callable[[Banc], Awaitable[Releve]], set[int]]] = {
    "pages de 500": (grandes_pages, {200}),
    "paramètres répétés": (parametres_repetes, {200, 400}),
    "requêtes de 10 ko": (longues_requetes, {414}),
    "en-têtes de 15 et 50 ko": (grands_entetes, {200, 431}),
    "corps de 1 Mo": (grands_corps, {422}),
    "500 connexions qui traînent": (connexions_qui_trainent, {408}),
}


@dataclass
class Temoin:
    """What others feel meanwhile: the time of each of their answers, in milliseconds, and those that are not 200."""

    durees: list[float] = field(default_factory=list)
    ratees: int = 0

    def resume(self) -> str:
        """Say median and 99th percentile."""
        return f"médiane {median(self.durees):6.1f} ms, p99 {quantiles(self.durees, n=100)[98]:7.1f} ms"


@contextlib.asynccontextmanager
async def temoigner(banc: Banc) -> AsyncIterator[Temoin]:
    temoin = Temoin()
    async with creer_client(banc.adresse) as client:

        async def lire() -> None:
            while True:
                for adresse in TEMOINS:
                    debut = time.perf_counter()
                    reponse = await client.get(adresse)
                    temoin.durees.append((time.perf_counter() - debut) * 1000)
                    temoin.ratees += reponse.status_code != 200
                    await asyncio.sleep(0.01)

        tache = asyncio.create_task(lire())
        try:
            yield temoin
            await asyncio.sleep(0.5)
        finally:
            tache.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await tache


def memoires(pere: int) -> dict[str, int]:
    """Resident bytes of each child of a process, by the name of its service."""
    trouvees: dict[str, int] = {}
    for enfant in Path(f"/proc/{pere}/task/{pere}/children").read_text().split():
        commande = Path(f"/proc/{enfant}/cmdline").read_bytes().split(b"\0")
        nom = next((n for n in NOMS if f"{n}.app:create_app_depuis_environnement".encode() in commande), None)
        if nom is not None:
            pages = int(Path(f"/proc/{enfant}/statm").read_text().split()[1])
            trouvees[nom] = pages * 4096
    return trouvees


@pytest.mark.epreuve
@pytest.mark.anyio
async def test_l_abus_ne_laisse_rien_en_memoire_et_les_autres_sont_servis(banc: Banc) -> None:
    async with temoigner(banc) as avant:
        await asyncio.sleep(3)
    print(f"\navant                        : {avant.resume()}")
    pesees: list[dict[str, int]] = []
    for tour in range(4):
        for nom, (abuser, attendus) in ABUS.items():
            if abuser is connexions_qui_trainent and tour > 1:
                continue
            async with temoigner(banc) as pendant:
                releve = await abuser(banc)
            assert set(releve.statuts) == attendus, (nom, releve.statuts)
            assert releve.fautes == []
            assert pendant.ratees == 0, nom
            if tour == 1:
                print(f"{nom:<29}: {pendant.resume()} ({len(pendant.durees)} lectures), {dict(releve.statuts)}")
        pesees.append(memoires(banc.maillage.processus.pid))
    for nom in NOMS:
        print(f"{nom:<29}: " + " → ".join(f"{pesee[nom] / 2**20:.0f}" for pesee in pesees) + " Mio, tour après tour")
    verifier_la_memoire(pesees)


def verifier_la_memoire(pesees: Sequence[Mapping[str, int]]) -> None:
    """Refuse that a process has grown since the first round, or that one was not weighed."""
    assert set(pesees[0]) == set(NOMS)
    gagnees = {nom: pesees[-1][nom] - pesees[0][nom] for nom in NOMS}
    assert all(gagnee <= CROISSANCE for gagnee in gagnees.values()), gagnees


GONFLER = """
import sys
garde = []
for octets in sys.stdin:
    garde.append(b"x" * int(octets))
    print(len(garde), flush=True)
"""
"""A process that keeps what it is asked to keep."""


@pytest.mark.parametrize("nom", NOMS)
def test_un_service_qui_garde_ce_qu_on_lui_envoie_est_vu(nom: str) -> None:
    with contextlib.ExitStack() as pile:
        services = {}
        for autre in NOMS:
            commande = [sys.executable, "-c", GONFLER, f"{autre}.app:create_app_depuis_environnement"]
            processus = subprocess.Popen(commande, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            services[autre] = pile.enter_context(processus)
            pile.callback(processus.kill)
            garder(processus, 1)
        pesees = [memoires(os.getpid())]
        garder(services[nom], CROISSANCE // 4)
        verifier_la_memoire([*pesees, memoires(os.getpid())])
        garder(services[nom], CROISSANCE)
        with pytest.raises(AssertionError, match=nom):
            verifier_la_memoire([*pesees, memoires(os.getpid())])


def garder(processus: subprocess.Popen[str], octets: int) -> None:
    """Make a process keep this many bytes more, and wait until it does."""
    assert processus.stdin is not None
    assert processus.stdout is not None
    processus.stdin.write(f"{octets}\n")
    processus.stdin.flush()
    assert processus.stdout.readline()
