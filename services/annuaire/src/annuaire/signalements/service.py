"""Use cases of the reports."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from socle.acces.principal import Principal
from socle.donnees import audit, outbox
from socle.donnees.db import ReadSession, WriteSession
from socle.identifiants import uuid7

from annuaire.lieux.errors import LieuInconnu, LieuSupprime
from annuaire.signalements import repository, rules
from annuaire.signalements.errors import SignalementInconnu, SuiteImpossible, TropDeSignalements
from annuaire.signalements.schemas import (
    SignalementAFaire,
    SignalementFait,
    SignalementPublic,
    SignalementSuivi,
    SignalementTransmis,
    SuiteDonnee,
)
from annuaire.signalements.tables import Signalement

RECU = "annuaire.signalement.recu"
OUVERTS_MAX = 50
SUIVI = "/annuaire/v1/signalements"


async def signaler(
    session: WriteSession, *, lieu_id: UUID, demande: SignalementAFaire, racine: str, le: datetime
) -> SignalementFait:
    """Take a report on a place, tell its sources, and return the secret address where it is followed.

    `racine` is the public address of the service. Raises `LieuInconnu` (404), `LieuSupprime` (410),
    `TropDeSignalements` (409) beyond 50 that wait.
    """
    await _exiger_lieu(session, lieu_id)
    await repository.effacer(session, le=le)
    if await repository.compter_ouverts(session, lieu_id) >= OUVERTS_MAX:
        raise TropDeSignalements("La source de ce lieu a déjà de quoi vérifier : ce signalement n'est pas gardé.")
    secret = secrets.token_urlsafe(24)
    signalement = Signalement(
        id=uuid7(), lieu_id=lieu_id, motif=demande.motif, texte=demande.texte, courriel=demande.courriel,
        etat=rules.RECU, suivi=condense(secret), cree_le=le, modifie_le=le, efface_apres=le + rules.GARDE,
    )  # fmt: skip
    await repository.inscrire(session, signalement)
    sources = await repository.sources_du_lieu(session, lieu_id)
    # thin: what a person wrote is read with a key, never sent
    charge = {
        "signalement": str(signalement.id), "lieu_id": str(lieu_id), "motif": demande.motif, "sources": sources,
    }  # fmt: skip
    await outbox.emettre(session, RECU, [(str(signalement.id), charge)], le=le)
    return SignalementFait(**_public(signalement), suivi=f"{racine}{SUIVI}/{secret}")


async def lister_du_lieu(
    session: ReadSession, *, lieu_id: UUID, apres: UUID | None, limite: int
) -> list[SignalementPublic]:
    """Return what is public of the reports of a place. Raises `LieuInconnu`, `LieuSupprime`."""
    await _exiger_lieu(session, lieu_id)
    trouves = await repository.du_lieu(session, lieu_id, apres=apres, limite=limite)
    return [SignalementPublic(**_public(s)) for s in trouves]


async def lister_de_la_source(
    session: ReadSession, *, source_id: str, etats: Sequence[str], apres: UUID | None, limite: int, le: datetime
) -> list[SignalementTransmis]:
    """Return the reports on the places of a source."""
    trouves = await repository.de_la_source(session, source_id, etats=etats, apres=apres, limite=limite)
    return [transmis(s, le=le) for s in trouves]


async def trouver(session: ReadSession, *, source_id: str, id: UUID, le: datetime) -> SignalementTransmis:
    """Return one report on a place of a source. Raises `SignalementInconnu` (404)."""
    signalement = await repository.un(session, source_id, id)
    if signalement is None:
        raise SignalementInconnu("Aucun signalement de cet identifiant ne concerne un lieu de cette source.")
    return transmis(signalement, le=le)


async def suivre(session: ReadSession, *, secret: str, le: datetime) -> SignalementSuivi:
    """Return a report to the person who made it. Raises `SignalementInconnu` (404)."""
    signalement = await repository.suivi(session, condense(secret))
    if signalement is None:
        raise SignalementInconnu("Cette adresse ne suit aucun signalement.")
    return SignalementSuivi(**_suivi(signalement, le=le))


async def donner_suite(
    session: WriteSession, *, source_id: str, id: UUID, demande: SuiteDonnee, principal: Principal, le: datetime
) -> SignalementTransmis:
    """Change the state of a report, and answer it. Raises `SignalementInconnu` (404), `SuiteImpossible` (409)."""
    signalement = await repository.un(session, source_id, id, verrou=True)
    if signalement is None:
        raise SignalementInconnu("Aucun signalement de cet identifiant ne concerne un lieu de cette source.")
    if not rules.peut_suivre(signalement.etat, demande.etat):
        raise SuiteImpossible(f"Un signalement « {signalement.etat} » ne devient pas « {demande.etat} ».")
    await repository.effacer(session, le=le)
    await repository.changer(
        session,
        id,
        etat=demande.etat,
        reponse=demande.reponse or signalement.reponse,
        modifie_le=le,
        efface_apres=rules.efface_apres(signalement.efface_apres, etat=demande.etat, le=le),
    )
    audit.consigner(
        session,
        audit.Acte(acteur=principal.sujet, action="signalement.suivre", objet=f"signalement:{id}", le=le),
    )
    return await trouver(session, source_id=source_id, id=id, le=le)


def transmis(signalement: Signalement, *, le: datetime) -> SignalementTransmis:
    """Show a report to the source of its place."""
    garde = le < signalement.efface_apres
    return SignalementTransmis(
        **_suivi(signalement, le=le),
        courriel=signalement.courriel if garde else None,
        version=signalement.version,
        efface_apres=signalement.efface_apres,
    )


def condense(secret: str) -> str:
    """Return the SHA-256 (hexadecimal) of the secret that a report is followed with."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _public(signalement: Signalement) -> dict[str, Any]:
    return {nom: getattr(signalement, nom) for nom in SignalementPublic.model_fields}


def _suivi(signalement: Signalement, *, le: datetime) -> dict[str, Any]:
    texte = signalement.texte if le < signalement.efface_apres else None
    return {**_public(signalement), "lieu_id": signalement.lieu_id, "texte": texte}


async def _exiger_lieu(session: ReadSession, lieu_id: UUID) -> None:
    supprime = await repository.est_supprime(session, lieu_id)
    if supprime is None:
        raise LieuInconnu("Aucun lieu ne porte cet identifiant.")
    if supprime:
        raise LieuSupprime("Ce lieu n'est plus dans la liste de sa source.")
