"""A team of processes: prefixed logs, the first death ends all, nobody is left behind."""

from __future__ import annotations

import asyncio
import ctypes
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

DELAI_TUER = 15.0
"""Seconds between SIGTERM and SIGKILL: longer than what uvicorn leaves to requests in flight."""

_COULEURS = ("36", "32", "33", "35")
_PR_SET_PDEATHSIG = 1


class Equipe:
    """Processes started together. Use as an async context manager: leaving the block stops them all."""

    def __init__(self, *, sortie: TextIO = sys.stdout) -> None:
        self._sortie = sortie
        self._processus: dict[str, asyncio.subprocess.Process] = {}
        self._lectures: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Equipe:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.arreter()

    async def demarrer(self, nom: str, commande: Sequence[str], environnement: Mapping[str, str]) -> None:
        """Start a process; its two outputs are printed line by line behind its name."""
        processus = await asyncio.create_subprocess_exec(
            *commande,
            env=dict(environnement),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # Its own group, so that Ctrl-C reaches the launcher alone, which stops the team in good order.
            start_new_session=True,
            preexec_fn=_mourir_avec_le_parent,
        )
        prefixe = self._prefixe(nom, len(self._processus))
        self._processus[nom] = processus
        self._lectures.append(asyncio.create_task(self._recopier(prefixe, processus)))

    async def premiere_mort(self) -> tuple[str, int]:
        """Wait until a process ends; return its name and its return code (negative: a signal)."""
        attentes = {asyncio.create_task(p.wait()): nom for nom, p in self._processus.items()}
        try:
            finies, _ = await asyncio.wait(attentes, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for attente in attentes:
                attente.cancel()
        finie = finies.pop()
        return attentes[finie], finie.result()

    async def arreter(self) -> None:
        """Ask every process to end, then kill those that do not within `DELAI_TUER`."""
        vivants = [p for p in self._processus.values() if p.returncode is None]
        for processus in vivants:
            processus.send_signal(signal.SIGTERM)
        if vivants:
            attentes = [asyncio.create_task(p.wait()) for p in vivants]
            _, restants = await asyncio.wait(attentes, timeout=DELAI_TUER)
            if restants:
                for processus in vivants:
                    if processus.returncode is None:
                        processus.kill()
                await asyncio.wait(restants)
        await asyncio.gather(*self._lectures)
        self._processus.clear()
        self._lectures.clear()

    async def _recopier(self, prefixe: str, processus: asyncio.subprocess.Process) -> None:
        # Chunks rather than lines: a line longer than the buffer would stop the copy, then the process.
        assert processus.stdout is not None  # noqa: S101 - asked for above
        reste = b""
        while morceau := await processus.stdout.read(65_536):
            *lignes, reste = (reste + morceau).split(b"\n")
            for ligne in lignes:
                self._ecrire(prefixe, ligne)
        if reste:
            self._ecrire(prefixe, reste)

    def _ecrire(self, prefixe: str, ligne: bytes) -> None:
        self._sortie.write(prefixe + ligne.decode("utf-8", "replace") + "\n")
        self._sortie.flush()

    def _prefixe(self, nom: str, rang: int) -> str:
        if not self._sortie.isatty():
            return f"{nom:<12} | "
        return f"\x1b[{_COULEURS[rang % len(_COULEURS)]}m{nom:<12}\x1b[0m | "


def _mourir_avec_le_parent() -> None:
    """Ask Linux to end this process with the launcher, even killed outright: no port stays held."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
