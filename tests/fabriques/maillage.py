"""A whole Maillage, started as `make run` does, on free ports and in its own folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

RACINE = Path(__file__).parents[2]
PRET = "Maillage est prêt"
ATTENTE = 180.0
"""Seconds left to the first launch, demonstration loaded: what a newcomer is promised."""


@dataclass
class Maillage:
    """Four processes under their launcher. `journal` is all that it has printed so far."""

    port: int
    donnees: Path
    processus: subprocess.Popen[str]
    journal: list[str] = field(default_factory=list)
    pret: threading.Event = field(default_factory=threading.Event)
    lecture: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.lecture = threading.Thread(target=self._lire, daemon=True)
        self.lecture.start()

    @property
    def adresse(self) -> str:
        """Address of the gateway."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def cle(self) -> str:
        """The demonstration key."""
        return (self.donnees / "cle-demonstration.txt").read_text(encoding="utf-8").strip()

    def attendre(self) -> None:
        """Wait until the launcher says that all is ready; raises `AssertionError` with its journal otherwise."""
        assert self.pret.wait(ATTENTE), "\n".join(self.journal)
        assert any(PRET in ligne for ligne in self.journal), "\n".join(self.journal)

    def arreter(self, numero: int = signal.SIGTERM) -> int:
        """Send a signal to the launcher and wait for its end; return its exit code."""
        if self.processus.poll() is None:
            self.processus.send_signal(numero)
        return self.attendre_la_fin()

    def attendre_la_fin(self) -> int:
        """Wait until the launcher ends by itself; return its exit code. The journal is then whole."""
        code = self.processus.wait(60)
        self.lecture.join(60)
        return code

    def rendre_les_ports(self) -> None:
        """Take the four ports for a moment: they must be free."""
        for rang in range(4):
            socket.create_server(("127.0.0.1", self.port + rang)).close()

    def _lire(self) -> None:
        assert self.processus.stdout is not None
        with self.processus.stdout as sortie:
            for ligne in sortie:
                self.journal.append(ligne.rstrip("\n"))
                # The examples come after the address: wait for the whole message.
                if ligne.startswith("Ctrl-C"):
                    self.pret.set()
        self.pret.set()


def lancer(donnees: Path, *, port: int | None = None, **environnement: str) -> Maillage:
    """Start the launcher; `environnement` completes or replaces that of the tests."""
    port = port or quatre_ports_libres()
    reglages = {"PORT": str(port), "MAILLAGE_DONNEES": str(donnees), **environnement}
    heritage = {nom: valeur for nom, valeur in os.environ.items() if not nom.startswith(("MAILLAGE_", "ANNUAIRE_"))}
    processus = subprocess.Popen(
        [sys.executable, "-m", "infra.lanceur"],
        cwd=RACINE,
        env={**heritage, **reglages},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    return Maillage(port, donnees, processus)


class Departs:
    """Launches that share one loading of the demonstration: the first loads it, the next start from a copy.

    The copy is taken when the first is ready, before any test spoke to it.
    """

    def __init__(self, dossier: Path) -> None:
        self._copie = dossier / "var"

    def lancer(self, donnees: Path, **environnement: str) -> Maillage:
        """Launch a Maillage in a new folder and wait until it is ready."""
        suivant = self._copie.exists()
        if suivant:
            shutil.copytree(self._copie, donnees)
        lance = lancer(donnees, **environnement)
        try:
            lance.attendre()
            if not suivant:
                _copier(donnees, self._copie)
        except BaseException:
            lance.arreter()
            raise
        return lance


def _copier(donnees: Path, copie: Path) -> None:
    """Copy a data folder in use: the databases as their last transaction left them."""
    bases = [fichier.name for fichier in donnees.glob("*.db")]
    shutil.copytree(donnees, copie, ignore=shutil.ignore_patterns("*.db", "*.db-wal", "*.db-shm"))
    for base in bases:
        with closing(sqlite3.connect(donnees / base)) as lue, closing(sqlite3.connect(copie / base)) as ecrite:
            lue.backup(ecrite)


def quatre_ports_libres() -> int:
    """Find four free ports that follow one another; return the first."""
    for _ in range(50):
        with socket.create_server(("127.0.0.1", 0)) as premier:
            port: int = premier.getsockname()[1]
            if all(_libre(port + rang) for rang in (1, 2, 3)):
                return port
    raise RuntimeError("aucune suite de quatre ports libres")


def _libre(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
