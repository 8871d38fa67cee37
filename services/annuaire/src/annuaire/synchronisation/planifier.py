"""From a file received to a plan: what the list would change, row by row, and whether the guards let it.

Nothing of the directory is written here. Planning may stop anywhere and start again from nothing.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from socle.donnees.db import Database
from socle.errors import Erreur
from socle.horloge import Horloge
from socle.identifiants import uuid7
from socle.web.problemes import en_probleme

from annuaire.correspondances.document import CorrespondanceInvalide, lire_correspondance
from annuaire.lieux import repository as lieux
from annuaire.sources import repository as sources
from annuaire.sources.correspondance import repository as correspondances
from annuaire.sources.tables import Source
from annuaire.standard import severites
from annuaire.standard.anomalies import LONGUEUR_VALEUR
from annuaire.synchronisation import repository
from annuaire.synchronisation.annoncer import annoncer
from annuaire.synchronisation.bac_a_sable import depouiller
from annuaire.synchronisation.gardes import gardes
from annuaire.synchronisation.lecteurs import Reglages
from annuaire.synchronisation.lecteurs.errors import FichierRefuse, LectureEnPanne
from annuaire.synchronisation.mesurer import mesurer
from annuaire.synchronisation.rapprocher import rapprocher
from annuaire.synchronisation.rules import Comptes, Decision, Ligne, Plan
from annuaire.synchronisation.tables import Synchronisation
from annuaire.synchronisation.traduction import TRADUIT
from annuaire.synchronisation.traitement import OPERATION, STANDARD

LOT = 500
SOUFFLE = 20
"""Rows received between two turns of the others."""

journal = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Lot:
    """Rows waiting to be written, the numbering of the report, and the writing under way."""

    run_id: UUID
    plan: list[dict[str, Any]] = field(default_factory=list)
    rapport: list[dict[str, Any]] = field(default_factory=list)
    annules: list[int] = field(default_factory=list)
    rang: int = 0
    _ecriture: asyncio.Task[None] | None = None

    def plein(self) -> bool:
        """Tell whether it is time to write."""
        return len(self.plan) + len(self.rapport) >= LOT

    async def ecrire(self, base: Database) -> None:
        """Start writing what waits, once what was started before is done: meanwhile, other rows are read."""
        await self.finir()
        # the rows leave before the writing is over: those that come next are of another batch
        depart = replace(self, _ecriture=None)
        self.plan, self.rapport, self.annules = [], [], []
        self._ecriture = asyncio.create_task(_ecrire(base, depart))

    async def finir(self) -> None:
        """Wait for the writing started. Raises what it raised."""
        if self._ecriture is not None:
            ecriture, self._ecriture = self._ecriture, None
            await ecriture

    async def abandonner(self) -> None:
        """Stop: nothing of this plan is written any more once this returns."""
        if self._ecriture is not None:
            self._ecriture.cancel()
            await asyncio.wait({self._ecriture})

    def signaler(
        self, code: str, *, ligne: int, feuille: str | None, cle: str | None, champ: str | None = None,
        valeur: str | None = None, suggestion: str | None = None,
    ) -> None:  # fmt: skip
        self.rang += 1
        regle = severites.severite(code)
        self.rapport.append(
            {
                "run_id": self.run_id, "rang": self.rang, "ligne": ligne, "feuille": feuille, "cle": cle,
                "champ": champ, "code": code, "severite": regle.severite, "valeur": valeur,
                "suggestion": suggestion, "action": severites.ACTIONS[regle.effet],
            }
        )  # fmt: skip


async def planifier(base: Database, run_id: UUID, *, dossier: Path, horloge: Horloge) -> None:
    """Plan a run in the state `recue`, and move it on.

    Ends in `application` (to be applied at once), `retenue`, `essai`, or `rejetee` with its problem.
    """
    async with base.read(instantane=True) as session:
        run = await repository.lire(session, run_id)
        if run is None or run.etat != "recue":
            return
        source = await sources.lire(session, run.source_id)
        if source is None:
            raise LookupError(f"La synchronisation {run_id} n'a plus de source.")
        connues = await lieux.etats_des_fiches(session, run.source_id)
    async with base.write() as ecriture:
        await repository.effacer_plan(ecriture, run_id)
    debut = time.perf_counter()
    alias = {str(connue.lieu_id): cle for cle, connue in connues.items()}
    plan = Plan(mode=run.mode, connues=connues, alias=alias, nouvel_id=uuid7)
    try:
        reglages, parametres = await regler(base, run, source, horloge)
        devine = await _lire(base, run, plan, dossier=dossier, parametres=parametres, reglages=reglages)
    except (FichierRefuse, CorrespondanceInvalide) as refus:
        await _terminer(base, run_id, "rejetee", refus, horloge)
        return
    except LectureEnPanne as panne:
        # a fault of ours, that the same bytes would meet again: the sender is told, the operator reads the journal
        journal.error("lecture.en.panne", synchronisation=str(run_id), journal=panne.journal)
        await _terminer(base, run_id, "echouee", panne, horloge)
        return
    vivantes = sum(1 for connue in connues.values() if not connue.retiree)
    mesures = gardes(
        plan.comptes,
        mode=run.mode,
        vivantes=vivantes,
        dernieres_lignes=source.dernieres_lignes,
        ecarts=await mesurer(base, run_id, run.source_id),
    )
    etat = _suite(run, retenue=any(garde.declenchee for garde in mesures))
    async with base.write() as ecriture:
        await repository.avancer(
            ecriture,
            run_id,
            depuis=("recue",),
            etat=etat,
            base=source.dernier_run,
            lignes=_lignes(plan.comptes),
            plan={**_actions(plan.comptes), "etag": plan.etiquette()},
            garde=[garde.en_dict() for garde in mesures],
            devine=devine,
            duree_ms={"planification": round((time.perf_counter() - debut) * 1000)},
            finie_le=horloge() if etat == "essai" else None,
        )
        await annoncer(ecriture, run_id, le=horloge())


async def regler(
    base: Database, run: Synchronisation, source: Source, horloge: Horloge
) -> tuple[Reglages, dict[str, Any]]:
    """Return how the file is read: what the run's correspondence says of it wins over what its source settled."""
    reglages = dict(source.reglages or {})
    parametres: dict[str, Any] = {"aujourd_hui": horloge().date().isoformat(), "cle_derivee": source.cle_derivee}
    if run.correspondance is not None:
        async with base.read() as session:
            version = await correspondances.lire(session, source.id, run.correspondance)
        if version is None:
            raise LookupError(f"La synchronisation {run.id} n'a plus de correspondance.")
        document = lire_correspondance(version.document)
        reglages |= document.lecture.model_dump(exclude_none=True)
        parametres["correspondance"] = version.document
    return Reglages(**reglages), parametres


def _suite(run: Synchronisation, *, retenue: bool) -> str:
    if run.essai:
        return "essai"
    if retenue:
        return "retenue"
    return "application"


async def _lire(
    base: Database, run: Synchronisation, plan: Plan, *, dossier: Path, parametres: dict[str, Any], reglages: Reglages
) -> dict[str, Any]:
    """Read the file row by row into the plan and its report; return what the reader guessed."""
    if run.fichier is None:
        raise LookupError(f"Le fichier de la synchronisation {run.id} a disparu.")
    lot = _Lot(run.id)
    devine: dict[str, Any] = {}
    rangees = depouiller(
        dossier / run.fichier,
        run.type_mime,
        traitement=TRADUIT if "correspondance" in parametres else STANDARD,
        dossier=dossier,
        reglages=reglages,
        parametres=parametres,
    )
    try:
        async with aclosing(rangees) as objets:
            async for objet in objets:
                if "fin" in objet:
                    devine = objet["devine"]
                    break
                _recevoir(objet, plan, lot)
                if objet["ligne"] % SOUFFLE == 0:
                    # rows already in the pipe make nobody wait for them: readers get their turn
                    await asyncio.sleep(0)
                if lot.plein():
                    await lot.ecrire(base)
        await lot.ecrire(base)
        await lot.finir()
        await rapprocher(base, run.id, run.source_id, plan)
        for decision in plan.clore():
            lot.plan.append(_ligne_plan(run.id, decision, None))
            if lot.plein():
                await lot.ecrire(base)
        await lot.ecrire(base)
        await lot.finir()
    finally:
        await lot.abandonner()
    if plan.comptes.lues != plan.comptes.somme():
        raise ArithmeticError(f"Les lignes lues ne font pas le compte : {asdict(plan.comptes)}")
    return devine


def _recevoir(objet: dict[str, Any], plan: Plan, lot: _Lot) -> None:
    place = {"ligne": objet["ligne"], "feuille": objet["feuille"], "cle": objet["cle"]}
    for code, champ, valeur, suggestion, corrige in objet["anomalies"]:
        lot.signaler(code, champ=champ, valeur=valeur, suggestion=corrige or suggestion, **place)
    if "groupe" in objet:
        # its place comes later, with the other rows that say it
        return
    ligne = Ligne(
        ligne=objet["ligne"],
        cle=objet["cle"],
        empreinte=objet["empreinte"],
        operation=objet["operation"],
        lignes=objet.get("lignes", 1),
        id_maillage=objet.get("id_maillage"),
    )
    for decision in plan.recevoir(ligne):
        if decision.anomalie is not None:
            operation = decision.anomalie == "operation_inconnue"
            lot.signaler(
                decision.anomalie,
                ligne=decision.ligne or 0,
                feuille=objet["feuille"],
                cle=decision.cle,
                champ=OPERATION if operation else "id",
                valeur=objet["operation"][:LONGUEUR_VALEUR] if operation else decision.cle,
            )
        if decision.annule is not None:
            lot.annules.append(decision.annule)
        if decision.action is not None:
            lot.plan.append(_ligne_plan(lot.run_id, decision, objet))


def _ligne_plan(run_id: UUID, decision: Decision, objet: dict[str, Any] | None) -> dict[str, Any]:
    porte = objet is not None and decision.action not in ("supprimes", "rejetes")
    return {
        "run_id": run_id,
        "rang": decision.rang,
        "action": decision.action,
        "cle": decision.cle,
        "ancienne_cle": decision.ancienne_cle,
        "lieu_id": decision.lieu_id,
        "ligne": decision.ligne,
        "empreinte": objet["empreinte"] if objet and porte else None,
        "brut": objet["brut"] if objet and porte else None,
        "normalise": objet["normalise"] if objet and porte else None,
        "origines": objet.get("origines") if objet and porte else None,
    }


async def _ecrire(base: Database, lot: _Lot) -> None:
    async with base.write() as session:
        await repository.ajouter_au_plan(session, lot.plan)
        await repository.ajouter_au_rapport(session, lot.rapport)
        if lot.annules:
            await repository.reprendre_du_plan(session, lot.run_id, lot.annules)


async def _terminer(base: Database, run_id: UUID, etat: str, erreur: Erreur, horloge: Horloge) -> None:
    """End a run whose file could not be read: its plan and report, half made, are forgotten with it."""
    async with base.write() as session:
        await repository.effacer_plan(session, run_id)
        await repository.avancer(
            session, run_id, depuis=("recue",), etat=etat, erreur=en_probleme(erreur), finie_le=horloge()
        )
        await annoncer(session, run_id, le=horloge())


def _lignes(comptes: Comptes) -> dict[str, int]:
    return {
        "lues": comptes.lues,
        "valides": comptes.lues - comptes.rejetees - comptes.doublons_internes,
        "regroupees": comptes.regroupees,
        "rejetees": comptes.rejetees,
        "doublons_internes": comptes.doublons_internes,
    }


def _actions(comptes: Comptes) -> dict[str, int]:
    return {
        "crees": comptes.crees,
        "modifies": comptes.modifies,
        "inchanges": comptes.inchanges,
        "supprimes": comptes.supprimes,
        "ressuscites": comptes.ressuscites,
        "renommes": comptes.renommes,
    }
