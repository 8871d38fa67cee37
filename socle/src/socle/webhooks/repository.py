"""All the SQL of notifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from socle.donnees.db import ReadSession, WriteSession
from socle.webhooks.tables import Livraison, Webhook

BAIL = timedelta(seconds=60)
"""How long one process holds an endpoint: well over the time that a receiver has to answer."""


async def inscrire(session: WriteSession, webhook: Webhook) -> None:
    """Write an endpoint."""
    session.add(webhook)
    await session.flush()


async def lire(session: ReadSession, id: UUID, proprietaire: str) -> Webhook | None:
    """Return an endpoint of this owner."""
    requete = select(Webhook).where(col(Webhook.id) == id, col(Webhook.proprietaire) == proprietaire)
    return (await session.execute(requete.execution_options(populate_existing=True))).scalar_one_or_none()


async def du_proprietaire(
    session: ReadSession, proprietaire: str, *, apres: UUID | None, limite: int
) -> Sequence[Webhook]:
    """Return the endpoints of an owner, in the order of their ids."""
    requete = select(Webhook).where(col(Webhook.proprietaire) == proprietaire)
    if apres is not None:
        requete = requete.where(col(Webhook.id) > apres)
    return (await session.scalars(requete.order_by(col(Webhook.id)).limit(limite))).all()


async def compter(session: ReadSession, proprietaire: str) -> int:
    """Count the endpoints of an owner."""
    requete = select(func.count()).select_from(Webhook).where(col(Webhook.proprietaire) == proprietaire)
    return await session.scalar(requete) or 0


async def modifier(session: WriteSession, id: UUID, **valeurs: Any) -> None:
    """Change an endpoint."""
    await session.execute(
        update(Webhook).where(col(Webhook.id) == id).values(**valeurs).execution_options(synchronize_session=False)
    )


async def effacer(session: WriteSession, id: UUID) -> None:
    """Take an endpoint away, with all that was meant for it."""
    sans = {"synchronize_session": False}
    await session.execute(delete(Livraison).where(col(Livraison.webhook_id) == id).execution_options(**sans))
    await session.execute(delete(Webhook).where(col(Webhook.id) == id).execution_options(**sans))


async def actifs(session: ReadSession) -> Sequence[Webhook]:
    """Return the endpoints that are open."""
    return (await session.scalars(select(Webhook).where(col(Webhook.etat) == "actif").order_by(col(Webhook.id)))).all()


async def ajouter(session: WriteSession, valeurs: Sequence[Mapping[str, Any]]) -> None:
    """Write notifications; one that is there already, for the same event and endpoint, is left as it is."""
    construire: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for ligne in valeurs:
        ordre = construire(Livraison.__table__).values(etat="a_livrer", essais=0, **ligne)  # type: ignore[attr-defined]
        await session.execute(ordre.on_conflict_do_nothing(index_elements=["webhook_id", "evenement"]))


async def fondre(session: WriteSession, webhook_id: UUID, type: str, *, evenement: int, corps: bytes) -> bool:
    """Put fresher news in the notification of this type that nobody was sent yet; tell whether there is one."""
    fondue = await session.execute(
        update(Livraison)
        .where(
            col(Livraison.webhook_id) == webhook_id, col(Livraison.type) == type, col(Livraison.etat) == "a_livrer",
            col(Livraison.essais) == 0,
        )
        .values(evenement=evenement, corps=corps)
        .returning(col(Livraison.rang))
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return fondue.first() is not None


async def deja_dit(session: ReadSession, webhook_id: UUID, type: str, evenement: int) -> tuple[bool, datetime | None]:
    """Tell whether news at least this fresh were written for an endpoint, and when the last ones are to be taken."""
    dernier = (
        await session.execute(
            select(func.max(col(Livraison.evenement)), func.max(col(Livraison.prendre_apres))).where(
                col(Livraison.webhook_id) == webhook_id, col(Livraison.type) == type
            )
        )
    ).one()
    return dernier[0] is not None and dernier[0] >= evenement, dernier[1]


async def purger(session: WriteSession, *, avant: datetime) -> None:
    """Forget the notifications that were settled long ago."""
    await session.execute(
        delete(Livraison)
        .where(col(Livraison.cree_le) < avant, col(Livraison.etat) != "a_livrer")
        .execution_options(synchronize_session=False)
    )


async def prets(session: ReadSession, le: datetime) -> Sequence[UUID]:
    """Return the endpoints whose first notification can be tried now, and that no process holds."""
    premieres = (
        select(col(Livraison.webhook_id), func.min(col(Livraison.rang)).label("rang"))
        .where(col(Livraison.etat) == "a_livrer")
        .group_by(col(Livraison.webhook_id))
        .subquery()
    )
    lignes = await session.scalars(
        select(col(Webhook.id))
        .join(premieres, premieres.c.webhook_id == col(Webhook.id))
        .join(Livraison, col(Livraison.rang) == premieres.c.rang)
        .where(
            col(Webhook.etat) == "actif", col(Livraison.prendre_apres) <= le,
            or_(col(Webhook.bail_jusqu_a).is_(None), col(Webhook.bail_jusqu_a) < le),
        )
        .order_by(col(Livraison.prendre_apres))
    )  # fmt: skip
    return lignes.all()


async def prendre(session: WriteSession, id: UUID, le: datetime) -> tuple[Any, Any] | None:
    """Hold an endpoint and its first notification, one try more; `None` when there is nothing to try now."""
    webhook = (
        await session.execute(
            update(Webhook)
            .where(
                col(Webhook.id) == id, col(Webhook.etat) == "actif",
                or_(col(Webhook.bail_jusqu_a).is_(None), col(Webhook.bail_jusqu_a) < le),
            )
            .values(bail_jusqu_a=le + BAIL)
            .returning(
                col(Webhook.id), col(Webhook.url), col(Webhook.generation), col(Webhook.tourne_le),
                col(Webhook.signature),
            )
            .execution_options(synchronize_session=False)
        )
    ).first()  # fmt: skip
    if webhook is None:
        return None
    premiere = (
        await session.execute(
            select(col(Livraison.rang), col(Livraison.prendre_apres))
            .where(col(Livraison.webhook_id) == id, col(Livraison.etat) == "a_livrer")
            .order_by(col(Livraison.rang))
            .limit(1)
        )
    ).first()
    if premiere is None or premiere.prendre_apres > le:
        await modifier(session, id, bail_jusqu_a=None)
        return None
    livraison = (
        await session.execute(
            update(Livraison)
            .where(col(Livraison.rang) == premiere.rang)
            .values(essais=col(Livraison.essais) + 1, essai_le=le)
            .returning(col(Livraison.rang), col(Livraison.id), col(Livraison.corps), col(Livraison.essais))
            .execution_options(synchronize_session=False)
        )
    ).one()
    return webhook, livraison


async def noter(session: WriteSession, rang: int, **valeurs: Any) -> None:
    """Note what became of a notification."""
    await session.execute(
        update(Livraison)
        .where(col(Livraison.rang) == rang)
        .values(**valeurs)
        .execution_options(synchronize_session=False)
    )


async def liberer(session: WriteSession) -> None:
    """Free every endpoint: this process has just become the only owner of the database."""
    await session.execute(update(Webhook).values(bail_jusqu_a=None).execution_options(synchronize_session=False))


async def livraisons(
    session: ReadSession, webhook_id: UUID, *, avant: int | None, limite: int
) -> Sequence[Livraison]:  # fmt: skip
    """Return the notifications of an endpoint, latest first."""
    requete = select(Livraison).where(col(Livraison.webhook_id) == webhook_id)
    if avant is not None:
        requete = requete.where(col(Livraison.rang) < avant)
    return (await session.scalars(requete.order_by(col(Livraison.rang).desc()).limit(limite))).all()


async def livraison(session: ReadSession, webhook_id: UUID, id: UUID) -> Livraison | None:
    """Return one notification of an endpoint."""
    requete = select(Livraison).where(col(Livraison.webhook_id) == webhook_id, col(Livraison.id) == id)
    return (await session.execute(requete.execution_options(populate_existing=True))).scalar_one_or_none()
