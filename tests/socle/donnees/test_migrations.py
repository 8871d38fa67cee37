"""The history of the tables: there and back, on both engines, with rows in them."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic.script import ScriptDirectory
from socle.donnees.db import Database
from socle.donnees.migrations import ecarts, migrer, nouvelle_revision, scripts_config
from socle.donnees.revision import a_jour, tetes
from socle.donnees.tables import OptionTable
from sqlalchemy import (
    Boolean,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Uuid,
    insert,
    inspect,
    text,
)
from sqlalchemy.types import TypeDecorator

from tests.fabriques.bases import MIDI

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["annuaire"])
def service(request: pytest.FixtureRequest) -> str:
    nom: str = request.param
    return nom


@pytest.fixture
def dossier(service: str) -> Path:
    chemin: Path = importlib.import_module(f"{service}.migrations").DOSSIER
    return chemin


@pytest.fixture
async def base(url_base: str) -> AsyncIterator[Database]:
    base = Database(url_base)
    yield base
    await base.fermer()


@pytest.mark.parametrize("nom", ["annuaire", "gateway"])
def test_les_tetes_sont_celles_que_lit_alembic(nom: str) -> None:
    dossier = importlib.import_module(f"{nom}.migrations").DOSSIER
    assert tetes(dossier) == set(ScriptDirectory.from_config(scripts_config(dossier)).get_heads()) != set()


def test_une_revision_illisible_est_dite(tmp_path: Path) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "0001_rien.py").write_text("revision = 1\n")
    with pytest.raises(ValueError, match="0001_rien"):
        tetes(tmp_path)


async def tables(base: Database) -> set[str]:
    async with base.read() as session:
        connexion = await session.connection()
        return set(await connexion.run_sync(lambda c: inspect(c).get_table_names())) - {"alembic_version"}


async def remplir(base: Database) -> set[str]:
    """Put a row in every table of the database and return their names."""

    def lire(connexion: Any) -> MetaData:
        metadonnees = MetaData()
        metadonnees.reflect(connexion)
        return metadonnees

    async with base.read() as session:
        metadonnees = await (await session.connection()).run_sync(lire)
    remplies = set()
    async with base.write() as session:
        for table in metadonnees.sorted_tables:
            if table.name == "alembic_version":
                continue
            await session.execute(insert(table).values({c.name: valeur(c.type, c.name) for c in table.columns}))
            remplies.add(table.name)
    return remplies


def valeur(genre: Any, nom: str) -> Any:
    """Invent a value of this type of column."""
    genre = genre.impl if isinstance(genre, TypeDecorator) else genre
    if isinstance(genre, Uuid):
        return uuid4()
    if isinstance(genre, Boolean):
        return True
    if isinstance(genre, DateTime):
        return MIDI if genre.timezone else MIDI.replace(tzinfo=None)
    if isinstance(genre, Date):
        return MIDI.date()
    if isinstance(genre, LargeBinary):
        return b"\x00"
    if isinstance(genre, (Integer, Float)):
        return 7
    if isinstance(genre, String):
        return UUID(int=7).hex[: genre.length] if nom != "nom" else "x"
    return {}


async def test_de_rien_a_la_tete_et_retour_deux_fois_avec_des_lignes(base: Database, dossier: Path) -> None:
    for _ in range(2):
        assert await tables(base) == set()
        assert not await a_jour(base, dossier)
        await migrer(base, dossier)
        assert await a_jour(base, dossier)
        assert await remplir(base) == await tables(base) != set()
        await migrer(base, dossier, vers="base")


async def test_chaque_revision_se_defait_et_se_refait_seule(base: Database, dossier: Path) -> None:
    revisions = sorted(fichier.name[:4] for fichier in (dossier / "versions").glob("[0-9]*.py"))
    vues = []
    for revision in revisions:
        await migrer(base, dossier, vers=revision)
        vues.append(await tables(base))
    for revision, attendues in zip(revisions[-2::-1], vues[-2::-1], strict=True):
        await migrer(base, dossier, vers=revision)
        assert await tables(base) == attendues
    await migrer(base, dossier)
    assert await tables(base) == vues[-1]


async def test_migrer_deux_fois_ne_change_rien(base: Database, dossier: Path) -> None:
    await migrer(base, dossier)
    await remplir(base)
    await migrer(base, dossier)
    async with base.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM socle_audit"))).scalar_one() == 1


async def test_le_code_et_la_base_decrivent_les_memes_tables(base: Database, service: str, dossier: Path) -> None:
    await migrer(base, dossier)
    importlib.import_module("socle.webhooks.tables")
    racine = Path(importlib.import_module(service).__file__ or "").parent
    for fichier in sorted(racine.rglob("tables.py")):
        importlib.import_module(".".join((service, *fichier.relative_to(racine).with_suffix("").parts)))
    registre = importlib.import_module(f"{service}.tables")
    table = getattr(registre, f"{service.capitalize()}Table")
    options = [OptionTable.metadata] if "socle_courriels" in await tables(base) else []
    assert await ecarts(base, [table.metadata, *options]) == []


async def test_un_ecart_se_voit(base: Database, dossier: Path) -> None:
    await migrer(base, dossier)
    async with base.write() as session:
        await session.execute(text("ALTER TABLE socle_taches DROP COLUMN erreur"))
    assert any("erreur" in str(ecart) for ecart in await ecarts(base, []))


async def test_une_migration_qui_echoue_ne_laisse_rien(base: Database, tmp_path: Path) -> None:
    dossier = tmp_path / "histoire"
    (dossier / "versions").mkdir(parents=True)
    (dossier / "versions" / "0001_casse.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        "revision, down_revision = '0001', None\n"
        "def upgrade():\n"
        "    op.create_table('moitie', sa.Column('id', sa.Integer, primary_key=True))\n"
        "    raise ArithmeticError\n"
    )
    with pytest.raises(ArithmeticError):
        await migrer(base, dossier)
    assert await tables(base) == set()


async def test_une_nouvelle_revision_s_ecrit_dans_le_dossier(dossier: Path, tmp_path: Path) -> None:
    copie = tmp_path / "histoire"
    (copie / "versions").mkdir(parents=True)
    (copie / "script.py.mako").write_text((dossier / "script.py.mako").read_text(encoding="utf-8"), encoding="utf-8")
    nouvelle_revision(copie, "une colonne", "0001")
    (fichier,) = (copie / "versions").glob("*.py")
    assert fichier.name == "0001_une_colonne.py"
    compile(fichier.read_text(encoding="utf-8"), fichier.name, "exec")
