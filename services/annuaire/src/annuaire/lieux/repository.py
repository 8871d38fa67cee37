"""All the SQL of places and of their records."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from socle.donnees.db import ReadSession, WriteSession
from socle.donnees.feed import Publiee, octets
from socle.donnees.lignes import en_ligne
from socle.donnees.lots import Insertion
from socle.donnees.tables import Publication
from sqlalchemy import bindparam, case, func, select, update
from sqlmodel import col

from annuaire.lieux.tables import Fiche, Lieu

KIND = "lieu"
LOT_PARCOURU, LOT_FICHES = 100, 500
"""Documents, and records without theirs, read at once by a walk: between two batches, others have their turn."""


@dataclass(frozen=True, slots=True)
class EtatFiche:
    """What a plan needs to know of a record: is it the same, is it withdrawn, which place does it bear on."""

    lieu_id: UUID
    empreinte: str
    retiree: bool
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LigneLieu:
    """One row of `lieux` to write."""

    id: UUID
    source_id: str
    structure_id: UUID | None
    pivot: str | None
    nom: str
    code_insee: str | None
    code_postal: str | None
    departement: str | None
    region: str | None
    epci: str | None
    qpv: str | None
    latitude: float | None
    longitude: float | None
    recoit_du_public: bool
    supprime: bool
    cree_le: datetime
    partage: bool = False
    fusionne_dans: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LigneFiche:
    """One row of `fiches` to write."""

    source_id: str
    cle: str
    lieu_id: UUID
    retiree: bool
    brut: bytes
    normalise: bytes
    empreinte: str
    origines: dict[str, str] | None
    ligne: int
    run_id: UUID
    lue_le: datetime


async def etats_des_fiches(session: ReadSession, source_id: str) -> dict[str, EtatFiche]:
    """Return every record of a source by key, withdrawn ones included."""
    colonnes = (col(Fiche.cle), col(Fiche.lieu_id), col(Fiche.empreinte), col(Fiche.retiree))
    return {
        ligne.cle: EtatFiche(ligne.lieu_id, ligne.empreinte, ligne.retiree)
        async for ligne in _fiches_de(session, source_id, *colonnes)
    }


async def _fiches_de(session: ReadSession, source_id: str, *colonnes: Any) -> AsyncIterator[Any]:
    """Walk through the records of a source by key, a few at a time: a long list keeps no reader waiting."""
    apres = ""
    while True:
        lignes = (
            await session.execute(
                select(*colonnes)
                .where(col(Fiche.source_id) == source_id, col(Fiche.cle) > apres)
                .order_by(col(Fiche.cle))
                .limit(LOT_FICHES)
            )
        ).all()
        for ligne in lignes:
            yield ligne
        if len(lignes) < LOT_FICHES:
            return
        apres = lignes[-1].cle


async def fiches(session: ReadSession, source_id: str, cles: Collection[str]) -> dict[str, Fiche]:
    """Return these records whole."""
    trouvees: dict[str, Fiche] = {}
    liste = list(cles)
    for debut in range(0, len(liste), 500):
        lignes = await session.scalars(
            select(Fiche).where(col(Fiche.source_id) == source_id, col(Fiche.cle).in_(liste[debut : debut + 500]))
        )
        trouvees |= {fiche.cle: fiche for fiche in lignes}
    return trouvees


async def lieux_en_vigueur(
    session: ReadSession, *, apres: UUID | None, limite: int, source_id: str | None = None
) -> Sequence[UUID]:
    """Return the ids of the places in force that come after one, in order, those of one source when named."""
    requete = select(col(Lieu.id)).where(~col(Lieu.supprime))
    if apres is not None:
        requete = requete.where(col(Lieu.id) > apres)
    if source_id is not None:
        requete = requete.where(*Filtres(source_id=(source_id,)).conditions())
    return (await session.scalars(requete.order_by(col(Lieu.id)).limit(limite))).all()


async def lignes_des_lieux(session: ReadSession, ids: Collection[UUID]) -> dict[UUID, LigneLieu]:
    """Return the rows of those of these places that have one."""
    liste = list(ids)
    lues: dict[UUID, LigneLieu] = {}
    for debut in range(0, len(liste), 500):
        lignes = await session.execute(_LIGNES_DES_LIEUX, {"les_ids": liste[debut : debut + 500]})
        lues |= {ligne[0]: LigneLieu(**dict(zip(_COLONNES_LIEU, ligne, strict=True))) for ligne in lignes}
    return lues


async def ecrire_lieux(session: WriteSession, lignes: Sequence[LigneLieu]) -> None:
    """Create or replace rows; the date of creation of a known place is kept."""
    await _ECRIRE_LIEUX.executer(session, list(map(_en_lieu, lignes)))


async def ecrire_fiches(session: WriteSession, lignes: Sequence[LigneFiche]) -> None:
    """Create or replace records; a record written again is in force and has no error any more."""
    await _ECRIRE_FICHES.executer(session, [(*_en_fiche(ligne), ligne.lieu_id, None) for ligne in lignes])


async def retirer_fiches(session: WriteSession, source_id: str, cles: Sequence[str]) -> None:
    """Mark records as absent from their source's list; they keep their place and what was read."""
    for debut in range(0, len(cles), 500):
        await session.execute(
            update(Fiche)
            .where(col(Fiche.source_id) == source_id, col(Fiche.cle).in_(cles[debut : debut + 500]))
            .values(retiree=True)
            .execution_options(synchronize_session=False)
        )


async def renommer_fiches(session: WriteSession, source_id: str, cles: Mapping[str, str]) -> None:
    """Give records new keys, `{former: new}`; no record bears the new ones."""
    if cles:
        await session.execute(
            update(Fiche.__table__)  # type: ignore[attr-defined]
            .where(col(Fiche.source_id) == source_id, col(Fiche.cle) == bindparam("l_ancienne"))
            .values(cle=bindparam("la_nouvelle")),
            [{"l_ancienne": ancienne, "la_nouvelle": nouvelle} for ancienne, nouvelle in cles.items()],
        )


async def noter_erreurs(session: WriteSession, source_id: str, erreurs: Mapping[str, dict[str, Any] | None]) -> None:
    """Note on known records why their latest row was rejected, `None` for a good one.

    The last good version stays in force.
    """
    if erreurs:
        await session.execute(
            update(Fiche.__table__)  # type: ignore[attr-defined]
            .where(col(Fiche.source_id) == source_id, col(Fiche.cle) == bindparam("la_cle"))
            .values(derniere_erreur=bindparam("l_erreur")),
            [{"la_cle": cle, "l_erreur": erreur} for cle, erreur in erreurs.items()],
        )


async def cles_en_erreur(session: ReadSession, source_id: str) -> list[str]:
    """Return the keys of the records in force whose latest row was rejected."""
    cles = await session.scalars(
        select(col(Fiche.cle)).where(
            col(Fiche.source_id) == source_id, ~col(Fiche.retiree), col(Fiche.derniere_erreur).is_not(None)
        )
    )
    return list(cles)


async def retirer_lieux(session: WriteSession, ids: Sequence[UUID]) -> None:
    """Mark places as withdrawn; their tombstone is a publication."""
    for debut in range(0, len(ids), 500):
        await session.execute(
            update(Lieu)
            .where(col(Lieu.id).in_(ids[debut : debut + 500]))
            .values(supprime=True)
            .execution_options(synchronize_session=False)
        )


@dataclass(frozen=True, slots=True)
class PlaceDeStructure:
    """What a structure born of its places is deduced from."""

    pivot: str
    nom: str
    code_insee: str | None
    departement: str | None
    region: str | None
    epci: str | None


async def places_par_pivot(session: ReadSession, pivots: Collection[str]) -> dict[str, list[PlaceDeStructure]]:
    """Return the places in force of each pivot."""
    places: dict[str, list[PlaceDeStructure]] = {}
    liste = list(pivots)
    for debut in range(0, len(liste), 500):
        lignes: Any = await session.execute(_PLACES_PAR_PIVOT, {"les_pivots": liste[debut : debut + 500]})
        for ligne in lignes:
            place = PlaceDeStructure(*ligne)
            places.setdefault(place.pivot, []).append(place)
    return places


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtres:
    """Territory and source filters: values of one field are alternatives, fields are cumulative."""

    code_insee: tuple[str, ...] = ()
    code_postal: tuple[str, ...] = ()
    departement: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    epci: tuple[str, ...] = ()
    qpv: tuple[str, ...] = ()
    source_id: tuple[str, ...] = ()

    def conditions(self) -> list[Any]:
        """Return the SQL conditions, all to be met; a place is of every source that has a record of it."""
        territoires = {nom: valeurs for nom, valeurs in en_ligne(self).items() if valeurs and nom != "source_id"}
        conditions: list[Any] = [col(getattr(Lieu, nom)).in_(valeurs) for nom, valeurs in territoires.items()]
        if self.source_id:
            siens = select(col(Fiche.lieu_id)).where(col(Fiche.source_id).in_(self.source_id), ~col(Fiche.retiree))
            conditions.append(col(Lieu.id).in_(siens))
        return conditions


async def page(session: ReadSession, filtres: Filtres, *, apres: UUID | None, limite: int) -> list[Publiee]:
    """Return places in the order of their ids, which is that of their creation."""
    conditions = [~col(Lieu.supprime), *filtres.conditions()]
    if apres is not None:
        conditions.append(col(Lieu.id) > apres)
    lignes = await session.execute(
        select(
            col(Publication.id), col(Publication.numero), col(Publication.version), col(Publication.document),
            col(Publication.modifie_le),
        )
        .select_from(Lieu)
        .join(Publication, (col(Publication.kind) == KIND) & (col(Publication.id) == col(Lieu.id)))
        .where(*conditions)
        .order_by(col(Lieu.id))
        .limit(limite)
    )  # fmt: skip
    return [Publiee(li.id, li.numero, li.version, octets(li.document, li.numero), li.modifie_le) for li in lignes]


@dataclass(frozen=True, slots=True)
class Publie:
    """A place as the read model holds it: `document` lacks its closing brace, and is `None` once withdrawn."""

    id: str
    numero: int
    version: int
    modifie_le: datetime
    document: bytes | None


async def compter_publies(session: ReadSession, *, depuis: int) -> int:
    """Count the places changed after a number, withdrawn ones included."""
    return (
        await session.scalar(
            select(func.count()).where(col(Publication.kind) == KIND, col(Publication.numero) > depuis)
        )
        or 0
    )


async def publies_depuis(session: ReadSession, numero: int, *, limite: int) -> list[Publie]:
    """Return the places changed after a number, in order, withdrawn ones included."""
    return await _publies(session, [col(Publication.numero) > numero], Publication.numero, limite)


async def publies_apres(session: ReadSession, id: str | None, *, limite: int) -> list[Publie]:
    """Return the places in force after an id, in order."""
    conditions = [~col(Publication.supprime)]
    if id is not None:
        conditions.append(col(Publication.id) > UUID(id))
    return await _publies(session, conditions, Publication.id, limite)


async def _publies(session: ReadSession, conditions: list[Any], ordre: Any, limite: int) -> list[Publie]:
    lignes = await session.execute(
        select(
            col(Publication.id), col(Publication.numero), col(Publication.version), col(Publication.modifie_le),
            col(Publication.document),
        )
        .where(col(Publication.kind) == KIND, *conditions)
        .order_by(col(ordre))
        .limit(limite)
    )  # fmt: skip
    return [
        Publie(
            str(ligne.id),
            ligne.numero,
            ligne.version,
            ligne.modifie_le,
            None if ligne.document is None else b'%s,"modifie":%d' % (ligne.document[:-1], ligne.numero),
        )
        for ligne in lignes
    ]


async def parcourir(
    session: ReadSession, filtres: Filtres | None = None, *, lot: int = LOT_PARCOURU
) -> AsyncIterator[list[bytes]]:
    """Stream public documents in the order of ids, by batches; the session's snapshot makes them one state."""
    requete = select(col(Publication.document), col(Publication.numero)).where(
        col(Publication.kind) == KIND, ~col(Publication.supprime)
    )
    conditions = filtres.conditions() if filtres else []
    if conditions:
        requete = requete.where(col(Publication.id).in_(select(col(Lieu.id)).where(*conditions)))
    async for lignes in _lots(session, requete.order_by(col(Publication.id)), lot):
        yield [lus for li in lignes if (lus := octets(li.document, li.numero or 0)) is not None]


async def parcourir_source(
    session: ReadSession, source_id: str, filtres: Filtres | None = None, *, lot: int = LOT_PARCOURU
) -> AsyncIterator[list[tuple[str, bytes, bytes | None]]]:
    """Stream the public documents of a source with the key that each has there, in the order of keys, by batches.

    A place that other records bear on too comes with the source's own normalised record, hidden contacts included.
    """
    requete = _fiches_en_vigueur(
        select(
            col(Fiche.cle), col(Publication.document), col(Publication.numero),
            case((col(Lieu.partage), col(Fiche.normalise)), else_=None).label("propre"),
        ),
        source_id,
        filtres,
    )  # fmt: skip
    requete = (
        requete.join(Publication, (col(Publication.kind) == KIND) & (col(Publication.id) == col(Fiche.lieu_id)))
        .join(Lieu, col(Lieu.id) == col(Fiche.lieu_id))
        .where(~col(Publication.supprime))
    )
    async for lignes in _lots(session, requete, lot):
        yield [(li.cle, lus, li.propre) for li in lignes if (lus := octets(li.document, li.numero or 0)) is not None]


async def parcourir_fiches(
    session: ReadSession, source_id: str, filtres: Filtres | None = None, *, lot: int = LOT_PARCOURU
) -> AsyncIterator[list[tuple[str, bytes]]]:
    """Stream the normalised records of a source, hidden contacts included, with their keys, in the order of keys."""
    requete = _fiches_en_vigueur(select(col(Fiche.cle), col(Fiche.normalise)), source_id, filtres)
    async for lignes in _lots(session, requete, lot):
        yield [(li.cle, li.normalise) for li in lignes]


@dataclass(frozen=True, slots=True)
class EtatDeSource:
    """What dates the places of a source: the last change of any of them, withdrawals included, and their number."""

    numero: int
    lieux: int
    modifie_le: datetime | None


async def etat_de_source(session: ReadSession, source_id: str) -> EtatDeSource:
    """Return the state of the places of a source; zeros for one that never had any."""
    ligne = (
        await session.execute(
            select(func.max(col(Publication.numero)), func.count(), func.max(col(Publication.modifie_le)))
            .select_from(Fiche)
            .join(Publication, (col(Publication.kind) == KIND) & (col(Publication.id) == col(Fiche.lieu_id)))
            .where(col(Fiche.source_id) == source_id)
        )
    ).one()
    return EtatDeSource(ligne[0] or 0, ligne[1], ligne[2])


def _fiches_en_vigueur(requete: Any, source_id: str, filtres: Filtres | None) -> Any:
    """Keep the records in force of a source. Sorted by their primary key: no document is held to be sorted."""
    conditions = filtres.conditions() if filtres else []
    requete = requete.select_from(Fiche).where(col(Fiche.source_id) == source_id, ~col(Fiche.retiree))
    if conditions:
        requete = requete.where(col(Fiche.lieu_id).in_(select(col(Lieu.id)).where(*conditions)))
    return requete.order_by(col(Fiche.cle))


async def _lots(session: ReadSession, requete: Any, lot: int) -> AsyncIterator[Sequence[Any]]:
    lignes = await session.stream(requete.execution_options(yield_per=lot))
    async for page in lignes.partitions(lot):
        yield page


_COLONNES_LIEU = tuple(champ.name for champ in fields(LigneLieu))
_COLONNES_FICHE = tuple(champ.name for champ in fields(LigneFiche))
_en_lieu, _en_fiche = attrgetter(*_COLONNES_LIEU), attrgetter(*_COLONNES_FICHE)
_LIGNES_DES_LIEUX = select(*(col(getattr(Lieu, nom)) for nom in _COLONNES_LIEU)).where(
    col(Lieu.id).in_(bindparam("les_ids", expanding=True))
)
_PLACES_PAR_PIVOT = select(
    col(Lieu.pivot), col(Lieu.nom), col(Lieu.code_insee), col(Lieu.departement), col(Lieu.region), col(Lieu.epci)
).where(col(Lieu.pivot).in_(bindparam("les_pivots", expanding=True)), ~col(Lieu.supprime))
_ECRIRE_LIEUX = Insertion(Lieu.__table__, _COLONNES_LIEU, cle=("id",), garde=("cree_le",))  # type: ignore[attr-defined]
_ECRIRE_FICHES = Insertion(
    Fiche.__table__,  # type: ignore[attr-defined]
    (*_COLONNES_FICHE, "lieu_propre", "derniere_erreur"),
    cle=("source_id", "cle"),
    garde=("lieu_propre",),
)
