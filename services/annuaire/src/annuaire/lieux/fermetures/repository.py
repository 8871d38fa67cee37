"""All the SQL of exceptional closings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from socle.donnees.db import ReadSession, WriteSession
from socle.donnees.tables import Compteur
from sqlalchemy import delete, func, select, update
from sqlmodel import col

from annuaire.lieux.fermetures.tables import FermetureExceptionnelle
from annuaire.lieux.horaires.ouverture import Fermeture
from annuaire.lieux.tables import Fiche, Lieu

COMPTEUR = "fermetures"
RANG_FERMETURES = 50
"""Between the audit chain and change numbers: counters are always taken in one order."""


async def numero(session: ReadSession) -> int:
    """Return the number of the latest change of any closing."""
    return int((await session.execute(select(col(Compteur.n)).where(col(Compteur.nom) == COMPTEUR))).scalar_one())


async def inscrire(session: WriteSession, fermeture: FermetureExceptionnelle) -> None:
    """Write a closing."""
    session.add(fermeture)
    await session.flush()
    session.dernier_geste(RANG_FERMETURES, _numeroter)


async def effacer(session: WriteSession, lieu_id: UUID, id: UUID) -> bool:
    """Take a closing away; tell whether there was one."""
    efface = await session.execute(
        delete(FermetureExceptionnelle)
        .where(col(FermetureExceptionnelle.id) == id, col(FermetureExceptionnelle.lieu_id) == lieu_id)
        .returning(col(FermetureExceptionnelle.id))
        .execution_options(synchronize_session=False)
    )
    if efface.first() is None:
        return False
    session.dernier_geste(RANG_FERMETURES, _numeroter)
    return True


def signaler(session: WriteSession) -> None:
    """Say that closings bear on other places now, for whoever keeps them in memory."""
    session.dernier_geste(RANG_FERMETURES, _numeroter)


async def _numeroter(session: WriteSession) -> None:
    await session.execute(
        update(Compteur)
        .where(col(Compteur.nom) == COMPTEUR)
        .values(n=col(Compteur.n) + 1)
        .execution_options(synchronize_session=False)
    )


async def compter(session: ReadSession, lieu_id: UUID, *, depuis: date) -> int:
    """Count the closings of a place that end on a day or after."""
    return (
        await session.scalar(
            select(func.count())
            .select_from(FermetureExceptionnelle)
            .where(col(FermetureExceptionnelle.lieu_id) == lieu_id, col(FermetureExceptionnelle.au) >= depuis)
        )
        or 0
    )


async def du_lieu(session: ReadSession, lieu_id: UUID, *, depuis: date) -> Sequence[FermetureExceptionnelle]:
    """Return the closings of a place that end on a day or after, in order."""
    return (
        await session.scalars(
            select(FermetureExceptionnelle)
            .where(
                (col(FermetureExceptionnelle.lieu_id) == lieu_id)
                | col(FermetureExceptionnelle.lieu_id).in_(
                    select(col(Lieu.id)).where(col(Lieu.fusionne_dans) == lieu_id)
                ),
                col(FermetureExceptionnelle.au) >= depuis,
            )
            .order_by(col(FermetureExceptionnelle.du), col(FermetureExceptionnelle.au), col(FermetureExceptionnelle.id))
        )
    ).all()


async def toutes(session: ReadSession, *, depuis: date) -> dict[UUID, tuple[Fermeture, ...]]:
    """Return the closings that end on a day or after, by place, in order; those of a merged place go where it went."""
    lignes = await session.execute(
        select(
            func.coalesce(col(Lieu.fusionne_dans), col(FermetureExceptionnelle.lieu_id)).label("lieu_id"),
            col(FermetureExceptionnelle.du),
            col(FermetureExceptionnelle.au),
        )
        .outerjoin(Lieu, col(Lieu.id) == col(FermetureExceptionnelle.lieu_id))
        .where(col(FermetureExceptionnelle.au) >= depuis)
        .order_by(
            col(FermetureExceptionnelle.lieu_id), col(FermetureExceptionnelle.du), col(FermetureExceptionnelle.au)
        )
    )
    trouvees: dict[UUID, list[Fermeture]] = {}
    for ligne in lignes:
        trouvees.setdefault(ligne.lieu_id, []).append(Fermeture(ligne.du, ligne.au))
    return {lieu_id: tuple(fermetures) for lieu_id, fermetures in trouvees.items()}


async def sources_du_lieu(session: ReadSession, lieu_id: UUID) -> frozenset[str]:
    """Return the sources that hold a record in force of this place."""
    sources = await session.scalars(
        select(col(Fiche.source_id)).where(col(Fiche.lieu_id) == lieu_id, ~col(Fiche.retiree)).distinct()
    )
    return frozenset(sources)


async def est_supprime(session: ReadSession, lieu_id: UUID) -> bool | None:
    """Tell whether a place is withdrawn; `None` when there never was one."""
    return (await session.execute(select(col(Lieu.supprime)).where(col(Lieu.id) == lieu_id))).scalar_one_or_none()
