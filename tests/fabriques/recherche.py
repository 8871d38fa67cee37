"""Puts in the engine of a running annuaire what its feeds publish, as an indexer does."""

from __future__ import annotations

from typing import Any

from annuaire.recherche.documents import document_de_lieu, document_de_structure
from annuaire.recherche.port import ActorDocument, Delete, Operation, Upsert
from annuaire.territoires.referentiel import Referentiel

from tests.fabriques.annuaire import Annuaire

LOT = 500


async def indexer(annuaire: Annuaire) -> dict[str, ActorDocument]:
    """Index every place and structure in force; return what the engine holds of each, by id."""
    assert annuaire.app is not None
    structures = {item["id"]: item for item in await annuaire.flux("structures")}
    lieux = {item["id"]: item for item in await annuaire.flux("lieux")}
    operations: list[Operation] = []
    for id, item in structures.items():
        if item["state"] == "deleted":
            operations.append(Delete(id, item["modified"]))
        else:
            commune = Referentiel.charger().actuelle(item["data"]["code_insee"] or "")
            doc = document_de_structure(item["data"], v=item["modified"], commune=commune.nom if commune else None)
            operations.append(Upsert(doc))
    for id, item in lieux.items():
        if item["state"] == "deleted":
            operations.append(Delete(id, item["modified"]))
        else:
            parente = _nom(structures.get(item["data"]["structure_id"] or ""))
            operations.append(Upsert(document_de_lieu(item["data"], v=item["modified"], structure=parente)))
    moteur = annuaire.app.state.recherche.moteur
    for debut in range(0, len(operations), LOT):
        await moteur.apply(operations[debut : debut + LOT])
    return {op.doc.id: op.doc for op in operations if isinstance(op, Upsert)}


def _nom(item: dict[str, Any] | None) -> str | None:
    return item["data"]["nom"] if item is not None and item["state"] != "deleted" else None
