"""The report of a source, made from one snapshot of the directory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from socle.acces.principal import Principal
from socle.donnees.db import Database, ReadSession

from annuaire.doublons import repository as doublons
from annuaire.lieux.consolidation.fiches import FicheLue, dorer
from annuaire.lieux.consolidation.rules import sources_gagnantes
from annuaire.lieux.outils import Outils, Suivi
from annuaire.lieux.service import lire_les_fiches
from annuaire.sources import service as sources
from annuaire.sources.bilan import repository
from annuaire.sources.bilan.repository import FicheDuBilan, GroupeDuRapport
from annuaire.sources.bilan.rules import Decompte, Perdu, attentes, perdus
from annuaire.sources.bilan.schemas import (
    Ages,
    BilanLu,
    ChampPerdu,
    Couverture,
    Defaut,
    DoublonsAvec,
    DoublonsDuBilan,
    Manques,
    SynchronisationDuBilan,
)
from annuaire.standard import severites
from annuaire.standard.anomalies import Anomalie
from annuaire.synchronisation import repository as synchronisation
from annuaire.synchronisation.schemas import LignesLues, PlanResume
from annuaire.synchronisation.tables import LigneRapport, Synchronisation
from annuaire.territoires.referentiel import Referentiel

LOT = 125
"""Records read at a time."""

Defauts = dict[severites.Effet, list[Defaut]]


async def etablir(
    base: Database, *, source_id: str, principal: Principal, outils: Outils, referentiel: Referentiel, le: datetime
) -> BilanLu:
    """Make the report of a source; its memory does not grow with the list. Raises `SourceInconnue` (404)."""
    async with base.read(instantane=True) as session:
        source = await sources.trouver(session, id=source_id, principal=principal)
        dernier = source.derniere_synchronisation
        run = await synchronisation.lire(session, dernier) if dernier else None
        defauts = await _defauts(session, run.id) if run else {}
        decompte = await _compter(session, source_id, Suivi(outils, le))
        avec = attentes(await doublons.compter_a_voir(session, source_id), source=source_id)
        couverture = await _couvrir(session, source_id, referentiel)
    return BilanLu(
        source=source.id,
        nom=source.nom,
        etabli_le=le.date(),
        fraicheur=source.fraicheur,
        synchronisation=_derniere(run) if run else None,
        fiches=decompte.fiches,
        ages=Ages(**decompte.ages),
        rejets=defauts.get("ligne_rejetee", []),
        cellules_videes=defauts.get("cellule_videe", []),
        corrections=defauts.get("corrigee", []),
        manques=Manques(
            sans_horaires=decompte.sans_horaires,
            horaires_non_compris=decompte.horaires_non_compris,
            sans_telephone=decompte.sans_telephone,
            sans_point=decompte.sans_point,
        ),
        champs_perdus=[
            ChampPerdu(champ=perdu.champ, source_gagnante=perdu.source_gagnante, nombre=nombre)
            for perdu, nombre in sorted(decompte.perdus.items(), key=lambda item: (-item[1], item[0]))
        ],
        doublons=DoublonsDuBilan(
            a_voir=avec.total(),
            avec=[
                DoublonsAvec(source=autre, nombre=nombre)
                for autre, nombre in sorted(avec.items(), key=lambda item: (-item[1], item[0]))
            ],
        ),
        couverture=couverture,
    )


def _derniere(run: Synchronisation) -> SynchronisationDuBilan:
    return SynchronisationDuBilan(
        id=run.id,
        mode=run.mode,
        recue_le=run.recue_le,
        appliquee_le=run.finie_le,
        lignes=LignesLues(**run.lignes) if run.lignes else None,
        plan=PlanResume(**run.plan) if run.plan else None,
    )


async def _defauts(session: ReadSession, run_id: UUID) -> Defauts:
    """Return the faults of a run by what was done of them, the commonest first."""
    groupes = await repository.groupes_du_rapport(session, run_id)
    premieres = await repository.lignes_du_rapport(session, run_id, [groupe.premier for groupe in groupes])
    defauts: Defauts = {}
    for groupe in sorted(groupes, key=lambda g: (-g.entrees, g.code, g.champ or "")):
        effet = severites.severite(groupe.code).effet
        defauts.setdefault(effet, []).append(_defaut(groupe, premieres[groupe.premier], effet))
    return defauts


def _defaut(groupe: GroupeDuRapport, premiere: LigneRapport, effet: severites.Effet) -> Defaut:
    dite = severites.rapporter(
        Anomalie(
            premiere.code,
            premiere.champ,
            premiere.valeur,
            suggestion=premiere.suggestion,
            corrige=premiere.suggestion,
        )
    )
    nombre = groupe.lignes if effet == "ligne_rejetee" else groupe.entrees
    return Defaut(code=groupe.code, champ=groupe.champ, nombre=nombre, exemple=dite["message"])


async def _compter(session: ReadSession, source_id: str, suivi: Suivi) -> Decompte:
    decompte = Decompte()
    async for lot in repository.lots_de_fiches(session, source_id, lot=LOT):
        lues: dict[UUID, list[FicheLue]] = {fiche.lieu_id: [] for fiche in lot if fiche.partage}
        await lire_les_fiches(session, lues, suivi=suivi)
        # pure computation: off the event loop, readers go on
        await asyncio.to_thread(_compter_un_lot, decompte, lot, lues, source_id, suivi)
    return decompte


def _compter_un_lot(
    decompte: Decompte,
    lot: Sequence[FicheDuBilan],
    lues: dict[UUID, list[FicheLue]],
    source_id: str,
    suivi: Suivi,
) -> None:
    cles = {fiche.cle for fiche in lot}
    for fiche in lot:
        decompte.compter(json.loads(fiche.normalise), recue_le=fiche.lue_le.date(), le=suivi.le.date())
    for siennes in lues.values():
        decompte.perdus.update(_perdus(siennes, cles, source_id, suivi))


def _perdus(lues: Sequence[FicheLue], cles: set[str], source_id: str, suivi: Suivi) -> list[Perdu]:
    """List what the records of a source, among `cles`, lose on one place."""
    doree = dorer(lues, suivi.outils.est_personnel)
    if doree.jointe is None:
        return []
    dorees, gagnantes = doree.fiche.en_dict(), sources_gagnantes(doree.jointe)
    return [
        perdu
        for lue in lues
        if lue.source.id == source_id and lue.cle in cles
        for perdu in perdus(lue.dit(suivi.outils.est_personnel).valeurs, dorees, gagnantes, source=source_id)
    ]


async def _couvrir(session: ReadSession, source_id: str, referentiel: Referentiel) -> list[Couverture]:
    """Return what a source covers of each département where it has a place, in the order of codes."""
    siennes = await repository.etendues(session, source_id=source_id)
    toutes = await repository.etendues(session, departements=siennes)
    couverture = []
    for code in sorted(siennes, key=lambda code: (code is None, code or "")):
        departement = referentiel.departement(code) if code else None
        couverture.append(
            Couverture(
                departement=code,
                nom=departement.nom if departement else None,
                lieux=siennes[code].lieux,
                lieux_de_toutes=toutes[code].lieux,
                communes=siennes[code].communes,
                communes_de_toutes=toutes[code].communes,
            )
        )
    return couverture
