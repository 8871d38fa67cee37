"""From the records that bear on places to what everyone reads: golden record, row, document, history, events."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from socle.donnees import feed, outbox
from socle.donnees.db import WriteSession
from socle.donnees.documents import Document

from annuaire.lieux import repository
from annuaire.lieux.consolidation.fiches import FicheLue, FicheOr, dorer
from annuaire.lieux.historique import repository as historique
from annuaire.lieux.historique.rules import Trace, raconter
from annuaire.lieux.outils import Outils, Suivi
from annuaire.lieux.projection import projeter, recoit_du_public
from annuaire.lieux.repository import LigneLieu
from annuaire.structures import service as structures

PUBLIE, RETIRE = "annuaire.lieu.publie", "annuaire.lieu.retire"


@dataclass(slots=True)
class _Prets:
    """Places computed, not written yet: rows that change, documents, the structures to follow.

    `traces` tell what changes in those that were visible.
    """

    lignes: list[LigneLieu] = field(default_factory=list)
    documents: dict[UUID, Document | None] = field(default_factory=dict)
    traces: dict[UUID, Trace] = field(default_factory=dict)
    pivots: set[str] = field(default_factory=set)


async def montrer(session: WriteSession, lues: Mapping[UUID, Sequence[FicheLue]], *, suivi: Suivi) -> list[UUID]:
    """Situate these places and make them visible as their records say; return those that visibly changed.

    A place without a record that names it is withdrawn: its tombstone stays for ever.
    """
    pivots = {lue.fiche.pivot for siennes in lues.values() for lue in siennes if lue.fiche.pivot}
    suivi.ids |= await structures.ids_des_pivots(session, pivots - suivi.ids.keys())
    lignes = await repository.lignes_des_lieux(session, lues)
    avant = await feed.etats(session, repository.KIND, lues, verrou=True, documents=True)
    # pure computation on a few hundred places: off the event loop, readers go on
    prets = await asyncio.to_thread(_preparer, lues, lignes, avant, suivi.ids, suivi.outils, suivi.le)
    suivi.pivots |= prets.pivots
    await repository.ecrire_lieux(session, prets.lignes)
    await repository.retirer_lieux(session, [id for id, document in prets.documents.items() if document is None])
    changes = await feed.publier(session, repository.KIND, prets.documents, le=suivi.le, visibles=avant)
    await historique.ecrire(session, [prets.traces[id] for id in changes if id in prets.traces], le=suivi.le)
    for type_, visible in ((PUBLIE, True), (RETIRE, False)):
        objets: list[tuple[str, dict[str, Any]]] = [
            (str(id), {}) for id in changes if (prets.documents[id] is not None) is visible
        ]
        await outbox.emettre(session, type_, objets, le=suivi.le)
    return changes


def _preparer(
    lues: Mapping[UUID, Sequence[FicheLue]],
    lignes: Mapping[UUID, LigneLieu],
    avant: Mapping[UUID, feed.Etat],
    ids_structures: Mapping[str, UUID],
    outils: Outils,
    le: datetime,
) -> _Prets:
    prets = _Prets()
    dorees: dict[UUID, FicheOr] = {}
    for id, siennes in lues.items():
        # what a place says of itself does not keep it in a directory that no list holds it in any more
        dites = any(lue.verifie_le is None for lue in siennes)
        doree = dorer(siennes, outils.est_personnel) if dites else None
        if doree is not None and doree.fiche.nom:
            dorees[id] = doree
        else:
            prets.documents[id] = None
            _suivre(prets, lignes.get(id), None)
            if id in avant and not avant[id].supprime:
                prets.traces[id] = Trace(id, "retrait")
    quartiers = outils.situeur.quartiers([(d.fiche.latitude, d.fiche.longitude) for d in dorees.values()])
    for (id, doree), qpv in zip(dorees.items(), quartiers, strict=True):
        fiche, connue, visible = doree.fiche, lignes.get(id), avant.get(id)
        territoire = outils.situeur.territoire(fiche.code_insee, fiche.code_postal)
        structure_id = ids_structures[fiche.pivot] if fiche.pivot else None
        ligne = LigneLieu(
            id=id, source_id=doree.principale.id, structure_id=structure_id, pivot=fiche.pivot, nom=fiche.nom,
            code_insee=fiche.code_insee, code_postal=fiche.code_postal, departement=territoire.departement,
            region=territoire.region, epci=territoire.epci,
            qpv=qpv["code"] if qpv and qpv["position"] != "dehors" else None,
            latitude=fiche.latitude, longitude=fiche.longitude, recoit_du_public=recoit_du_public(fiche),
            supprime=False, cree_le=connue.cree_le if connue else le, partage=len(lues[id]) > 1,
        )  # fmt: skip
        if ligne != connue:
            prets.lignes.append(ligne)
            _suivre(prets, connue, ligne)
        contenu = projeter(
            id=id,
            fiche=fiche,
            territoire=territoire,
            structure_id=structure_id,
            qpv=qpv,
            sources=doree.sources,
            licence=doree.principale.licence,
            dit_accessible=doree.source_de("accessibilite"),
            verifie_le=max((lue.verifie_le for lue in lues[id] if lue.verifie_le), default=None),
        )
        document = prets.documents[id] = Document.de(contenu)
        if visible is not None and visible.empreinte != document.empreinte:
            trace = raconter(id, visible.document, contenu, doree.source_de)
            if trace is not None:
                prets.traces[id] = trace
    return prets


def _suivre(prets: _Prets, connue: LigneLieu | None, ligne: LigneLieu | None) -> None:
    """Note the structures that a change of row may change: those of a place that they are deduced from."""
    en_vigueur = [li for li in (connue, ligne) if li is not None and not li.supprime]
    if len({_CE_QUI_SE_DEDUIT(li) for li in en_vigueur}) > 1 or len(en_vigueur) == 1:
        prets.pivots |= {li.pivot for li in en_vigueur if li.pivot}


_CE_QUI_SE_DEDUIT = attrgetter("structure_id", "pivot", "nom", "code_insee", "departement", "region", "epci")
