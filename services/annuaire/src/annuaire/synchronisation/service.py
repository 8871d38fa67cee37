"""Use cases of the synchronisations: receive a list, show its run, apply or give up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from socle.acces.principal import Principal
from socle.donnees import audit, jobs
from socle.donnees.db import ReadSession, WriteSession
from socle.errors import Interdit, Introuvable
from sqlalchemy.exc import IntegrityError

from annuaire.lieux import repository as fiches
from annuaire.lieux.consolidation.fiches import FicheLue
from annuaire.lieux.consolidation.fiches import lire as lire_normalise
from annuaire.lieux.consolidation.rules import consolider, sources_gagnantes
from annuaire.lieux.outils import Outils, Suivi
from annuaire.lieux.service import lire_les_fiches
from annuaire.sources import repository as sources
from annuaire.sources.correspondance import service as correspondances
from annuaire.sources.errors import SourceInconnue
from annuaire.sources.service import citer
from annuaire.standard import severites
from annuaire.standard.anomalies import Anomalie
from annuaire.synchronisation import repository, rules
from annuaire.synchronisation.access import ADMIN, FORCE
from annuaire.synchronisation.errors import (
    BaseDepassee,
    ConfirmationInexacte,
    NonApplicable,
    PlanDepasse,
    SynchronisationEnCours,
    TropDeSynchronisations,
)
from annuaire.synchronisation.etats import ACTIFS
from annuaire.synchronisation.gardes import manque_a_confirmer
from annuaire.synchronisation.schemas import (
    Champ,
    DemandeApplication,
    GardeLue,
    LignePlanLue,
    LigneRapportLue,
    LignesLues,
    PlanResume,
    SynchronisationLue,
)
from annuaire.synchronisation.tables import LigneRapport, Synchronisation
from annuaire.synchronisation.version import condense_versionne

AVANCER = "synchronisation.avancer"
ATTENTE = timedelta(days=7)
"""How long a held run, or a plan, waits for a person; an older plan speaks of a directory that is no more."""
QUOTA_HORAIRE = 12
GARDE_DES_IMAGES = timedelta(days=30)
"""How long a run may be undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """A file received: where it lies, what it is, its SHA-256 in hexadecimal."""

    id: UUID
    fichier: str
    type_mime: str
    condense: str


async def recevoir(
    session: WriteSession,
    *,
    depot: Depot,
    source_id: str,
    mode: str,
    essai: bool,
    si_dernier: str | None,
    correspondance: int | None = None,
    principal: Principal,
    quota: int,
    le: datetime,
) -> Synchronisation:
    """Write the run of a list received, with the job that will carry it on.

    The bytes of the last applied run make a run `inchange` at once. `si_dernier` is the run that the sender believes
    to be the last. Raises `SourceInconnue`, `BaseDepassee` (412), `SynchronisationEnCours` (409, with the run's
    address), `TropDeSynchronisations` (429).
    """
    source = await sources.lire(session, source_id, verrou=True)
    if source is None:
        raise SourceInconnue(f"Aucune source « {source_id} ».")
    dernier = f'"run-{source.dernier_run}"'
    if si_dernier is not None and si_dernier not in ("*", dernier):
        raise BaseDepassee("La source a été synchronisée depuis le run que vous citez.", entetes={"ETag": dernier})
    await exiger_libre(session, source_id, le=le)
    await repository.oublier_les_images(session, avant=le - GARDE_DES_IMAGES)
    if not essai and await repository.recues_depuis(session, source_id, le - timedelta(hours=1)) >= quota:
        raise TropDeSynchronisations(
            f"Au plus {quota} synchronisations par heure ; les essais ne comptent pas.",
            entetes={"Retry-After": "300"},
        )
    version = await correspondances.choisir(session, source, correspondance)
    identique = mode == "complet" and source.dernier_condense == condense_versionne(depot.condense, version)
    run = Synchronisation(
        id=depot.id,
        source_id=source_id,
        client=principal.sujet,
        mode=mode,
        essai=essai,
        etat="inchange" if identique else "recue",
        base=source.dernier_run,
        fichier=depot.fichier,
        type_mime=depot.type_mime,
        condense=depot.condense,
        correspondance=version,
        duree_ms={},
        recue_le=le,
        finie_le=le if identique else None,
    )
    if identique:
        await _reprendre_les_comptes(session, run)
        await sources.noter_run(session, source_id, fraiche_le=le)
    try:
        await repository.inscrire(session, run)
    except IntegrityError as erreur:
        raise _en_cours(source_id, None) from erreur
    if not identique:
        await jobs.promettre(session, AVANCER, {"run": str(run.id)}, le=le)
    return run


async def exiger_libre(session: WriteSession, source_id: str, *, le: datetime) -> None:
    """Refuse a second run of a source; one that waited too long has expired. Raises `SynchronisationEnCours`."""
    await repository.expirer(session, source_id, avant=le - ATTENTE, le=le)
    active = await repository.en_cours(session, source_id)
    if active is not None:
        raise _en_cours(source_id, active)


async def _reprendre_les_comptes(session: WriteSession, run: Synchronisation) -> None:
    """Give an unchanged run the counts of the run that it repeats: every valid row is unchanged."""
    precedent = await repository.lire(session, run.base) if run.base else None
    if precedent is not None and precedent.lignes is not None:
        run.lignes = precedent.lignes
        inchanges = precedent.lignes["valides"] - precedent.lignes.get("regroupees", 0)
        run.plan = {"crees": 0, "modifies": 0, "inchanges": inchanges, "supprimes": 0, "ressuscites": 0, "etag": '""'}


def _en_cours(source_id: str, active: UUID | None) -> SynchronisationEnCours:
    entetes = {"Location": adresse(active)} if active else {}
    return SynchronisationEnCours(
        f"Une synchronisation de « {source_id} » est en cours : attendez sa fin, ou annulez-la.", entetes=entetes
    )


def adresse(id: UUID) -> str:
    """Return the path of a run."""
    return f"/annuaire/v1/synchronisations/{id}"


async def trouver(session: ReadSession, *, id: UUID, principal: Principal) -> Synchronisation:
    """Return a run that this caller may see; to others it does not exist. Raises `Introuvable`."""
    run = await repository.lire(session, id)
    if run is None or not principal.peut(run.source_id):
        raise Introuvable("Aucune synchronisation ne porte cet identifiant.")
    return run


async def lister(
    session: ReadSession, *, source_id: str, principal: Principal, avant: UUID | None, limite: int
) -> list[SynchronisationLue]:
    """Return the runs of a source, latest first. Raises `SourceInconnue`."""
    if not principal.peut(source_id) or await sources.lire(session, source_id) is None:
        raise SourceInconnue(f"Aucune source « {source_id} ».")
    runs = await repository.d_une_source(session, source_id, avant=avant, limite=limite)
    return [lue(run, {}) for run in runs]


async def montrer(session: ReadSession, *, id: UUID, principal: Principal) -> SynchronisationLue:
    """Show a run with the counts of its report."""
    run = await trouver(session, id=id, principal=principal)
    return lue(run, await repository.codes_du_rapport(session, id))


async def demander_application(
    session: WriteSession,
    *,
    id: UUID,
    demande: DemandeApplication,
    si_plan: str | None,
    principal: Principal,
    le: datetime,
) -> SynchronisationLue | PlanDepasse:
    """Apply the plan of a dry run, or release a held one.

    A plan that the directory has moved past is planned again: the answer is then `PlanDepasse` as a value, so that
    the new planning is kept. Raises `NonApplicable` (409), `ConfirmationInexacte` (409), `PlanDepasse` (412, when
    `si_plan` names another plan), `SynchronisationEnCours` (409), `Interdit`.
    """
    run = await trouver(session, id=id, principal=principal)
    await repository.expirer(session, run.source_id, avant=le - ATTENTE, le=le)
    run = await trouver(session, id=id, principal=principal)
    if run.etat not in ("retenue", "essai"):
        raise NonApplicable(f"Une synchronisation « {run.etat} » ne s'applique pas.", etat=run.etat)
    etag = (run.plan or {}).get("etag")
    if si_plan is not None and si_plan not in ("*", etag):
        raise PlanDepasse("Ce n'est pas le plan que vous avez lu.", entetes={"ETag": str(etag)})
    source = await sources.lire(session, run.source_id, verrou=True)
    if source is None:
        raise SourceInconnue(f"Aucune source « {run.source_id} ».")
    if run.etat == "essai":
        active = await repository.en_cours(session, run.source_id)
        if active is not None:
            raise _en_cours(run.source_id, active)
    if source.dernier_run != run.base:
        # planned again, as a dry run whatever it was: somebody must read the new plan
        await repository.avancer(
            session, id, depuis=(run.etat,), etat="recue", essai=True, base=source.dernier_run, finie_le=None
        )
        await jobs.promettre(session, AVANCER, {"run": str(id)}, le=le)
        return PlanDepasse("La source a changé depuis ce plan : un nouveau plan est en préparation, relisez-le.")
    gardes = run.garde or []
    if any(garde["declenchee"] for garde in gardes):
        if not principal.portees & {FORCE, ADMIN}:
            raise Interdit("Lever une garde demande la portée sync:force.", portees=[FORCE, ADMIN])
        manques = manque_a_confirmer(gardes, demande.confirmer, administrateur=ADMIN in principal.portees)
        if demande.motif is None:
            manques.append("donnez un motif d'au moins 10 caractères")
        if manques:
            raise ConfirmationInexacte("Pour appliquer ce plan : " + " ; ".join(manques) + ".", garde=gardes)
    await repository.avancer(
        session,
        id,
        depuis=("retenue", "essai"),
        etat="application",
        essai=False,
        finie_le=None,
        confirmation={"confirmer": demande.confirmer, "motif": demande.motif, "par": principal.sujet},
    )
    audit.consigner(
        session,
        audit.Acte(
            acteur=principal.sujet, action="synchronisation.confirmer", objet=f"synchronisation:{id}", le=le,
            motif=demande.motif,
        ),
    )  # fmt: skip
    await jobs.promettre(session, AVANCER, {"run": str(id)}, le=le)
    return await montrer(session, id=id, principal=principal)


async def annuler(session: WriteSession, *, id: UUID, principal: Principal, le: datetime) -> SynchronisationLue:
    """Give up a run that is not being applied. Raises `NonApplicable` (409)."""
    run = await trouver(session, id=id, principal=principal)
    possibles = tuple(etat for etat in ACTIFS if etat != "application")
    if not await repository.avancer(session, id, depuis=possibles, etat="annulee", finie_le=le):
        raise NonApplicable(f"Une synchronisation « {run.etat} » ne s'annule pas.", etat=run.etat)
    return await montrer(session, id=id, principal=principal)


async def plan(
    session: ReadSession, *, id: UUID, principal: Principal, outils: Outils, action: str | None, apres: int, limite: int
) -> Sequence[LignePlanLue]:
    """Return rows of a plan, each with the fields that differ from what is in force, and who wins them."""
    run = await trouver(session, id=id, principal=principal)
    source = await sources.lire(session, run.source_id)
    if source is None:
        raise SourceInconnue(f"Aucune source « {run.source_id} ».")
    lignes = await repository.page_du_plan(session, id, action=action, apres=apres, limite=limite)
    anciennes = await fiches.fiches(session, run.source_id, [ligne.ancienne_cle or ligne.cle for ligne in lignes])
    lues: dict[UUID, list[FicheLue]] = {ancienne.lieu_id: [] for ancienne in anciennes.values()}
    suivi = Suivi(outils, run.recue_le, {source.id: citer(source)})
    await lire_les_fiches(session, lues, suivi=suivi, sauf=(source.id, list(anciennes)))
    montrees = []
    for ligne in lignes:
        ancienne = anciennes.get(ligne.ancienne_cle or ligne.cle)
        avant = json.loads(ancienne.normalise) if ancienne and not ancienne.retiree else None
        champs: list[dict[str, Any]] = []
        if ligne.action != rules.REJETE:
            gagnantes: Mapping[str, str] = {}
            if ligne.normalise is not None and ancienne is not None and lues[ancienne.lieu_id]:
                sienne = FicheLue(
                    source=suivi.citees[source.id],
                    cle=ligne.cle,
                    fiche=lire_normalise(ligne.normalise),
                    origines=ligne.origines,
                    recue_le=run.recue_le.date(),
                )
                dits = [lue.dit(outils.est_personnel) for lue in (sienne, *lues[ancienne.lieu_id])]
                gagnantes = sources_gagnantes(consolider(dits)[1])
            champs = rules.differences(
                avant, json.loads(ligne.normalise) if ligne.normalise else None, source=source.id, gagnantes=gagnantes
            )
        montrees.append(
            LignePlanLue(
                rang=ligne.rang,
                action=ligne.action,
                cle=ligne.cle,
                ancienne_cle=ligne.ancienne_cle,
                id=ligne.lieu_id,
                ligne=ligne.ligne,
                champs=[Champ(**champ) for champ in champs],
            )
        )
    return montrees


async def rapport(
    session: ReadSession,
    *,
    id: UUID,
    principal: Principal,
    code: str | None,
    severite: str | None,
    apres: int,
    limite: int,
) -> list[tuple[int, LigneRapportLue]]:
    """Return rows of the report with their rank, in the order of the file."""
    await trouver(session, id=id, principal=principal)
    lignes = await repository.page_du_rapport(session, id, code=code, severite=severite, apres=apres, limite=limite)
    return [(ligne.rang, ligne_lue(ligne)) for ligne in lignes]


def ligne_lue(ligne: LigneRapport) -> LigneRapportLue:
    """Show a row of the report; the contacts that it quotes are masked."""
    dite = severites.rapporter(
        Anomalie(ligne.code, ligne.champ, ligne.valeur, suggestion=ligne.suggestion, corrige=ligne.suggestion)
    )
    return LigneRapportLue(
        ligne=ligne.ligne,
        feuille=ligne.feuille,
        cle=ligne.cle,
        champ=ligne.champ,
        code=ligne.code,
        severite=dite["severite"],
        valeur=dite["valeur"],
        message=dite["message"],
        suggestion=dite["suggestion"],
        action=ligne.action,
    )


def lue(run: Synchronisation, codes: Mapping[str, int]) -> SynchronisationLue:
    """Show a run."""
    plan: dict[str, Any] | None = run.plan
    return SynchronisationLue(
        id=run.id,
        source=run.source_id,
        mode=run.mode,
        retour_de=run.retour_de,
        essai=run.essai,
        etat=run.etat,
        base=run.base,
        correspondance=run.correspondance,
        empreinte_fichier=f"sha256:{run.condense}",
        lignes=LignesLues(**run.lignes) if run.lignes else None,
        plan=PlanResume(**plan) if plan else None,
        garde=[GardeLue(**garde) for garde in run.garde or []],
        devine=run.devine,
        rapport=dict(codes),
        changement_numero=run.changement_numero,
        erreur=run.erreur,
        duree_ms=run.duree_ms,
        recue_le=run.recue_le,
        finie_le=run.finie_le,
    )
