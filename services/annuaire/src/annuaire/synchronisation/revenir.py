"""Undo an applied run: an inverse run is built from the records as they were before it, guarded like any other.

What changed since is left as it is, and listed in the report. A record born of the run is withdrawn, its place keeps
its id for the day it comes back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from socle.acces.principal import Principal
from socle.donnees import audit, jobs
from socle.donnees.db import Database, ReadSession, WriteSession
from socle.identifiants import uuid7

from annuaire.lieux import repository as fiches
from annuaire.lieux.tables import Fiche
from annuaire.sources import repository as sources
from annuaire.sources.errors import SourceInconnue
from annuaire.standard import severites
from annuaire.synchronisation import repository, service
from annuaire.synchronisation.errors import NonApplicable
from annuaire.synchronisation.gardes import gardes
from annuaire.synchronisation.mesurer import mesurer
from annuaire.synchronisation.rules import CREE, MODIFIE, RENOMME, RESSUSCITE, SUPPRIME, Comptes
from annuaire.synchronisation.tables import Image, LignePlan, Synchronisation

RETOUR: Final = "retour"
ECARTEE: Final = "fiche_changee_depuis"
LOT: Final = 200


async def demander(
    session: WriteSession, *, id: UUID, motif: str, principal: Principal, le: datetime
) -> Synchronisation:
    """Write the run that will undo another, with the job that carries it on.

    Raises `Introuvable`, `NonApplicable` (409: not applied, or too long ago), `SynchronisationEnCours` (409).
    """
    defaite = await service.trouver(session, id=id, principal=principal)
    if defaite.etat != "appliquee":
        raise NonApplicable(f"Une synchronisation « {defaite.etat} » ne se défait pas.", etat=defaite.etat)
    if defaite.finie_le is None or defaite.finie_le < le - service.GARDE_DES_IMAGES:
        raise NonApplicable(
            f"Une synchronisation se défait dans les {service.GARDE_DES_IMAGES.days} jours.", etat=defaite.etat
        )
    source = await sources.lire(session, defaite.source_id, verrou=True)
    if source is None:
        raise SourceInconnue(f"Aucune source « {defaite.source_id} ».")
    await service.exiger_libre(session, source.id, le=le)
    retour = Synchronisation(
        id=uuid7(),
        source_id=source.id,
        client=principal.sujet,
        mode=RETOUR,
        retour_de=id,
        essai=False,
        etat="recue",
        base=source.dernier_run,
        type_mime="",
        condense=hashlib.sha256(f"{RETOUR} {id}".encode()).hexdigest(),
        confirmation={"motif": motif, "par": principal.sujet},
        duree_ms={},
        recue_le=le,
    )
    await repository.inscrire(session, retour)
    audit.consigner(
        session,
        audit.Acte(
            acteur=principal.sujet, action="synchronisation.defaire", objet=f"synchronisation:{id}", le=le, motif=motif
        ),
    )
    await jobs.promettre(session, service.AVANCER, {"run": str(retour.id)}, le=le)
    return retour


async def preparer(base: Database, run_id: UUID) -> None:
    """Plan an undoing in the state `recue`: to be applied at once, or held by its guards."""
    async with base.read() as session:
        run = await repository.lire(session, run_id)
        source = await sources.lire(session, run.source_id) if run else None
    if run is None or run.etat != "recue" or run.retour_de is None:
        return
    if source is None:
        raise LookupError(f"La synchronisation {run_id} n'a plus de source.")
    comptes, sceau = Comptes(), hashlib.sha256()
    async with base.write() as ecriture:
        await repository.effacer_plan(ecriture, run_id)
    rang = ecartees = derniere = 0
    while True:
        async with base.write() as ecriture:
            page = await repository.page_du_plan(ecriture, run.retour_de, action=None, apres=derniere, limite=LOT)
            lignes, laissees = await _inverser(ecriture, run, page)
            for ligne in lignes:
                rang += 1
                ligne |= {"run_id": run_id, "rang": rang}
                sceau.update(f"{ligne['action']} {ligne['cle']} {ligne['empreinte']}\n".encode())
                _compter(comptes, ligne["action"])
            await repository.ajouter_au_plan(ecriture, lignes)
            await repository.ajouter_au_rapport(
                ecriture, [_ecartee(run_id, ecartees + k, ligne) for k, ligne in enumerate(laissees, 1)]
            )
            ecartees += len(laissees)
        if len(page) < LOT:
            break
        derniere = page[-1].rang
    async with base.read() as session:
        vivantes = sum(1 for c in (await fiches.etats_des_fiches(session, source.id)).values() if not c.retiree)
    ecarts = await mesurer(base, run_id, source.id)
    comptes.inchanges = max(0, vivantes - comptes.modifies - comptes.supprimes)
    mesures = gardes(comptes, mode=RETOUR, vivantes=vivantes, dernieres_lignes=None, ecarts=ecarts)
    async with base.write() as ecriture:
        await repository.avancer(
            ecriture,
            run_id,
            depuis=("recue",),
            etat="retenue" if any(garde.declenchee for garde in mesures) else "application",
            base=source.dernier_run,
            plan={
                "crees": comptes.crees, "modifies": comptes.modifies, "inchanges": comptes.inchanges,
                "supprimes": comptes.supprimes, "ressuscites": comptes.ressuscites, "renommes": comptes.renommes,
                "etag": f'"p-{sceau.hexdigest()[:24]}"',
            },
            garde=[garde.en_dict() for garde in mesures],
            duree_ms={},
            finie_le=None,
        )  # fmt: skip


async def _inverser(
    session: ReadSession, run: Synchronisation, page: Sequence[LignePlan]
) -> tuple[list[dict[str, Any]], list[LignePlan]]:
    """Invert rows of the plan undone; return the inverse rows, and those whose record changed since."""
    if run.retour_de is None:
        raise ValueError("Cette synchronisation n'en défait aucune.")
    faites = [ligne for ligne in page if ligne.action in _ATTENDUES]
    actuelles = await fiches.fiches(session, run.source_id, [ligne.cle for ligne in faites])
    images = await repository.images(session, run.retour_de, [ligne.ancienne_cle or ligne.cle for ligne in faites])
    inverses, laissees = [], []
    for ligne in faites:
        actuelle, image = actuelles.get(ligne.cle), images.get(ligne.ancienne_cle or ligne.cle)
        if actuelle is None or not _intacte(ligne, actuelle, image):
            laissees.append(ligne)
        else:
            inverses.append(_inverse(ligne, actuelle, image))
    return inverses, laissees


_ATTENDUES: Final = frozenset({CREE, MODIFIE, RENOMME, RESSUSCITE, SUPPRIME})
_INVERSES: Final = {CREE: SUPPRIME, RESSUSCITE: SUPPRIME, SUPPRIME: RESSUSCITE, MODIFIE: MODIFIE, RENOMME: RENOMME}


def _intacte(ligne: LignePlan, actuelle: Fiche, image: Image | None) -> bool:
    """Tell whether a record is as the run left it."""
    if ligne.action == CREE:
        return not actuelle.retiree and actuelle.empreinte == ligne.empreinte
    if image is None:
        return False
    if ligne.action == SUPPRIME:
        return actuelle.retiree and actuelle.empreinte == image.empreinte
    return not actuelle.retiree and actuelle.empreinte == ligne.empreinte


def _inverse(ligne: LignePlan, actuelle: Fiche, image: Image | None) -> dict[str, Any]:
    action = _INVERSES[ligne.action]
    rendue = image if action != SUPPRIME else None
    return {
        "action": action,
        "cle": ligne.ancienne_cle or ligne.cle,
        "ancienne_cle": ligne.cle if ligne.ancienne_cle else None,
        "lieu_id": actuelle.lieu_id,
        "ligne": rendue.ligne if rendue else None,
        "empreinte": rendue.empreinte if rendue else None,
        "brut": rendue.brut if rendue else None,
        "normalise": rendue.normalise if rendue else None,
        "origines": rendue.origines if rendue else None,
    }


def _compter(comptes: Comptes, action: str) -> None:
    comptes.modifies += action in (MODIFIE, RENOMME)
    comptes.renommes += action == RENOMME
    comptes.crees += action == RESSUSCITE
    comptes.ressuscites += action == RESSUSCITE
    comptes.supprimes += action == SUPPRIME


def _ecartee(run_id: UUID, rang: int, ligne: LignePlan) -> dict[str, Any]:
    regle = severites.severite(ECARTEE)
    return {
        "run_id": run_id, "rang": rang, "ligne": ligne.ligne or 0, "feuille": None, "cle": ligne.cle, "champ": None,
        "code": ECARTEE, "severite": regle.severite, "valeur": ligne.cle, "suggestion": None,
        "action": severites.ACTIONS[regle.effet],
    }  # fmt: skip
