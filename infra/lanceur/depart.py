"""What must be true before a process starts: ports free, folder ours and alone in it."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.lanceur.reglages import HOTE, Reglages, Service

AGENCEMENT = "1"
"""Version of the layout of the data folder; it changes when a migration cannot carry an old folder along."""

MARQUE = ".maillage"
VERROU = ".verrou"


class DepartImpossible(Exception):
    """The launcher cannot start; the message says why and what to do."""


def verifier_ports(services: Iterable[Service]) -> None:
    """Raise `DepartImpossible` when a port is taken, naming every one that is."""
    pris = [service for service in services if not _libre(service.port)]
    if pris:
        liste = ", ".join(f"{service.port} ({service.nom})" for service in pris)
        raise DepartImpossible(
            f"Port déjà pris sur {HOTE} : {liste}.\n"
            "Un autre Maillage tourne peut-être déjà. Sinon, prenez quatre ports libres : PORT=9000 make run"
        )


def _libre(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as prise:
        # Without it, connections just closed (TIME_WAIT) would pass for a server that listens.
        prise.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            prise.bind((HOTE, port))
        except OSError as erreur:
            if erreur.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def preparer_dossier(donnees: Path) -> None:
    """Create the data folder and its `secrets` (mode 700), or check that an existing one has our layout.

    Raises `DepartImpossible` for a folder of another layout, or one that we cannot write in.
    """
    marque, secrets = donnees / MARQUE, donnees / "secrets"
    try:
        donnees.mkdir(parents=True, exist_ok=True)
        if not any(donnees.iterdir()):
            marque.write_text(AGENCEMENT + "\n", encoding="utf-8")
        if not marque.is_file():
            raise DepartImpossible(
                f"Le dossier {donnees} contient des fichiers qui ne sont pas à Maillage.\n"
                "Videz-le, ou choisissez un dossier nouveau : MAILLAGE_DONNEES=/un/dossier make run"
            )
        agencement = marque.read_text(encoding="utf-8").strip()
        secrets.mkdir(mode=0o700, exist_ok=True)
    except OSError as erreur:
        raise DepartImpossible(
            f"Le dossier de données {donnees} ne peut pas être préparé ({erreur.strerror}).\n"
            "Choisissez-en un autre : MAILLAGE_DONNEES=/un/dossier make run"
        ) from erreur
    if agencement != AGENCEMENT:
        raise DepartImpossible(
            f"Le dossier {donnees} vient d'une autre version de Maillage (agencement {agencement!r}, "
            f"attendu {AGENCEMENT!r}).\nPour repartir de zéro, en perdant ce qu'il contient : make reset"
        )


@contextmanager
def seul_dans(donnees: Path) -> Iterator[None]:
    """Hold the folder for the length of the block; raises `DepartImpossible` when someone else does."""
    descripteur = os.open(donnees / VERROU, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descripteur, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DepartImpossible(
                f"Un autre Maillage utilise déjà le dossier {donnees}.\n"
                "Arrêtez-le (Ctrl-C dans son terminal), ou choisissez un autre dossier : MAILLAGE_DONNEES=…"
            ) from None
        yield
    finally:
        os.close(descripteur)


def remettre_a_zero(reglages: Reglages) -> bool:
    """Delete the data folder; return whether there was one.

    Only a folder that carries our mark is deleted: a mistyped `MAILLAGE_DONNEES` must not cost a home folder.
    """
    donnees = reglages.donnees
    if not donnees.exists():
        return False
    if not (donnees / MARQUE).is_file():
        raise DepartImpossible(f"Le dossier {donnees} n'a pas été créé par Maillage : il n'est pas effacé.")
    with seul_dans(donnees):
        shutil.rmtree(donnees)
    return True
