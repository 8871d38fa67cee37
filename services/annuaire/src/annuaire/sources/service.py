"""Use cases of the sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from socle.acces.principal import Principal
from socle.donnees import audit
from socle.donnees.db import ReadSession, WriteSession

from annuaire.sources import repository
from annuaire.sources.errors import SourceExistante, SourceInconnue
from annuaire.sources.schemas import Fraicheur, SourceACreer, SourceLue
from annuaire.sources.tables import Source


async def creer(session: WriteSession, *, demande: SourceACreer, principal: Principal, le: datetime) -> SourceLue:
    """Create a source. Raises `SourceExistante` (409)."""
    source = await repository.inscrire(session, {**demande.model_dump(), "version": 1, "cree_le": le})
    if source is None:
        raise SourceExistante(f"La source « {demande.id} » existe déjà.")
    audit.consigner(
        session,
        audit.Acte(acteur=principal.sujet, action="source.creer", objet=f"source:{source.id}", le=le, version_apres=1),
    )
    return lue(source, le=le)


async def connaitre(session: ReadSession, *, id: str) -> Source:
    """Return a source whoever asks, for what is public of it. Raises `SourceInconnue` (404)."""
    source = await repository.lire(session, id)
    if source is None:
        raise SourceInconnue(f"Aucune source « {id} ».")
    return source


async def trouver(session: ReadSession, *, id: str, principal: Principal, le: datetime) -> SourceLue:
    """Return a source that this caller may see; to a key bound elsewhere it does not exist. Raises `SourceInconnue`."""
    source = await repository.lire(session, id) if principal.peut(id) else None
    if source is None:
        raise SourceInconnue(f"Aucune source « {id} ».")
    return lue(source, le=le)


async def lister(
    session: ReadSession, *, principal: Principal, apres: str | None, limite: int, le: datetime
) -> Sequence[SourceLue]:
    """Return the sources that this caller may see, in the order of their ids."""
    return [
        lue(source, le=le)
        for source in await repository.page(session, apres=apres, limite=limite, parmi=principal.sources)
    ]


def lue(source: Source, *, le: datetime) -> SourceLue:
    """Show a source as it is at an instant."""
    age = int((le - source.fraiche_le).total_seconds() // 3600) if source.fraiche_le else None
    return SourceLue(
        id=source.id,
        nom=source.nom,
        licence=source.licence,
        rang=source.rang,
        cle_derivee=source.cle_derivee,
        base_contacts=source.base_contacts,
        version=source.version,
        derniere_synchronisation=source.dernier_run,
        fraicheur=Fraicheur(
            verifiee_le=source.fraiche_le, age_heures=None if age is None else max(age, 0), degradee=source.degradee
        ),
        cree_le=source.cree_le,
    )
