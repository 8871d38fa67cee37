"""Where a database stands in the history of its tables, without the tool that moves it.

A service only asks at its start, and that tool takes five megabytes for as long as the process lives.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from socle.donnees.db import Database

TABLE: Final = "alembic_version"
_REVISION: Final = re.compile(r"""^revision = ["']([^"']+)["']$""", re.MULTILINE)
_PRECEDENTE: Final = re.compile(r"""^down_revision = (?:["']([^"']+)["']|None)$""", re.MULTILINE)


def tetes(dossier: Path) -> set[str]:
    """Return the revisions of a migrations folder that no other follows. Raises `ValueError` for a file without one."""
    revisions, suivies = set(), set()
    for fichier in sorted((dossier / "versions").glob("[0-9]*.py")):
        source = fichier.read_text(encoding="utf-8")
        revision, precedente = _REVISION.search(source), _PRECEDENTE.search(source)
        if revision is None or precedente is None:
            raise ValueError(f"Révision illisible : {fichier.name}")
        revisions.add(revision[1])
        suivies.add(precedente[1])
    return revisions - suivies


async def a_jour(base: Database, dossier: Path) -> bool:
    """Say whether the database is at the head of its history."""

    def courantes(connexion: Connection) -> set[str]:
        if not inspect(connexion).has_table(TABLE):
            return set()
        return set(connexion.scalars(text(f"SELECT version_num FROM {TABLE}")))  # noqa: S608 - a name of ours

    async with base.moteur.connect() as connexion:
        return tetes(dossier) == await connexion.run_sync(courantes)
