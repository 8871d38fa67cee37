"""What benches share: servers in processes of their own, a load over raw keep-alive connections, CPU and memory."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONNEXIONS = 16

Requete = Callable[[], bytes]
"""Makes the bytes of the next request."""


@dataclass(frozen=True, slots=True)
class Mesure:
    """One operation on one server: microseconds of CPU a request, requests a second, and latencies in ms."""

    cpu_us: float
    par_seconde: float
    p50: float
    p99: float
    octets: int


@contextmanager
def serveur(cible: str, port: int, *options: str, **environnement: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run uvicorn in a process, ready to answer."""
    commande = [
        sys.executable, "-m", "uvicorn", cible, "--host", "127.0.0.1", "--port", str(port),
        "--no-access-log", "--no-server-header", "--log-level", "warning", *options,
    ]  # fmt: skip
    with subprocess.Popen(commande, env={**os.environ, **environnement}, stdout=subprocess.DEVNULL) as processus:
        try:
            asyncio.run(_attendre(port, processus))
            yield processus
        finally:
            processus.terminate()


async def _attendre(port: int, processus: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(120):
        while True:
            if processus.poll() is not None:
                raise RuntimeError(f"Le serveur du port {port} s'est arrêté ({processus.returncode}).")
            try:
                _, ecrivain = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                ecrivain.close()
                return


def cpu(processus: subprocess.Popen[bytes], *, enfants: bool = False) -> float:
    """Seconds of CPU that a process has used, with those of its children that have ended if asked."""
    champs = Path(f"/proc/{processus.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, champs[11 : 15 if enfants else 13])) / os.sysconf("SC_CLK_TCK")


def memoire(processus: subprocess.Popen[bytes], nom: str = "VmRSS") -> float:
    """Resident memory of a process, in MB; `VmHWM` is the highest that it had."""
    for ligne in Path(f"/proc/{processus.pid}/status").read_text().splitlines():
        if ligne.startswith(f"{nom}:"):
            return int(ligne.split()[1]) * 1024 / 1e6
    raise RuntimeError(f"{nom} manque")


async def attendre_le_calme(processus: subprocess.Popen[bytes], *, secondes: float = 180) -> None:
    """Wait until a service has done what it had to do behind: duplicates to look for, an index to make or to follow."""
    async with asyncio.timeout(secondes):
        while True:
            avant = cpu(processus, enfants=True)
            await asyncio.sleep(2)
            if cpu(processus, enfants=True) - avant < 0.1:
                return


def get(chemin: str, entetes: str = "") -> bytes:
    """Write a GET."""
    return f"GET {chemin} HTTP/1.1\r\nHost: 127.0.0.1\r\n{entetes}\r\n".encode()


async def demander(
    lecteur: asyncio.StreamReader, ecrivain: asyncio.StreamWriter, requete: bytes
) -> tuple[bytes, bytes]:
    """Send one request and return the head and the body of its answer."""
    ecrivain.write(requete)
    tete = await lecteur.readuntil(b"\r\n\r\n")
    longueur = 0
    if b" 304 " not in tete[:20]:
        longueur = int(tete.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    return tete, await lecteur.readexactly(longueur)


async def charger(
    port: int, requete: Requete, secondes: float, *, statut: bytes = b"200", connexions: int = CONNEXIONS
) -> tuple[list[float], int]:
    """Closed loop: each connection asks as soon as it is answered. Returns the latencies (s) and the bytes of bodies.

    Raises `RuntimeError` at the first answer of another status.
    """
    fin = time.monotonic() + secondes
    attendu = b" " + statut + b" "

    async def une() -> tuple[list[float], int]:
        lecteur, ecrivain = await asyncio.open_connection("127.0.0.1", port, limit=2**21)
        durees, octets = [], 0
        while time.monotonic() < fin:
            debut = time.perf_counter()
            tete, corps = await demander(lecteur, ecrivain, requete())
            durees.append(time.perf_counter() - debut)
            if attendu not in tete[:20]:
                raise RuntimeError((tete + corps[:500]).decode("latin-1"))
            octets += len(corps)
        ecrivain.close()
        return durees, octets

    parts = await asyncio.gather(*(une() for _ in range(connexions)))
    return [d for durees, _ in parts for d in durees], sum(octets for _, octets in parts)


async def cadencer(port: int, requete: Requete, secondes: float, cadence: float) -> list[float]:
    """Open loop: requests leave at a steady rate, answered or not; returns latencies from when each was due."""
    file: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(64):
        file.put_nowait(await asyncio.open_connection("127.0.0.1", port, limit=2**21))
    debut = time.perf_counter()
    latences: list[float] = []

    async def une(due: float) -> None:
        lecteur, ecrivain = await file.get()
        await demander(lecteur, ecrivain, requete())
        latences.append(time.perf_counter() - due)
        file.put_nowait((lecteur, ecrivain))

    async with asyncio.TaskGroup() as groupe:
        for rang in range(int(secondes * cadence)):
            due = debut + rang / cadence
            attente = due - time.perf_counter()
            if attente > 0:
                await asyncio.sleep(attente)
            groupe.create_task(une(due))
    while not file.empty():
        file.get_nowait()[1].close()
    return latences


def mesurer(
    processus: subprocess.Popen[bytes], port: int, requete: Requete, secondes: float, *, statut: bytes = b"200"
) -> Mesure:
    """Warm up, then measure one operation."""
    asyncio.run(charger(port, requete, 0.3, statut=statut))
    avant, debut = cpu(processus), time.perf_counter()
    durees, octets = asyncio.run(charger(port, requete, secondes, statut=statut))
    duree = time.perf_counter() - debut
    return Mesure(
        cpu_us=(cpu(processus) - avant) / len(durees) * 1e6,
        par_seconde=len(durees) / duree,
        p50=centile(durees, 0.50) * 1000,
        p99=centile(durees, 0.99) * 1000,
        octets=octets // len(durees),
    )


def centile(valeurs: Sequence[float], part: float) -> float:
    """Return a quantile."""
    return sorted(valeurs)[min(len(valeurs) - 1, int(len(valeurs) * part))]


async def nue(scope: Any, receive: Any, send: Any) -> None:
    """Answer a number of bytes, named by the path, from memory: the bare ASGI application."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": message["type"] + ".complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    corps = _CORPS[: int(scope["path"].rpartition("/")[2])]
    entetes = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(corps)).encode()),
        (b"etag", b'W/"1"'),
        (b"cache-control", b"public, max-age=30"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": entetes})
    await send({"type": "http.response.body", "body": corps})


_CORPS = b"x" * 200_000
