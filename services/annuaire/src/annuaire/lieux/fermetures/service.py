"""Use cases of exceptional closings."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from socle.acces.principal import Principal
from socle.donnees import audit
from socle.donnees.db import ReadSession, WriteSession
from socle.identifiants import uuid7

from annuaire.lieux.errors import LieuInconnu, LieuSupprime
from annuaire.lieux.fermetures import repository
from annuaire.lieux.fermetures.access import exiger_une_source
from annuaire.lieux.fermetures.errors import FermetureInconnue, FermeturePassee, TropDeFermetures
from annuaire.lieux.fermetures.schemas import FermetureADeclarer, FermetureLue
from annuaire.lieux.fermetures.tables import FermetureExceptionnelle

FERMETURES_MAX = 50


def premier_jour(le: datetime) -> date:
    """Return the earliest day that is still today somewhere: a closing that ended before it is over everywhere."""
    return (le - timedelta(hours=12)).date()


async def declarer(
    session: WriteSession, *, lieu_id: UUID, demande: FermetureADeclarer, principal: Principal, le: datetime
) -> FermetureLue:
    """Close a place for some days.

    Raises `LieuInconnu` (404), `LieuSupprime` (410), `Interdit` (403), `FermeturePassee` (422), `TropDeFermetures`
    (409) beyond 50 closings to come.
    """
    await _autoriser(session, lieu_id, principal)
    aujourd_hui = premier_jour(le)
    if demande.au < aujourd_hui:
        raise FermeturePassee("Le dernier jour de cette fermeture est passé : elle ne changerait rien.")
    if await repository.compter(session, lieu_id, depuis=aujourd_hui) >= FERMETURES_MAX:
        raise TropDeFermetures(f"Ce lieu a déjà {FERMETURES_MAX} fermetures à venir : retirez-en, ou joignez-les.")
    fermeture = FermetureExceptionnelle(
        id=uuid7(), lieu_id=lieu_id, du=demande.du, au=demande.au, motif=demande.motif, cree_le=le
    )
    await repository.inscrire(session, fermeture)
    audit.consigner(session, _acte(principal, "fermeture.declarer", lieu_id, le, demande.motif))
    return lue(fermeture)


async def lister(session: ReadSession, *, lieu_id: UUID, le: datetime) -> list[FermetureLue]:
    """Return the closings of a place that are not over, in order. Raises `LieuInconnu`, `LieuSupprime`."""
    await _exiger_lieu(session, lieu_id)
    return [lue(f) for f in await repository.du_lieu(session, lieu_id, depuis=premier_jour(le))]


async def annuler(
    session: WriteSession, *, lieu_id: UUID, fermeture_id: UUID, principal: Principal, le: datetime
) -> None:
    """Take a closing back. Raises `LieuInconnu`, `LieuSupprime`, `Interdit`, `FermetureInconnue` (404)."""
    await _autoriser(session, lieu_id, principal)
    if not await repository.effacer(session, lieu_id, fermeture_id):
        raise FermetureInconnue("Ce lieu n'a pas de fermeture de cet identifiant.")
    audit.consigner(session, _acte(principal, "fermeture.annuler", lieu_id, le, None))


def lue(fermeture: FermetureExceptionnelle) -> FermetureLue:
    """Show a closing."""
    return FermetureLue(
        id=fermeture.id, du=fermeture.du, au=fermeture.au, motif=fermeture.motif, cree_le=fermeture.cree_le
    )


async def _autoriser(session: ReadSession, lieu_id: UUID, principal: Principal) -> None:
    await _exiger_lieu(session, lieu_id)
    exiger_une_source(principal, await repository.sources_du_lieu(session, lieu_id))


async def _exiger_lieu(session: ReadSession, lieu_id: UUID) -> None:
    supprime = await repository.est_supprime(session, lieu_id)
    if supprime is None:
        raise LieuInconnu("Aucun lieu ne porte cet identifiant.")
    if supprime:
        raise LieuSupprime("Ce lieu n'est plus dans la liste de sa source.")


def _acte(principal: Principal, action: str, lieu_id: UUID, le: datetime, motif: str | None) -> audit.Acte:
    return audit.Acte(acteur=principal.sujet, action=action, objet=f"lieu:{lieu_id}", le=le, motif=motif)
