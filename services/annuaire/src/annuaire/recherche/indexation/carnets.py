"""Where it is written how far an engine is, and which process may write to it.

Beside the index when it is a folder, in the database when the engine is a server: what is lost with the index must be
forgotten with it.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from socle.donnees.db import Database
from socle.horloge import Horloge
from socle.identifiants import uuid7

from annuaire.recherche.indexation import repository

BAIL: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Suivi:
    """How far a generation is: every change up to `position` is in it. `reglages` names what it was built with."""

    position: int
    reglages: str


class PlusChef(Exception):
    """Another process feeds this engine now: stop at once."""


class Carnet(Protocol):
    """What is remembered of one engine, whatever dies."""

    async def prendre(self) -> bool:
        """Be the one that feeds the engine, or stay it; return whether we are."""

    async def lire(self, generation: str) -> Suivi | None:
        """Return how far a generation is."""

    async def noter(self, generation: str, suivi: Suivi, *, taches: Sequence[str] = ()) -> None:
        """Say how far a generation is, and which promises of the engine wait. May raise `PlusChef`."""

    async def chantier(self) -> str | None:
        """Return the generation that was being built, if one was left unfinished."""

    async def noter_chantier(self, generation: str | None) -> None:
        """Say which generation is being built. May raise `PlusChef`."""

    async def taches(self) -> list[str]:
        """Return the promises that waited when the last process stopped."""

    async def rendre(self) -> None:
        """Let another process feed the engine."""


class CarnetDeDossier:
    """Small files beside the index, replaced in one step; the lock falls with the process, even killed."""

    def __init__(self, dossier: Path) -> None:
        self._dossier = dossier
        self._verrou: int | None = None

    async def prendre(self) -> bool:
        """Hold the lock of the folder; one that was deleted is taken anew."""
        return await asyncio.to_thread(self._prendre)

    def _prendre(self) -> bool:
        chemin = self._dossier / "indexeur.verrou"
        if self._verrou is not None:
            try:
                if os.fstat(self._verrou).st_ino == chemin.stat().st_ino:
                    return True
            except FileNotFoundError:
                pass
            os.close(self._verrou)
            self._verrou = None
        self._dossier.mkdir(parents=True, exist_ok=True)
        descripteur = os.open(chemin, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descripteur, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descripteur)
            return False
        self._verrou = descripteur
        return True

    async def lire(self, generation: str) -> Suivi | None:
        """Return how far a generation is; a file that can't be read says nothing."""
        lu = await asyncio.to_thread(_lire, self._suivi(generation))
        try:
            return Suivi(int(lu["position"]), str(lu["reglages"])) if lu else None
        except (KeyError, TypeError, ValueError):
            return None

    async def noter(self, generation: str, suivi: Suivi, *, taches: Sequence[str] = ()) -> None:  # noqa: ARG002
        """Write it, on disk when this returns. A folder makes no promise: there are no tasks to keep."""
        contenu = {"position": suivi.position, "reglages": suivi.reglages}
        await asyncio.to_thread(_ecrire, self._suivi(generation), contenu)

    async def chantier(self) -> str | None:
        """Return the generation left unfinished."""
        lu = await asyncio.to_thread(_lire, self._dossier / "chantier.json")
        return str(lu["generation"]) if lu and lu.get("generation") else None

    async def noter_chantier(self, generation: str | None) -> None:
        """Write which generation is being built."""
        await asyncio.to_thread(_ecrire, self._dossier / "chantier.json", {"generation": generation})

    async def taches(self) -> list[str]:
        """Nothing waits: what a folder accepts is already in it."""
        return []

    async def rendre(self) -> None:
        """Let the lock go."""
        if self._verrou is not None:
            os.close(self._verrou)
            self._verrou = None

    def _suivi(self, generation: str) -> Path:
        return self._dossier / generation / "suivi.json"


def _lire(chemin: Path) -> dict[str, Any] | None:
    try:
        lu = json.loads(chemin.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return lu if isinstance(lu, dict) else None


def _ecrire(chemin: Path, contenu: dict[str, Any]) -> None:
    provisoire = chemin.with_name(f".{chemin.name}.{os.getpid()}")
    with provisoire.open("w", encoding="utf-8") as flux:
        json.dump(contenu, flux)
        flux.flush()
        os.fsync(flux.fileno())
    provisoire.replace(chemin)


class CarnetEnBase:
    """A row of the database, under a lease: processes on several machines share one engine."""

    def __init__(
        self, base: Database, moteur: str, *, horloge: Horloge, nom: Callable[[], str] = lambda: uuid7().hex
    ) -> None:
        self._base, self._moteur, self._horloge, self._nom = base, moteur, horloge, nom()
        self._renouveler_le: Any = None

    async def prendre(self) -> bool:
        """Take the lease, or renew it when a third of it has passed; nobody else can take it on SQLite."""
        le = self._horloge()
        if self._renouveler_le is not None and (le < self._renouveler_le or self._base.dialecte == "sqlite"):
            return True
        async with self._base.write() as session:
            prise = await repository.prendre(session, self._moteur, self._nom, le=le, jusqu_a=le + BAIL)
        self._renouveler_le = le + BAIL / 3 if prise else None
        return prise

    async def lire(self, generation: str) -> Suivi | None:
        """Return how far a generation is."""
        async with self._base.read() as session:
            lu = await repository.suivi(session, self._moteur)
        if lu is None or lu.generation != generation or lu.position is None:
            return None
        return Suivi(lu.position, lu.reglages or "")

    async def noter(self, generation: str, suivi: Suivi, *, taches: Sequence[str] = ()) -> None:
        """Write it, with the promises that wait.

        While a list holds the only writer of SQLite it is left for later: what is read again does no harm.
        """
        if self._base.dialecte == "sqlite" and self._base.ecrit:
            return
        await self._ecrire(generation=generation, position=suivi.position, reglages=suivi.reglages, taches=list(taches))

    async def chantier(self) -> str | None:
        """Return the generation left unfinished."""
        async with self._base.read() as session:
            lu = await repository.suivi(session, self._moteur)
        return lu.chantier if lu else None

    async def noter_chantier(self, generation: str | None) -> None:
        """Write which generation is being built."""
        await self._ecrire(chantier=generation)

    async def taches(self) -> list[str]:
        """Return the promises that waited when the last process stopped."""
        async with self._base.read() as session:
            lu = await repository.suivi(session, self._moteur)
        return list(lu.taches or ()) if lu else []

    async def rendre(self) -> None:
        """End the lease now rather than in half a minute."""
        if self._renouveler_le is not None:
            self._renouveler_le = None
            async with self._base.write() as session:
                await repository.noter_sien(session, self._moteur, self._nom, proprietaire=None, bail_jusqu_a=None)

    async def _ecrire(self, **valeurs: Any) -> None:
        async with self._base.write() as session:
            if not await repository.noter_sien(session, self._moteur, self._nom, **valeurs):
                self._renouveler_le = None
                raise PlusChef(self._moteur)
