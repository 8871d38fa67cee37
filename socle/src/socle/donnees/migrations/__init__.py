"""Migrations run from code: one linear history per service, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData

from socle.donnees.db import Database
from socle.donnees.tables import SocleTable


def _scripts(dossier: Path) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(dossier))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


async def migrer(base: Database, dossier: Path, *, vers: str = "head") -> None:
    """Bring the database to a revision (`head`, `base`, or an id) in one transaction."""
    scripts = _scripts(dossier)
    cible = None if vers == "base" else vers

    def appliquer(connexion: Connection) -> None:
        montee = cible is not None and _montante(connexion, scripts, cible)

        def etapes(revision: object, _contexte: MigrationContext) -> object:
            if montee:
                return scripts._upgrade_revs(cible or "head", revision)  # type: ignore[arg-type]
            return scripts._downgrade_revs(cible or "base", revision)  # type: ignore[arg-type]

        environnement = EnvironmentContext(scripts_config(dossier), scripts, fn=etapes)
        environnement.configure(connection=connexion, transaction_per_migration=False)
        environnement.run_migrations()

    async with base.moteur.begin() as connexion:
        await connexion.run_sync(appliquer)


def scripts_config(dossier: Path) -> Config:
    """Return the Alembic configuration of a migrations folder."""
    config = Config()
    config.set_main_option("script_location", str(dossier))
    config.set_main_option("path_separator", "os")
    return config


def _montante(connexion: Connection, scripts: ScriptDirectory, cible: str) -> bool:
    courantes = MigrationContext.configure(connexion).get_current_heads()
    if cible == "head" or not courantes:
        return True
    return cible not in {r.revision for r in scripts.iterate_revisions(courantes, "base")}


async def ecarts(base: Database, metadonnees: Sequence[MetaData]) -> list[object]:
    """List the differences between the tables in the code and in the database (none, when migrations are whole)."""
    async with base.moteur.connect() as connexion:
        return await connexion.run_sync(
            lambda c: list(
                compare_metadata(MigrationContext.configure(c), [SocleTable.metadata, *metadonnees])  # type: ignore[arg-type]
            )
        )


def nouvelle_revision(dossier: Path, message: str, numero: str) -> None:
    """Write an empty migration `numero_message.py` to fill in by hand."""
    command.revision(scripts_config(dossier), message=message, rev_id=numero)
