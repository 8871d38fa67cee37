"""From pairs to places: records that are one place bear on one id, the others keep or take back their own."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from socle.donnees import feed
from socle.donnees.db import WriteSession

from annuaire.doublons import repository
from annuaire.doublons.repository import paire_de
from annuaire.doublons.rules import DISTINCTS, SEUIL_AUTOMATIQUE, Cle, attribuer, grouper
from annuaire.doublons.tables import Doublon
from annuaire.lieux.consolidation import repository as consolidation
from annuaire.lieux.fermetures import repository as fermetures
from annuaire.lieux.historique import repository as historique
from annuaire.lieux.historique.rules import Trace
from annuaire.lieux.repository import KIND
from annuaire.lieux.service import Suivi, montrer_de_nouveau, suivre_les_structures


async def regrouper(session: WriteSession, touchees: Collection[Cle], *, suivi: Suivi) -> int:
    """Share out again the records joined to these, and show their places; return how many records moved.

    The caller holds the structures (`structures.reserver`).
    """
    cles, doublons = await _voisinage(session, touchees)
    attaches = await repository.attaches(session, cles)
    scores = {paire_de(d): d.score for d in doublons}
    decisions = {paire_de(d): d.decision for d in doublons if d.decision}
    choisie = attribuer(grouper(attaches, scores, decisions), attaches)
    deplacees = {cle: lieu for cle, lieu in choisie.items() if attaches[cle].lieu_id != lieu}
    if not deplacees:
        return 0
    await repository.deplacer(session, deplacees)
    lieux = sorted({attaches[cle].lieu_id for cle in deplacees} | set(deplacees.values()))
    suivi.pivots |= await consolidation.pivots(session, lieux)
    await montrer_de_nouveau(session, lieux, suivi=suivi)
    vivants = set(choisie.values())
    propres = {attaches[cle].lieu_propre: lieu for cle, lieu in choisie.items()}
    allees = {id: lieu for id, lieu in propres.items() if id not in vivants}
    await feed.rediriger(session, KIND, allees)
    await repository.noter_les_fusions(session, allees)
    fermetures.signaler(session)
    traces = [
        Trace(lieu, "fusion" if any(autre == lieu for autre in allees.values()) else "separation")
        for lieu in dict.fromkeys(lieux)
        if lieu in vivants
    ]
    await historique.ecrire(session, traces, le=suivi.le)
    await suivre_les_structures(session, suivi)
    return len(deplacees)


async def _voisinage(session: WriteSession, touchees: Collection[Cle]) -> tuple[set[Cle], list[Doublon]]:
    """Return these records with all those that a place or a join, even refused, links to them, and their pairs."""
    cles: set[Cle] = set(touchees)
    doublons: dict[UUID, Doublon] = {}
    nouvelles = set(touchees)
    while nouvelles:
        trouves = await repository.paires_de(session, nouvelles)
        doublons |= {d.id: d for d in trouves}
        liees = {
            cle
            for d in trouves
            if d.decision != DISTINCTS and (d.decision is not None or d.score >= SEUIL_AUTOMATIQUE)
            for cle in paire_de(d)
        }
        places = {attache.lieu_id for attache in (await repository.attaches(session, nouvelles)).values()}
        liees |= await repository.compagnes(session, places)
        nouvelles = liees - cles
        cles |= nouvelles
    return cles, list(doublons.values())
