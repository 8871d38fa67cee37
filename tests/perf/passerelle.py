"""CPU of the gateway per proxied request, beside a bare ASGI application in the same run.

Run by hand: `python -m tests.perf.passerelle [--secondes 4] [--tours 3] [--avant DOSSIER]`, the folder of another
version to measure in the same run, turn by turn: a machine is not the same from one minute to the next. Each server is
a process of its own; the load comes from raw keep-alive connections of this one. The figure is user + system time of
the process that serves.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import port_libre

CONNEXIONS = 16
TAILLES = (1_600, 30_000, 80_000)
SOURCES = (
    "socle/src",
    "services/annuaire/src",
    "services/coordination/src",
    "services/financement/src",
    "gateway/src",
    ".",
)


async def nue(scope: Any, receive: Any, send: Any) -> None:
    """Answer `taille` bytes from memory: the bare application, and the service behind the gateway."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": message["type"] + ".complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    corps = b"x" * int(scope["path"].rpartition("/")[2])
    entetes = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(corps)).encode()),
        (b"etag", b'W/"1"'),
        (b"cache-control", b"public, max-age=30"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": entetes})
    await send({"type": "http.response.body", "body": corps})


@contextmanager
def serveur(cible: str, port: int, *options: str, **environnement: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run uvicorn in a process, ready to answer."""
    commande = [
        sys.executable, "-m", "uvicorn", cible, "--host", "127.0.0.1", "--port", str(port),
        "--no-access-log", "--no-server-header", "--log-level", "warning", *options,
    ]  # fmt: skip
    with subprocess.Popen(
        commande, env={**os.environ, **environnement}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as processus:
        try:
            asyncio.run(_attendre(port))
            yield processus
        finally:
            processus.terminate()


async def _attendre(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, ecrivain = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                ecrivain.close()
                return


def cpu(processus: subprocess.Popen[bytes]) -> float:
    """Seconds of CPU that a process has used."""
    champs = Path(f"/proc/{processus.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(champs[11]) + int(champs[12])) / os.sysconf("SC_CLK_TCK")


async def charger(port: int, chemin: str, secondes: float, entetes: str = "") -> int:
    """Send requests over keep-alive connections for a while; returns how many were answered 200."""
    requete = f"GET {chemin} HTTP/1.1\r\nHost: 127.0.0.1\r\n{entetes}\r\n".encode()
    fin = time.monotonic() + secondes

    async def une() -> int:
        lecteur, ecrivain = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        servies = 0
        while time.monotonic() < fin:
            ecrivain.write(requete)
            tete = await lecteur.readuntil(b"\r\n\r\n")
            if b" 200 " not in tete[:20]:
                raise RuntimeError(tete.decode("latin-1"))
            longueur = int(tete.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            await lecteur.readexactly(longueur)
            servies += 1
        ecrivain.close()
        return servies

    return sum(await asyncio.gather(*(une() for _ in range(CONNEXIONS))))


def mesurer(processus: subprocess.Popen[bytes], port: int, chemin: str, secondes: float, entetes: str = "") -> float:
    """Microseconds of CPU per request."""
    asyncio.run(charger(port, chemin, 0.5, entetes))
    avant = cpu(processus)
    servies = asyncio.run(charger(port, chemin, secondes, entetes))
    return (cpu(processus) - avant) / servies * 1e6


def principal() -> None:
    """Print one line per size and kind of call."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--secondes", type=float, default=4.0)
    options.add_argument("--tours", type=int, default=3)
    options.add_argument("--avant", type=Path, help="dossier d'une autre version")
    reglages = options.parse_args()
    versions = {"": os.environ.get("PYTHONPATH", "")}
    if reglages.avant:
        versions = {"avant": os.pathsep.join(str(reglages.avant / chemin) for chemin in SOURCES), **versions}
    with ExitStack() as pile:
        port_nu = port_libre()
        bare = pile.enter_context(serveur("tests.perf.passerelle:nue", port_nu))
        amonts = {
            f"GATEWAY_AMONT_{nom}": f"http://127.0.0.1:{port_nu}" for nom in ("ANNUAIRE", "COORDINATION", "FINANCEMENT")
        }
        colonnes: dict[str, tuple[subprocess.Popen[bytes], int, str]] = {"nue": (bare, port_nu, "")}
        for version, sources in versions.items():
            donnees, port = Path(pile.enter_context(tempfile.TemporaryDirectory())), port_libre()
            passerelle = pile.enter_context(
                serveur(
                    "gateway.app:create_app_depuis_environnement",
                    port,
                    "--factory",
                    PYTHONPATH=sources,
                    MAILLAGE_DONNEES=str(donnees),
                    MAILLAGE_DEMONSTRATION="oui",
                    **amonts,
                )
            )
            cle = (donnees / "cle-demonstration.txt").read_text().strip()
            colonnes[f"{version} anonyme".strip()] = (passerelle, port, "")
            colonnes[f"{version} avec clé".strip()] = (passerelle, port, f"Authorization: Bearer {cle}\r\n")
        print("  octets " + "".join(f"{nom:>16}" for nom in colonnes) + "   (µs de CPU par requête, médiane)")
        for taille in TAILLES:
            mesures: dict[str, list[float]] = {nom: [] for nom in colonnes}
            for _ in range(reglages.tours):
                for nom, (processus, port, entetes) in colonnes.items():
                    mesures[nom].append(mesurer(processus, port, f"/annuaire/v1/{taille}", reglages.secondes, entetes))
            medianes = "".join(f"{statistics.median(valeurs):>16.0f}" for valeurs in mesures.values())
            print(f"{taille:>8} {medianes}", flush=True)


if __name__ == "__main__":
    principal()
