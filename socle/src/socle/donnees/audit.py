"""The audit chain: who did what to which object, each row sealed with the one before it.

`h = SHA-256(precedent ‖ JCS(row))`. The head is a counter row, taken at the edge of the transaction, so a row is
written with the act it tells of, or not at all. No personal data: an actor is the id of a key or a pseudonym.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import col

from socle.donnees.db import ReadSession, WriteSession
from socle.donnees.feed import RANG_AUDIT
from socle.donnees.tables import Compteur, LigneAudit
from socle.identifiants import jcs


@dataclass(frozen=True, slots=True, kw_only=True)
class Acte:
    """One act to record. `objet` is `type:id`; `motif` is the reason given by a person, where one is required."""

    acteur: str
    action: str
    objet: str
    le: datetime
    version_avant: int | None = None
    version_apres: int | None = None
    motif: str | None = None
    trace: str | None = None


def consigner(session: WriteSession, acte: Acte) -> None:
    """Record an act in the current transaction; it takes its place in the chain at the commit."""
    session.info.setdefault("actes", []).append(acte)
    session.dernier_geste(RANG_AUDIT, _enchainer)


async def _enchainer(session: WriteSession) -> None:
    actes: list[Acte] = session.info.pop("actes")
    tete = (
        await session.execute(
            update(Compteur)
            .where(col(Compteur.nom) == "audit")
            .values(n=col(Compteur.n) + len(actes))
            .returning(col(Compteur.n), col(Compteur.tete))
        )
    ).one()
    seq, precedent = tete.n - len(actes), tete.tete
    lignes = []
    for acte in actes:
        seq += 1
        ligne = {
            "seq": seq, "le": acte.le, "acteur": acte.acteur, "action": acte.action, "objet": acte.objet,
            "version_avant": acte.version_avant, "version_apres": acte.version_apres, "motif": acte.motif,
            "trace": acte.trace,
        }  # fmt: skip
        h = sceau(precedent, ligne)
        lignes.append({**ligne, "precedent": precedent, "h": h})
        precedent = h
    await session.execute(insert(LigneAudit), lignes)
    await session.execute(update(Compteur).where(col(Compteur.nom) == "audit").values(tete=precedent))


def sceau(precedent: str, ligne: dict[str, Any]) -> str:
    """Seal a row: hexadecimal SHA-256 of the previous seal and the row's canonical JSON."""
    canonique = {**ligne, "le": ligne["le"].astimezone(UTC).isoformat(timespec="microseconds")}
    return hashlib.sha256(precedent.encode() + jcs(canonique)).hexdigest()


async def verifier(session: ReadSession) -> int | None:
    """Walk the whole chain and return the first bad `seq`, or `None` when every seal holds.

    A row cut off at the end shows too: the head is kept apart, in the counter. Asks for a snapshot session
    (`Database.read(instantane=True)`), since the chain may grow meanwhile.
    """
    precedent, attendu = "", 1
    lignes = await session.stream_scalars(select(LigneAudit).order_by(col(LigneAudit.seq)))
    async for ligne in lignes:
        contenu = ligne.model_dump(exclude={"precedent", "h"})
        if ligne.seq != attendu or ligne.precedent != precedent or ligne.h != sceau(precedent, contenu):
            return attendu
        precedent, attendu = ligne.h, attendu + 1
    tete = (
        await session.execute(select(col(Compteur.n), col(Compteur.tete)).where(col(Compteur.nom) == "audit"))
    ).one()
    return None if (tete.n, tete.tete) == (attendu - 1, precedent) else attendu
