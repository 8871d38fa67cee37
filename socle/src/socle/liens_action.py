"""Action links: a secret sent to one person, who may do one thing, once, to one version of one object.

Only the digest of the secret is kept. Reading a link never uses it: mail scanners open every link that they see.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlmodel import col

from socle.donnees.db import ReadSession, WriteSession
from socle.donnees.tables import LienAction
from socle.errors import Conflit, Introuvable, Supprime

OCTETS = 32
DUREE = timedelta(days=30)


class LienInconnu(Introuvable):
    code, titre = "lien-inconnu", "Ce lien ne mène à rien"


class LienPerime(Supprime):
    code, titre = "lien-perime", "Ce lien a expiré ou a déjà servi"


class ObjetChange(Conflit):
    code, titre = "objet-change", "Ce dont parle ce lien a changé depuis son envoi"


@dataclass(frozen=True, slots=True)
class Lien:
    """What a link allows: `action` on `objet` as it was at `version`, to `destinataire` alone."""

    action: str
    objet: str
    version: int
    destinataire: str


async def creer(session: WriteSession, lien: Lien, *, le: datetime, duree: timedelta = DUREE) -> str:
    """Write a link and return its secret, which is known nowhere else."""
    secret = secrets.token_urlsafe(OCTETS)
    await session.execute(
        insert(LienAction).values(
            condense=condense(secret), action=lien.action, objet=lien.objet, version=lien.version,
            destinataire=lien.destinataire, cree_le=le, expire_le=le + duree,
        )
    )  # fmt: skip
    return secret


async def lire(session: ReadSession, secret: str, *, action: str, le: datetime) -> Lien:
    """Return what a link allows, without using it. Raises `LienInconnu` (404), `LienPerime` (410)."""
    ligne = (
        await session.execute(
            select(LienAction)
            .where(col(LienAction.condense) == condense(secret), col(LienAction.action) == action)
            .execution_options(populate_existing=True)
        )
    ).scalar_one_or_none()
    if ligne is None:
        raise LienInconnu("Vérifiez que l'adresse est entière.")
    if ligne.utilise_le is not None or le >= ligne.expire_le:
        raise LienPerime("Demandez-en un autre.")
    return Lien(ligne.action, ligne.objet, ligne.version, ligne.destinataire)


async def utiliser(session: WriteSession, secret: str, *, action: str, version: int, le: datetime) -> Lien:
    """Use a link up, in the transaction of what it allows; `version` is that of its object now.

    Raises `LienInconnu` (404), `LienPerime` (410), `ObjetChange` (409), which leaves the link as it was.
    """
    lien = await lire(session, secret, action=action, le=le)
    if lien.version != version:
        raise ObjetChange("Relisez-le, puis demandez un autre lien.")
    # two uses at one instant: the database lets one through
    use = await session.execute(
        update(LienAction)
        .where(col(LienAction.condense) == condense(secret), col(LienAction.utilise_le).is_(None))
        .values(utilise_le=le)
        .returning(col(LienAction.condense))
        .execution_options(synchronize_session=False)
    )
    if use.first() is None:
        raise LienPerime("Demandez-en un autre.")
    return lien


async def compter(session: ReadSession, *, action: str, objet: str, depuis: datetime) -> int:
    """Count the links made for an object since an instant."""
    requete = select(func.count()).select_from(LienAction)
    conditions = (col(LienAction.action) == action, col(LienAction.objet) == objet, col(LienAction.cree_le) > depuis)
    return await session.scalar(requete.where(*conditions)) or 0


def condense(secret: str) -> str:
    """Return the SHA-256 (hexadecimal) of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
