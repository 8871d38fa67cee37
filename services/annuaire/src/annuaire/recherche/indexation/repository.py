"""All the SQL of indexing: what changed, what is published, what is refused, how far each engine is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from socle.donnees.db import ReadSession, WriteSession
from socle.donnees.tables import Publication
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import col

from annuaire.lieux.repository import KIND as LIEU
from annuaire.lieux.tables import Lieu
from annuaire.recherche.indexation.tables import Quarantaine, SuiviDeMoteur
from annuaire.structures.repository import KIND as STRUCTURE
from annuaire.structures.tables import Structure

SAISIE = "saisie"
TRANCHE = 500


@dataclass(frozen=True, slots=True)
class Change:
    """A place or a structure at its latest number; `document` lacks its last member and is `None` once withdrawn."""

    kind: str
    id: UUID
    numero: int
    document: bytes | None
    modifie_le: datetime


@dataclass(frozen=True, slots=True)
class Nom:
    """A structure as its places name it: `None` once it is withdrawn. `numero` is that of its latest change."""

    nom: str | None
    numero: int
    origine: str


_COLONNES: tuple[Any, ...] = (
    col(Publication.kind), col(Publication.id), col(Publication.numero), col(Publication.document),
    col(Publication.modifie_le),
)  # fmt: skip


async def changements(session: ReadSession, *, apres: int, jusqu_a: int, limite: int) -> list[Change]:
    """Return the next changes of places and structures after a number, in order, none after `jusqu_a`.

    `jusqu_a` was read before: what is committed meanwhile in one kind would else hide the other's.
    """
    lus: list[Change] = []
    for kind in (LIEU, STRUCTURE):
        lignes = await session.execute(
            select(*_COLONNES)
            .where(col(Publication.kind) == kind, col(Publication.numero) > apres, col(Publication.numero) <= jusqu_a)
            .order_by(col(Publication.numero))
            .limit(limite)
        )
        lus += [Change(*ligne) for ligne in lignes]
    return sorted(lus, key=lambda change: change.numero)[:limite]


async def plus_ancien(session: ReadSession, *, apres: int) -> datetime | None:
    """Return when the first change after a number was made."""
    instants: list[tuple[int, datetime]] = []
    for kind in (LIEU, STRUCTURE):
        ligne = (
            await session.execute(
                select(col(Publication.numero), col(Publication.modifie_le))
                .where(col(Publication.kind) == kind, col(Publication.numero) > apres)
                .order_by(col(Publication.numero))
                .limit(1)
            )
        ).first()
        if ligne is not None:
            instants.append((ligne.numero, ligne.modifie_le))
    return min(instants)[1] if instants else None


async def noms(session: ReadSession, ids: Collection[UUID]) -> dict[UUID, Nom]:
    """Return the names of structures, withdrawn ones included."""
    trouves: dict[UUID, Nom] = {}
    for tranche in _tranches(ids):
        lignes = await session.execute(
            select(
                col(Structure.id), col(Structure.nom), col(Structure.origine), col(Publication.numero),
                col(Publication.supprime),
            )
            .join(Publication, (col(Publication.kind) == STRUCTURE) & (col(Publication.id) == col(Structure.id)))
            .where(col(Structure.id).in_(tranche))
        )  # fmt: skip
        trouves |= {li.id: Nom(None if li.supprime else li.nom, li.numero, li.origine) for li in lignes}
    return trouves


async def lieux_des_structures(
    session: ReadSession, ids: Collection[UUID], *, apres: UUID | None, limite: int
) -> list[tuple[UUID, UUID]]:
    """Return the places in force of some structures, `(place, structure)`, in the order of the ids of places."""
    conditions = [col(Lieu.structure_id).in_(ids), ~col(Lieu.supprime)]
    if apres is not None:
        conditions.append(col(Lieu.id) > apres)
    lignes = await session.execute(
        select(col(Lieu.id), col(Lieu.structure_id)).where(*conditions).order_by(col(Lieu.id)).limit(limite)
    )
    return [(ligne.id, ligne.structure_id) for ligne in lignes]


async def publies(session: ReadSession, ids: Collection[UUID]) -> list[Change]:
    """Return places and structures as they are now, withdrawn ones included."""
    lus: list[Change] = []
    for tranche in _tranches(ids):
        lignes = await session.execute(
            select(*_COLONNES).where(
                col(Publication.kind).in_((LIEU, STRUCTURE)), col(Publication.id).in_(tranche),
                col(Publication.numero).is_not(None),
            )
        )  # fmt: skip
        lus += [Change(*ligne) for ligne in lignes]
    return lus


async def lieux_apres(session: ReadSession, apres: UUID | None, *, limite: int) -> list[Change]:
    """Return the places in force after an id, in order."""
    conditions = [col(Publication.kind) == LIEU, ~col(Publication.supprime), col(Publication.numero).is_not(None)]
    if apres is not None:
        conditions.append(col(Publication.id) > apres)
    lignes = await session.execute(select(*_COLONNES).where(*conditions).order_by(col(Publication.id)).limit(limite))
    return [Change(*ligne) for ligne in lignes]


async def structures_apres(session: ReadSession, apres: UUID | None, *, limite: int) -> list[Change]:
    """Return the structures in force that people registered, after an id, in order."""
    conditions = [col(Structure.origine) == SAISIE, ~col(Publication.supprime)]
    if apres is not None:
        conditions.append(col(Structure.id) > apres)
    lignes = await session.execute(
        select(*_COLONNES)
        .select_from(Structure)
        .join(Publication, (col(Publication.kind) == STRUCTURE) & (col(Publication.id) == col(Structure.id)))
        .where(*conditions)
        .order_by(col(Structure.id))
        .limit(limite)
    )
    return [Change(*ligne) for ligne in lignes]


async def compter(session: ReadSession) -> int:
    """Count what an index must hold."""
    lieux = select(func.count()).where(col(Publication.kind) == LIEU, ~col(Publication.supprime))
    saisies = (
        select(func.count())
        .select_from(Structure)
        .join(Publication, (col(Publication.kind) == STRUCTURE) & (col(Publication.id) == col(Structure.id)))
        .where(col(Structure.origine) == SAISIE, ~col(Publication.supprime))
    )
    return int(await session.scalar(lieux) or 0) + int(await session.scalar(saisies) or 0)


async def versions_des_lieux(session: ReadSession, apres: UUID | None, *, limite: int) -> list[tuple[UUID, int]]:
    """Return the places in force after an id with the version that an index must hold, in the order of ids.

    The version of a place is the later of its own number and of that of its structure, whose name it bears.
    """
    structure: Any = aliased(Publication)
    conditions = [col(Publication.kind) == LIEU, ~col(Publication.supprime), col(Publication.numero).is_not(None)]
    if apres is not None:
        conditions.append(col(Publication.id) > apres)
    lignes = await session.execute(
        select(col(Publication.id), col(Publication.numero), structure.numero)
        .join(Lieu, col(Lieu.id) == col(Publication.id))
        .outerjoin(structure, (structure.kind == STRUCTURE) & (structure.id == col(Lieu.structure_id)))
        .where(*conditions)
        .order_by(col(Publication.id))
        .limit(limite)
    )
    return [(id, max(numero, sienne or 0)) for id, numero, sienne in lignes]


async def refuses(session: ReadSession, moteur: str) -> Sequence[Quarantaine]:
    """Return the records that an engine refuses."""
    lignes = await session.scalars(
        select(Quarantaine).where(col(Quarantaine.moteur) == moteur).order_by(col(Quarantaine.le), col(Quarantaine.id))
    )
    return lignes.all()


async def refuser(session: WriteSession, moteur: str, refus: Mapping[UUID, tuple[int, str]], *, le: datetime) -> None:
    """Put records in quarantine with the version refused and the words of the engine."""
    construire: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for id, (v, erreur) in refus.items():
        valeurs = {"v": v, "erreur": erreur[:500], "le": le}
        ordre = construire(Quarantaine.__table__).values(moteur=moteur, id=id, essais=1, **valeurs)  # type: ignore[attr-defined]
        await session.execute(
            ordre.on_conflict_do_update(
                index_elements=["moteur", "id"], set_={**valeurs, "essais": Quarantaine.essais + 1}
            )
        )


async def admettre(session: WriteSession, moteur: str, ids: Collection[UUID]) -> None:
    """Take records out of quarantine."""
    for tranche in _tranches(ids):
        await session.execute(
            delete(Quarantaine).where(col(Quarantaine.moteur) == moteur, col(Quarantaine.id).in_(tranche))
        )


async def suivi(session: ReadSession, moteur: str) -> SuiviDeMoteur | None:
    """Return what is known of an engine."""
    resultat = await session.scalars(
        select(SuiviDeMoteur).where(col(SuiviDeMoteur.moteur) == moteur).execution_options(populate_existing=True)
    )
    return resultat.first()


async def noter(session: WriteSession, moteur: str, **valeurs: Any) -> None:
    """Write something of an engine."""
    construire: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    ordre = construire(SuiviDeMoteur.__table__).values(moteur=moteur, **valeurs)  # type: ignore[attr-defined]
    await session.execute(ordre.on_conflict_do_update(index_elements=["moteur"], set_=valeurs))


async def prendre(session: WriteSession, moteur: str, qui: str, *, le: datetime, jusqu_a: datetime) -> bool:
    """Take, or keep, the lease on an engine; return whether it is ours."""
    construire: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    await session.execute(
        construire(SuiviDeMoteur.__table__).values(moteur=moteur).on_conflict_do_nothing(index_elements=["moteur"])  # type: ignore[attr-defined]
    )
    prise = await session.execute(
        update(SuiviDeMoteur)
        .where(
            col(SuiviDeMoteur.moteur) == moteur,
            or_(
                col(SuiviDeMoteur.proprietaire).is_(None),
                col(SuiviDeMoteur.proprietaire) == qui,
                col(SuiviDeMoteur.bail_jusqu_a) < le,
            ),
        )
        .values(proprietaire=qui, bail_jusqu_a=jusqu_a)
        .returning(col(SuiviDeMoteur.moteur))
    )
    return prise.first() is not None


async def noter_sien(session: WriteSession, moteur: str, qui: str, **valeurs: Any) -> bool:
    """Write something of an engine that this process feeds; return whether it still does."""
    faite = await session.execute(
        update(SuiviDeMoteur)
        .where(col(SuiviDeMoteur.moteur) == moteur, col(SuiviDeMoteur.proprietaire) == qui)
        .values(**valeurs)
        .returning(col(SuiviDeMoteur.moteur))
    )
    return faite.first() is not None


def _tranches(ids: Collection[UUID]) -> Iterator[list[UUID]]:
    liste = list(ids)
    for debut in range(0, len(liste), TRANCHE):
        yield liste[debut : debut + TRANCHE]
