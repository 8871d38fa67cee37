"""From what is published to what engines are told: documents, versions, deletions."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from socle.donnees.db import ReadSession

from annuaire.recherche.documents import document_de_lieu, document_de_structure
from annuaire.recherche.indexation import repository
from annuaire.recherche.indexation.repository import SAISIE, Change, Nom
from annuaire.recherche.port import Delete, Operation, Upsert
from annuaire.structures.repository import KIND as STRUCTURE

NomDeCommune = Callable[[str | None], str | None]

SOUFFLE: Final = 25
"""Documents made by the thread between two rests, some milliseconds of work."""
REPOS: Final = 0.001


async def operations(session: ReadSession, changes: Sequence[Change], *, commune: NomDeCommune) -> list[Operation]:
    """Return what to tell an engine of these changes.

    A place is told with the name of its structure, at the later of the two numbers. A structure is told only when
    a person registered it: one deduced from its places is found through them.
    """
    contenus = await asyncio.to_thread(_lire, changes)
    citees = {UUID(c["structure_id"]) for c in contenus if c and c.get("structure_id")}
    citees |= {change.id for change in changes if change.kind == STRUCTURE}
    noms = await repository.noms(session, citees)
    return await asyncio.to_thread(_ecrire, changes, contenus, noms, commune)


def _lire(changes: Sequence[Change]) -> list[dict[str, Any] | None]:
    contenus: list[dict[str, Any] | None] = []
    for rang, change in enumerate(changes):
        contenus.append(None if change.document is None else json.loads(change.document))
        _souffler(rang)
    return contenus


def _ecrire(
    changes: Sequence[Change],
    contenus: Sequence[dict[str, Any] | None],
    noms: Mapping[UUID, Nom],
    commune: NomDeCommune,
) -> list[Operation]:
    operations: list[Operation] = []
    for rang, (change, contenu) in enumerate(zip(changes, contenus, strict=True)):
        _souffler(rang)
        if change.kind == STRUCTURE:
            nom = noms.get(change.id)
            if nom is None or nom.origine != SAISIE:
                continue
            if contenu is None:
                operations.append(Delete(str(change.id), change.numero))
            else:
                siege = commune(contenu.get("code_insee"))
                operations.append(Upsert(document_de_structure(contenu, v=change.numero, commune=siege)))
        elif contenu is None:
            operations.append(Delete(str(change.id), change.numero))
        else:
            structure = noms.get(UUID(contenu["structure_id"])) if contenu.get("structure_id") else None
            v = max(change.numero, structure.numero if structure else 0)
            document = document_de_lieu(contenu, v=v, structure=structure.nom if structure else None)
            operations.append(Upsert(document))
    return operations


def _souffler(rang: int) -> None:
    if rang % SOUFFLE == SOUFFLE - 1:
        time.sleep(REPOS)


def id_de(operation: Operation) -> str:
    """Return the id of the record that an operation bears on."""
    return operation.id if isinstance(operation, Delete) else operation.doc.id


def version_de(operation: Operation) -> int:
    """Return the version that an operation brings."""
    return operation.v if isinstance(operation, Delete) else operation.doc.v
