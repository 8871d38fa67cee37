"""Puts in an engine what an annuaire publishes, as an indexer does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from annuaire.recherche.documents import document_de_lieu, document_de_structure
from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.port import ActorDocument, Delete, Operation, SearchEngine, Upsert
from annuaire.settings import AnnuaireSettings
from annuaire.territoires.referentiel import Referentiel
from socle.donnees import feed
from socle.donnees.db import Database
from socle.settings import SocleSettings

from tests.fabriques.annuaire import Annuaire

LOT = 500

Change = tuple[str, int, Mapping[str, Any] | None]
"""Id, change number, and the public document of what is still there."""


async def indexer(annuaire: Annuaire) -> dict[str, ActorDocument]:
    """Index every place and structure of a running annuaire; return what the engine holds of each, by id."""
    assert annuaire.app is not None
    lus = [
        [(item["id"], item["modified"], item.get("data")) for item in await annuaire.flux(objets)]
        for objets in ("lieux", "structures")
    ]
    return await _appliquer(annuaire.app.state.recherche.moteur, *lus)


async def indexer_base(url: str, donnees: Path) -> int:
    """Index what a database holds where the service of a data folder looks for it; return how many records."""
    base = Database(url)
    moteur = MoteurEmbarque(AnnuaireSettings.index(SocleSettings(donnees=donnees)))
    try:
        async with base.read() as session:
            lus = [
                [
                    (str(p.id), p.numero, json.loads(p.octets) if p.octets is not None else None)
                    for p in await feed.lire_page(session, kind, apres=0, limite=1_000_000)
                ]
                for kind in ("lieu", "structure")
            ]
        return len(await _appliquer(moteur, *lus))
    finally:
        await moteur.close()
        await base.fermer()


async def _appliquer(
    moteur: SearchEngine, lieux: Iterable[Change], structures: Iterable[Change]
) -> dict[str, ActorDocument]:
    noms: dict[str, str] = {}
    operations: list[Operation] = []
    for id, v, contenu in structures:
        if contenu is None:
            operations.append(Delete(id, v))
            continue
        noms[id] = contenu["nom"]
        commune = Referentiel.charger().actuelle(contenu["code_insee"] or "")
        operations.append(Upsert(document_de_structure(contenu, v=v, commune=commune.nom if commune else None)))
    for id, v, contenu in lieux:
        if contenu is None:
            operations.append(Delete(id, v))
        else:
            parente = noms.get(contenu["structure_id"] or "")
            operations.append(Upsert(document_de_lieu(contenu, v=v, structure=parente)))
    for debut in range(0, len(operations), LOT):
        await moteur.apply(operations[debut : debut + LOT])
    return {op.doc.id: op.doc for op in operations if isinstance(op, Upsert)}
