"""Waits for the index of an annuaire, and says what it must hold."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from typing import Any

from annuaire.recherche.documents import document_de_lieu, document_de_structure
from annuaire.recherche.port import ActorDocument
from annuaire.territoires.referentiel import Referentiel
from socle.donnees import feed
from socle.web.client import creer_client_synchrone

from tests.fabriques.annuaire import Annuaire

Change = tuple[str, Mapping[str, Any] | None]
"""Id, and the public document of what is still there."""


async def attendre_index(annuaire: Annuaire, *, secondes: float = 120) -> None:
    """Wait until every engine of an annuaire holds all that is committed."""
    assert annuaire.app is not None
    async with asyncio.timeout(secondes):
        for indexeur in annuaire.app.state.indexation.indexeurs:
            while True:
                async with annuaire.base.read() as session:
                    dernier = await feed.dernier_numero(session)
                bati = indexeur.chantier is None or indexeur.chantier.done()
                if bati and indexeur.generation is not None and indexeur.envoi.position >= dernier:
                    break
                indexeur.reveiller()
                await asyncio.sleep(0.05)


def attendre_index_de(adresse: str, cle: str, *, secondes: float = 120) -> int:
    """Wait until the engines of a launched Maillage hold all that is committed; return how many records."""
    fin = time.monotonic() + secondes
    with creer_client_synchrone(adresse, entetes={"authorization": f"Bearer {cle}"}) as client:
        while True:
            reponse = client.get("/annuaire/v1/recherche/index")
            assert reponse.status_code == 200, reponse.text
            moteurs = reponse.json()["moteurs"]
            if all(m["etat"] == "pret" and (m["position"] or 0) >= m["dernier_numero"] for m in moteurs):
                return int(moteurs[0]["fiches"])
            assert time.monotonic() < fin, moteurs
            time.sleep(0.1)


async def indexees(annuaire: Annuaire) -> dict[str, ActorDocument]:
    """Return what an index must hold of a running annuaire, by id, once it does."""
    await attendre_index(annuaire)
    lieux, structures = [
        [(item["id"], item.get("data")) for item in await annuaire.flux(objets)] for objets in ("lieux", "structures")
    ]
    return _documents(lieux, structures)


def _documents(lieux: Iterable[Change], structures: Iterable[Change]) -> dict[str, ActorDocument]:
    noms = {id: contenu["nom"] for id, contenu in structures if contenu}
    documents = [
        document_de_lieu(contenu, v=0, structure=noms.get(contenu["structure_id"] or ""))
        for _, contenu in lieux
        if contenu
    ]
    for _, contenu in structures:
        if contenu and contenu["origine"] == "saisie":
            commune = Referentiel.charger().actuelle(contenu["code_insee"] or "")
            documents.append(document_de_structure(contenu, v=0, commune=commune.nom if commune else None))
    return {document.id: document for document in documents}
