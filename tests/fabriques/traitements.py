"""Treatments of rows that go wrong in the child process, or say how they are kept in."""

from __future__ import annotations

import os
import resource
import signal
import socket
from collections.abc import Mapping
from typing import Any

from annuaire.synchronisation.lecteurs import LigneBrute
from annuaire.synchronisation.traitements import Traitement

_ICI = "tests.fabriques.traitements"
PANNE, GOURMAND, TUE, BAVARD, SANS_FIN, PROLIXE, CARCERAL = (
    f"{_ICI}:{nom}" for nom in ("panne", "gourmand", "tue", "bavard", "sans_fin", "prolixe", "carceral")
)


def panne(parametres: Mapping[str, Any]) -> Traitement:
    """Fail on a row, by a fault of the code."""

    def traiter(ligne: LigneBrute) -> dict[str, Any]:
        if ligne.ligne == parametres["ligne"]:
            raise RuntimeError("une panne")
        return {"ligne": ligne.ligne}

    return traiter


def gourmand(_parametres: Mapping[str, Any]) -> Traitement:
    """Take all the memory."""
    return lambda _: {"octets": len(bytearray(1 << 30))}


def tue(parametres: Mapping[str, Any]) -> Traitement:
    """Die of a signal, as on a fault of native code."""

    def traiter(_: LigneBrute) -> dict[str, Any]:
        os.kill(os.getpid(), signal.Signals[parametres["signal"]])
        return {}

    return traiter


def bavard(_parametres: Mapping[str, Any]) -> Traitement:
    """Write on the standard output, which is not its own."""

    def traiter(_: LigneBrute) -> dict[str, Any]:
        os.write(1, b"bonjour\n")
        return {}

    return traiter


def sans_fin(_parametres: Mapping[str, Any]) -> Traitement:
    """Answer the first row, then no more."""

    def traiter(ligne: LigneBrute) -> dict[str, Any]:
        while ligne.ligne > 2:
            pass
        return {"pid": os.getpid(), "blanc": " " * 70_000}

    return traiter


def prolixe(_parametres: Mapping[str, Any]) -> Traitement:
    """Answer a kilobyte for a row."""
    return lambda _: {"pid": os.getpid(), "blanc": " " * 1000}


def carceral(_parametres: Mapping[str, Any]) -> Traitement:
    """Say what the process is allowed."""
    permis = {nom: resource.getrlimit(getattr(resource, f"RLIMIT_{nom}")) for nom in ("AS", "CPU", "NOFILE", "CORE")}
    dit = {"permis": permis, "courtoisie": os.nice(0), "environnement": dict(os.environ), "prise": _prise()}
    return lambda _: dit


def _prise() -> str:
    try:
        socket.create_connection(("127.0.0.1", 9), timeout=1).close()
    except OSError as erreur:
        return type(erreur).__name__ + f" {erreur.errno}"
    return "ouverte"
