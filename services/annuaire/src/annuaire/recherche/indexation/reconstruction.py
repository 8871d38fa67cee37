"""Building an index anew beside the one that answers, then putting it in its place in one step.

Killed at any point, the old one stays in force; what was begun is dropped at the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import TYPE_CHECKING, Final

import structlog
from socle.donnees import feed
from socle.donnees.db import ReadSession
from socle.patience import menager, retenir

from annuaire.recherche.indexation import repository
from annuaire.recherche.indexation.carnets import Suivi
from annuaire.recherche.indexation.fiches import operations
from annuaire.recherche.port import LONGUEUR_Q, ActorQuery, EngineUnavailable, Upsert

if TYPE_CHECKING:
    from annuaire.recherche.indexation.indexeur import Indexeur

LOT: Final = 1_000
LOT_DISCRET: Final = 100
"""Records loaded at once: fewer while a list is applied, with a rest of three times as long."""
LOTS_A_SUIVRE: Final = 50
"""Batches of changes told at most before the check, while everything else waits."""
SONDES: Final = 30

journal = structlog.get_logger(__name__)


class IndexRefuse(Exception):
    """A generation does not hold what it must: it is dropped."""


async def reconstruire(indexeur: Indexeur, motif: str) -> str:
    """Build a generation, check it, put it in force; return what there is to say of it.

    Changes go on being told to both generations. Raises `EngineUnavailable`, `IndexRefuse`.
    """
    debut = time.monotonic()
    async with indexeur.base.read() as session:
        # read before anything is built: whatever comes later is told again
        depart = await feed.dernier_numero(session)
        total = await repository.compter(session)
    indexeur.avancement = {"motif": motif, "fiches": 0, "total": total}
    async with indexeur.tour:
        generation = await indexeur.moteur.begin_rebuild()
    try:
        await indexeur.carnet.noter_chantier(generation)
        with menager():
            faites = await _charger(indexeur, generation)
            async with indexeur.tour:
                await _mettre_en_vigueur(indexeur, generation, depart)
            retenir()
    except asyncio.CancelledError:
        # the process ends: the next one drops what this one leaves
        raise
    except BaseException:
        with contextlib.suppress(Exception):
            await indexeur.moteur.abandon(generation)
            await indexeur.carnet.noter_chantier(None)
        raise
    sondes, muettes = await _sonder(indexeur)
    duree = time.monotonic() - debut
    journal.info("indexation.reconstruite", moteur=indexeur.nom, motif=motif, fiches=faites, secondes=round(duree, 1))
    return f"{faites} fiches en {duree:.1f} s, {muettes} recherches de contrôle sans réponse sur {sondes}"


async def _charger(indexeur: Indexeur, generation: str) -> int:
    """Load everything that is published, a batch at a time; return how many records were."""
    faites = 0
    for lister in (repository.lieux_apres, repository.structures_apres):
        apres = None
        while True:
            debut, ecrit = time.perf_counter(), indexeur.base.ecrit
            limite = LOT_DISCRET if ecrit else LOT
            # one snapshot: a place and the name of its structure are of the same moment
            async with indexeur.base.read(instantane=True) as session:
                lot = await lister(session, apres, limite=limite)
                dites = await operations(session, lot, commune=indexeur.commune)
            if lot:
                apres = lot[-1].id
                documents = [operation.doc for operation in dites if isinstance(operation, Upsert)]
                await indexeur.envoi.charger(generation, documents)
                faites += len(documents)
                indexeur.avancement = {**(indexeur.avancement or {}), "fiches": faites}
            if len(lot) < limite:
                break
            if ecrit:
                await asyncio.sleep(min(0.5, 3 * (time.perf_counter() - debut)))
    return faites


async def _mettre_en_vigueur(indexeur: Indexeur, generation: str, depart: int) -> None:
    """Check a generation against the directory and put it in force, the tour being held."""
    await indexeur.envoi.vider()
    for _ in range(LOTS_A_SUIVRE):
        if not await indexeur.suivre_un_lot():
            break
    position = depart if indexeur.lue is None else indexeur.lue
    async with indexeur.base.read(instantane=True) as session:
        immobile = await feed.dernier_numero(session) == position
        # what changed since will be told: the version of now is not expected yet
        attendues = {
            id: v
            for id, v in (await versions(session)).items()
            if v <= position and id not in indexeur.mis_de_cote
        }  # fmt: skip
    constat = await indexeur.moteur.verify(generation, attendues)
    if not constat.ok:
        raise IndexRefuse("; ".join(constat.faults[:3]))
    if immobile and constat.found != len(attendues):
        raise IndexRefuse(f"{constat.found} fiches dans l'index, {len(attendues)} dans l'annuaire")
    suivi = Suivi(position, indexeur.reglages)
    await indexeur.carnet.noter(generation, suivi)
    await indexeur.moteur.promote(generation)
    indexeur.adopter(generation, suivi)
    indexeur.motif = None
    indexeur.documents = constat.found
    await indexeur.carnet.noter_chantier(None)


async def versions(session: ReadSession) -> dict[str, int]:
    """Return every record that an index must hold, with its version."""
    attendues: dict[str, int] = {}
    apres = None
    while lot := await repository.versions_des_lieux(session, apres, limite=LOT):
        apres = lot[-1][0]
        attendues |= {str(id): v for id, v in lot}
    apres = None
    while saisies := await repository.structures_apres(session, apres, limite=LOT):
        apres = saisies[-1].id
        attendues |= {str(change.id): change.numero for change in saisies}
    return attendues


async def _sonder(indexeur: Indexeur) -> tuple[int, int]:
    """Look for some records by their names; return how many were, and how many of these names find nothing."""
    async with indexeur.base.read() as session:
        lot = await repository.lieux_apres(session, None, limite=SONDES)
    muettes = []
    for change in lot:
        nom = str(json.loads(change.document or b"{}").get("nom") or "")[:LONGUEUR_Q]
        with contextlib.suppress(EngineUnavailable):
            if not (await indexeur.moteur.search(ActorQuery(q=nom, size=1))).hits:
                muettes.append(nom)
    if muettes:
        journal.warning("indexation.sondes_muettes", moteur=indexeur.nom, noms=muettes[:5])
    return len(lot), len(muettes)
