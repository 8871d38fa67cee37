"""Many rows in one order: its text is made once an engine, and values are turned for the driver off the event loop.

SQLAlchemy binds a row at a time, each value through the processor of its type, in the thread that answers readers. Here
the same processors run by column, once for a column that says the same thing in every row.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import repeat
from operator import is_
from typing import Any, Final

from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite

from socle.donnees.db import WriteSession

PEU: Final = 20
"""Rows that are not worth another thread."""

_Tourneur = Callable[[Any], Any]


class Insertion:
    """The order that writes whole rows of a table, given as tuples in the order of `colonnes`.

    With `cle`, a row of a known key is replaced, except in the columns of `garde`.
    """

    def __init__(self, table: Any, colonnes: Sequence[str], *, cle: Sequence[str] = (), garde: Sequence[str] = ()):
        self._table: Table = table
        self._colonnes, self._cle, self._garde = tuple(colonnes), tuple(cle), frozenset((*cle, *garde))
        self._ordres: dict[str, tuple[str, list[tuple[int, _Tourneur]]]] = {}

    async def executer(self, session: WriteSession, lignes: Sequence[tuple[Any, ...]]) -> None:
        """Write rows in the current transaction."""
        if not lignes:
            return
        texte, tourneurs = self._ordre(session.get_bind().dialect)
        if len(lignes) > PEU:
            tournees = await asyncio.to_thread(_tourner, lignes, tourneurs)
        else:
            tournees = _tourner(lignes, tourneurs)
        connexion = await session.connection()
        await connexion.exec_driver_sql(texte, tournees)

    def _ordre(self, dialecte: Dialect) -> tuple[str, list[tuple[int, _Tourneur]]]:
        connu = self._ordres.get(dialecte.name)
        if connu is None:
            connu = self._ordres[dialecte.name] = self._compiler(dialecte)
        return connu

    def _compiler(self, dialecte: Dialect) -> tuple[str, list[tuple[int, _Tourneur]]]:
        ordre: Any = (postgresql if dialecte.name == "postgresql" else sqlite).insert(self._table)
        if self._cle:
            remplacees = {nom: ordre.excluded[nom] for nom in self._colonnes if nom not in self._garde}
            ordre = ordre.on_conflict_do_update(index_elements=list(self._cle), set_=remplacees)
        compile_ = ordre.compile(dialect=dialecte, column_keys=list(self._colonnes))
        # the order of the text is that of the table: rows are given in ours
        types = {nom: self._table.c[nom].type.dialect_impl(dialecte) for nom in self._colonnes}
        return str(compile_), [
            (self._colonnes.index(nom), types[nom].bind_processor(dialecte) or _tel_quel)
            for nom in compile_.positiontup
        ]


def _tel_quel(valeur: Any) -> Any:
    return valeur


def _tourner(lignes: Sequence[tuple[Any, ...]], tourneurs: Sequence[tuple[int, _Tourneur]]) -> list[tuple[Any, ...]]:
    colonnes = list(zip(*lignes, strict=True))
    tournees: list[Any] = []
    for place, tourner in tourneurs:
        valeurs = colonnes[place]
        if tourner is _tel_quel:
            tournees.append(valeurs)
        elif all(map(is_, valeurs, repeat(valeurs[0]))):
            tournees.append(repeat(tourner(valeurs[0]), len(valeurs)))
        else:
            tournees.append(list(map(tourner, valeurs)))
    return list(zip(*tournees, strict=True))
