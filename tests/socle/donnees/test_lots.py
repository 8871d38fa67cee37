"""Rows written by lots are those that SQLAlchemy would write, on both engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from socle.donnees.db import Database
from socle.donnees.lots import PEU, Insertion
from socle.donnees.tables import Tache
from sqlalchemy import insert, select

from tests.fabriques.bases import base_du_socle

pytestmark = pytest.mark.anyio

TABLE = Tache.__table__  # type: ignore[attr-defined]
COLONNES = tuple(colonne.name for colonne in TABLE.columns)
LE = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
async def base(url_base: str) -> AsyncIterator[Database]:
    async with base_du_socle(url_base) as base:
        yield base


def taches(nombre: int, **champs: Any) -> list[dict[str, Any]]:
    """Make rows of every type of column: ids, JSON, instants, texts, absences."""
    return [
        {
            "id": uuid4(), "type": "essai", "charge": {"rang": rang, "mot": "é"}, "etat": "a_faire", "essais": rang,
            "prendre_apres": LE, "bail_jusqu_a": LE if rang % 2 else None, "proprietaire": None, "erreur": None,
            "cree_le": LE, **champs,
        }
        for rang in range(nombre)
    ]  # fmt: skip


def en_tuples(lignes: list[dict[str, Any]], colonnes: tuple[str, ...] = COLONNES) -> list[tuple[Any, ...]]:
    return [tuple(ligne[nom] for nom in colonnes) for ligne in lignes]


async def relire(base: Database) -> set[str]:
    async with base.read() as session:
        return {repr(tuple(ligne)) for ligne in await session.execute(select(TABLE))}


@pytest.mark.parametrize("nombre", [1, PEU + 5])
async def test_un_lot_ecrit_ce_que_sqlalchemy_ecrirait(base: Database, nombre: int) -> None:
    lignes = taches(nombre)
    async with base.write() as session:
        await session.execute(insert(TABLE), lignes)
    attendues = await relire(base)
    assert len(attendues) == nombre
    async with base.write() as session:
        await session.execute(TABLE.delete())
        # in another order of columns: the text follows the table
        colonnes = COLONNES[::-1]
        await Insertion(TABLE, colonnes).executer(session, en_tuples(lignes, colonnes))
    assert await relire(base) == attendues


async def test_une_cle_connue_est_remplacee_sauf_ce_qui_est_garde(base: Database) -> None:
    ordre = Insertion(TABLE, COLONNES, cle=("id",), garde=("cree_le",))
    (ligne,) = taches(1)
    async with base.write() as session:
        await ordre.executer(session, en_tuples([ligne]))
        plus_tard = LE.replace(year=2027)
        await ordre.executer(session, en_tuples([{**ligne, "etat": "faite", "cree_le": plus_tard}]))
        await ordre.executer(session, [])
    async with base.read() as session:
        (lue,) = (await session.execute(select(TABLE))).all()
    assert (lue.etat, lue.cree_le) == ("faite", LE)
