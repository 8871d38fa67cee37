"""Change numbers and publications: what is visible, in the order in which it became visible.

A number is `epoque · 2⁴⁰ + n`, below 2⁵³ so that JavaScript reads it exactly. `n` comes from one counter row taken
last in the transaction: its lock is held to the commit, so the order of numbers is the order of visibility and no
reader can pass a late commit. Sequences and clocks lose rows here: they are given before the commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, case, func, insert, literal, select, update
from sqlmodel import col

from socle.donnees.db import ReadSession, WriteSession
from socle.donnees.documents import Document
from socle.donnees.lots import Insertion
from socle.donnees.tables import Compteur, Epoque, Publication
from socle.errors import Erreur
from socle.identifiants import uuid7

EPOQUE = 2**40
NUMERO_MAX = 2**53 - 1
"""Above every number: JavaScript's largest exact integer."""
RANG_AUDIT, RANG_NUMEROS = 10, 90


class CurseurPerdu(Erreur):
    """The cursor lies beyond what a restored database knows; the consumer must start again."""

    code, statut, titre = "curseur-perdu", 410, "Ce curseur n'existe plus"


@dataclass(frozen=True, slots=True)
class Publiee:
    """A row of the feed or a document read back; `octets` carries its number as the member `modifie`."""

    id: UUID
    numero: int
    version: int
    octets: bytes | None
    modifie_le: datetime
    redirection: UUID | None = None

    @property
    def supprime(self) -> bool:
        return self.octets is None


class Etat(NamedTuple):
    """What is visible of an id; `document` is the stored one, read on demand only."""

    version: int
    empreinte: str
    supprime: bool
    document: bytes | None = None


def octets(document: bytes | None, numero: int) -> bytes | None:
    """Close a stored document with its number: the only member known at the commit and not before."""
    return None if document is None else b'%s,"modifie":%d}' % (document[:-1], numero)


async def publier(
    session: WriteSession,
    kind: str,
    documents: Mapping[UUID, Document | None],
    *,
    le: datetime,
    redirections: Mapping[UUID, UUID] | None = None,
    visibles: Mapping[UUID, Etat] | None = None,
) -> list[UUID]:
    """Make documents visible, withdraw those given as `None`, and return the ids that really changed.

    A document equal to the visible one is left alone. Rows are written now, their numbers at the edge of the
    transaction; an id published twice in one transaction keeps its last document, one number, one version.
    `redirections` names the survivor of a withdrawn id. `visibles` are the states of these ids when the caller has just
    read them, with `verrou`.
    """
    if visibles is None:
        visibles = await etats(session, kind, documents, verrou=True)
    lot: str = session.info.setdefault("lot_publications", uuid7().hex)
    rang: int = session.info.setdefault("rang_publications", 0)
    deja: set[tuple[str, UUID]] = session.info.setdefault("publies", set())
    lignes: list[tuple[Any, ...]] = []
    changes: list[UUID] = []
    for id, document in documents.items():
        visible = visibles.get(id)
        if visible is None and document is None:
            continue
        if (
            visible is not None
            and visible.supprime == (document is None)
            and (document is None or document.empreinte == visible.empreinte)
        ):
            continue
        rang += 1
        version = (visible.version if visible else 0) + (0 if (kind, id) in deja else 1)
        deja.add((kind, id))
        lignes.append(
            (
                kind, id, None, version, document is None, document.versionne(version, le) if document else None,
                document.empreinte if document else "", le, (redirections or {}).get(id), lot, rang,
            )
        )  # fmt: skip
        changes.append(id)
    if lignes:
        await _PUBLIER.executer(session, lignes)
        session.info["rang_publications"] = rang
        session.dernier_geste(RANG_NUMEROS, _numeroter)
    return changes


async def rediriger(session: WriteSession, kind: str, redirections: Mapping[UUID, UUID]) -> None:
    """Name the survivor of ids already withdrawn. A withdrawal stays what it was: no change, no number."""
    for id, cible in redirections.items():
        await session.execute(
            update(Publication)
            .where(col(Publication.kind) == kind, col(Publication.id) == id, col(Publication.supprime))
            .values(redirection=cible)
            .execution_options(synchronize_session=False)
        )


async def _numeroter(session: WriteSession) -> None:
    """Take a range of the counter and stamp the rows of this transaction: its very last statements."""
    lot, combien = session.info.pop("lot_publications"), session.info.pop("rang_publications")
    compteur = (
        await session.execute(
            update(Compteur)
            .where(col(Compteur.nom) == "changements")
            .values(n=col(Compteur.n) + combien)
            .returning(col(Compteur.epoque), col(Compteur.n))
        )
    ).one()
    base = compteur.epoque * EPOQUE + compteur.n - combien
    await session.execute(
        update(Publication)
        .where(col(Publication.lot) == lot)
        .values(numero=literal(base, BigInteger) + col(Publication.rang), lot=None)
        .execution_options(synchronize_session=False)
    )
    session.info["dernier_numero"] = base + combien


async def dernier_numero(session: ReadSession) -> int:
    """Return the latest change number that this session sees."""
    ligne = (
        await session.execute(select(col(Compteur.epoque), col(Compteur.n)).where(col(Compteur.nom) == "changements"))
    ).one()
    return int(ligne.epoque * EPOQUE + ligne.n)


async def lire_page(session: ReadSession, kind: str, *, apres: int, limite: int) -> list[Publiee]:
    """Return the next changes after a number, in order; each id once, at its latest number."""
    lignes = await session.execute(
        select(*_COLONNES)
        .where(col(Publication.kind) == kind, col(Publication.numero) > apres)
        .order_by(col(Publication.numero))
        .limit(limite)
    )
    return [_publiee(ligne) for ligne in lignes]


async def lire(session: ReadSession, kind: str, ids: Iterable[UUID]) -> dict[UUID, Publiee]:
    """Return the publications of these ids, tombstones included."""
    cherches = list(ids)
    trouvees: dict[UUID, Publiee] = {}
    for debut in range(0, len(cherches), 500):
        lignes = await session.execute(
            select(*_COLONNES).where(
                col(Publication.kind) == kind, col(Publication.id).in_(cherches[debut : debut + 500])
            )
        )
        trouvees |= {ligne.id: _publiee(ligne) for ligne in lignes}
    return trouvees


async def etats(
    session: ReadSession, kind: str, ids: Iterable[UUID], *, verrou: bool = False, documents: bool = False
) -> dict[UUID, Etat]:
    """Return what is visible of these ids, with their documents if asked.

    `verrou` keeps other writers away from them until the commit: two writers that read the same version would
    give it to two different documents. Rows are locked in the order of ids, so that writers never wait in a ring.
    """
    cherches = sorted(ids)
    requete = _ETATS_ET_DOCUMENTS if documents else _ETATS
    if verrou:
        requete = requete.order_by(col(Publication.id)).with_for_update()
    trouves: dict[UUID, Etat] = {}
    for debut in range(0, len(cherches), 500):
        lignes = await session.execute(requete, {"le_kind": kind, "les_ids": cherches[debut : debut + 500]})
        trouves |= {id: Etat(*etat) for id, *etat in lignes}
    return trouves


async def verifier_curseur(session: ReadSession, curseur: int, *, reprise: str) -> None:
    """Refuse a cursor that a restore made meaningless.

    Raises `CurseurPerdu` (410), with `reprise`, the address to start again from, when the cursor lies beyond the
    restored number of a later epoch, or in the future. `NUMERO_MAX` was given to no one: it asks for the last page,
    as validators of feeds do.
    """
    if curseur == NUMERO_MAX:
        return
    epoque, n = divmod(curseur, EPOQUE)
    courant = await dernier_numero(session)
    perdue = await session.scalar(
        select(func.count()).select_from(Epoque).where(col(Epoque.epoque) > epoque, col(Epoque.n_restaure) < n)
    )
    if perdue or curseur > courant:
        raise CurseurPerdu(
            "Une restauration a effacé des changements que vous avez déjà lus : "
            "reprenez depuis le début et retirez ce qui ne vous est pas renvoyé.",
            reprise=reprise,
        )


async def ouvrir_epoque(session: WriteSession, *, le: datetime, au_moins: int = 0) -> int:
    """Start a new epoch after a restore and return it; older cursors beyond this point answer 410.

    `au_moins` is the highest epoch already shown to the world, when a still older backup is restored.
    """
    compteur = (
        await session.execute(
            update(Compteur)
            .where(col(Compteur.nom) == "changements")
            .values(epoque=case((col(Compteur.epoque) < au_moins, au_moins), else_=col(Compteur.epoque)) + 1)
            .returning(col(Compteur.epoque), col(Compteur.n))
        )
    ).one()
    await session.execute(insert(Epoque).values(epoque=compteur.epoque, n_restaure=compteur.n, le=le))
    return int(compteur.epoque)


_PUBLIER = Insertion(
    Publication.__table__,  # type: ignore[attr-defined]
    (
        "kind",
        "id",
        "numero",
        "version",
        "supprime",
        "document",
        "empreinte",
        "modifie_le",
        "redirection",
        "lot",
        "rang",
    ),
    cle=("kind", "id"),
)
_ETATS = select(
    col(Publication.id), col(Publication.version), col(Publication.empreinte), col(Publication.supprime)
).where(
    col(Publication.kind) == bindparam("le_kind"), col(Publication.id).in_(bindparam("les_ids", expanding=True))
)  # fmt: skip
_ETATS_ET_DOCUMENTS = _ETATS.add_columns(col(Publication.document))
_COLONNES = (
    col(Publication.id), col(Publication.numero), col(Publication.version), col(Publication.document),
    col(Publication.modifie_le), col(Publication.redirection),
)  # fmt: skip


def _publiee(ligne: Any) -> Publiee:
    return Publiee(
        ligne.id,
        ligne.numero,
        ligne.version,
        octets(ligne.document, ligne.numero),
        ligne.modifie_le,
        ligne.redirection,
    )
