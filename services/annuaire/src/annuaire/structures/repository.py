"""All the SQL of structures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
from sqlalchemy import String, bindparam, cast, select, update
from sqlmodel import col

from annuaire.structures.rules import FicheStructure
from annuaire.structures.tables import Structure

KIND = "structure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtres:
    """Filters of the list: values of one field are alternatives, fields are cumulative."""

    type: tuple[str, ...] = ()
    pivot: tuple[str, ...] = ()
    code_insee: tuple[str, ...] = ()
    departement: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    epci: tuple[str, ...] = ()
    origine: tuple[str, ...] = ()
    modifie_depuis: datetime | None = None

    def conditions(self) -> list[Any]:
        """Return the SQL conditions on structures and their publications, all to be met."""
        conditions: list[Any] = [
            col(getattr(Structure, nom)).in_(valeurs)
            for nom, valeurs in en_ligne(self).items()
            if valeurs and nom not in ("type", "modifie_depuis")
        ]
        if self.modifie_depuis is not None:
            conditions.append(col(Publication.modifie_le) >= self.modifie_depuis)
        if self.type:
            # `types` is a JSON list of slugs: look for the quoted slug, which no other slug contains
            texte = cast(col(Structure.types), String)
            conditions.append(_au_moins_un([texte.contains(f'"{type}"', autoescape=True) for type in self.type]))
        return conditions


def _au_moins_un(conditions: Sequence[Any]) -> Any:
    somme = conditions[0]
    for condition in conditions[1:]:
        somme = somme | condition
    return somme


async def par_pivot(session: ReadSession, pivots: Collection[str]) -> dict[str, Structure]:
    """Return the structures of these pivots, withdrawn ones included."""
    trouvees: dict[str, Structure] = {}
    liste = list(pivots)
    for debut in range(0, len(liste), 500):
        lignes = await session.scalars(select(Structure).where(col(Structure.pivot).in_(liste[debut : debut + 500])))
        trouvees |= {str(structure.pivot): structure for structure in lignes}
    return trouvees


async def lignes_par_pivot(session: ReadSession, pivots: Collection[str]) -> dict[str, Any]:
    """Return the rows of the structures of these pivots, withdrawn ones included, without an object made for each."""
    liste = list(pivots)
    trouvees: dict[str, Any] = {}
    for debut in range(0, len(liste), 500):
        lignes = await session.execute(_PAR_PIVOT, {"les_pivots": liste[debut : debut + 500]})
        trouvees |= {ligne.pivot: ligne for ligne in lignes}
    return trouvees


async def ids_par_pivot(session: ReadSession, pivots: Collection[str]) -> dict[str, UUID]:
    """Return the ids of the structures of these pivots, withdrawn ones included."""
    liste = list(pivots)
    trouves: dict[str, UUID] = {}
    for debut in range(0, len(liste), 500):
        lignes = await session.execute(_IDS_PAR_PIVOT, {"les_pivots": liste[debut : debut + 500]})
        trouves |= {ligne.pivot: ligne.id for ligne in lignes}
    return trouves


async def une(session: ReadSession, id: UUID) -> Structure | None:
    """Return one structure, withdrawn or not."""
    return await session.get(Structure, id)


async def ecrire(
    session: WriteSession, fiches: Sequence[FicheStructure], *, plier: dict[UUID, str], le: datetime
) -> None:
    """Create or replace structures; `plier` gives the folded name by which they sort."""
    await _ECRIRE.executer(session, [(*_en_fiche(f), list(f.types), plier[f.id], False, le) for f in fiches])


async def retirer(session: WriteSession, ids: Sequence[UUID]) -> None:
    """Mark structures as withdrawn; their tombstone is a publication."""
    for debut in range(0, len(ids), 500):
        await session.execute(
            update(Structure)
            .where(col(Structure.id).in_(ids[debut : debut + 500]))
            .values(supprimee=True)
            .execution_options(synchronize_session=False)
        )


async def page(session: ReadSession, filtres: Filtres, *, apres: UUID | None, limite: int) -> list[Publiee]:
    """Return structures in the order of their ids, which is that of their creation."""
    conditions = [~col(Structure.supprimee), *filtres.conditions()]
    if apres is not None:
        conditions.append(col(Structure.id) > apres)
    lignes = await session.execute(
        select(
            col(Publication.id), col(Publication.numero), col(Publication.version), col(Publication.document),
            col(Publication.modifie_le),
        )
        .select_from(Structure)
        .join(Publication, (col(Publication.kind) == KIND) & (col(Publication.id) == col(Structure.id)))
        .where(*conditions)
        .order_by(col(Structure.id))
        .limit(limite)
    )  # fmt: skip
    return [Publiee(li.id, li.numero, li.version, octets(li.document, li.numero), li.modifie_le) for li in lignes]


_CHAMPS = tuple(champ.name for champ in fields(FicheStructure) if champ.name != "types")
_en_fiche = attrgetter(*_CHAMPS)
_ECRIRE = Insertion(
    Structure.__table__,  # type: ignore[attr-defined]
    (*_CHAMPS, "types", "nom_plie", "supprimee", "cree_le"),
    cle=("id",),
    garde=("cree_le",),
)
_AUX_PIVOTS = col(Structure.pivot).in_(bindparam("les_pivots", expanding=True))
_PAR_PIVOT = select(*Structure.__table__.c).where(_AUX_PIVOTS)  # type: ignore[attr-defined]
_IDS_PAR_PIVOT = select(col(Structure.pivot), col(Structure.id)).where(_AUX_PIVOTS)
