"""All the SQL of duplicates."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from socle.donnees.db import ReadSession, WriteSession
from socle.identifiants import uuid7
from sqlalchemy import delete, exists, func, insert, select, tuple_, union, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from annuaire.doublons.rules import Attache, Cle, Comparaison, Paire, paire
from annuaire.doublons.tables import Bloc, Doublon
from annuaire.lieux.tables import Fiche, Lieu

T = TypeVar("T")

LOT = 200
COMMUNE_MAX = 3_000
"""Records of one commune compared at once; beyond, the first by source and key."""

_A_VOIR = (col(Doublon.decision).is_(None), col(Doublon.meilleure))
"""What waits for a person."""
_COTES: Final = ((col(Doublon.source_a), col(Doublon.cle_a)), (col(Doublon.source_b), col(Doublon.cle_b)))
_COMMUNE: Final = func.coalesce(col(Lieu.code_insee), "")


@dataclass(frozen=True, slots=True)
class FicheACompare:
    """A record in force and its canonical JSON."""

    source_id: str
    cle: str
    normalise: bytes


async def communes_de_la_source(session: ReadSession, source_id: str, *, run_id: UUID | None) -> list[tuple[str, int]]:
    """Return the communes of the places that a run wrote, or all of a source's, or that it left to others.

    So are those of records that wait in a pair with one that left the list: a better pair may have stood behind it.
    `toutes_les_communes` says what is returned.
    """
    siennes = col(Fiche.run_id) == run_id if run_id else (col(Fiche.source_id) == source_id) & ~col(Fiche.retiree)
    parties = col(Fiche.retiree) & (col(Fiche.source_id) == source_id) & ~col(Lieu.supprime)
    touchees = select(_COMMUNE).join(Fiche, col(Fiche.lieu_id) == col(Lieu.id)).where(siennes | parties).distinct()
    laissees = [
        select(_COMMUNE)
        .join(Fiche, col(Fiche.lieu_id) == col(Lieu.id))
        .join(Doublon, (autre[0] == col(Fiche.source_id)) & (autre[1] == col(Fiche.cle)))
        .where(sienne[0] == source_id, col(Doublon.decision).is_(None), ~_en_vigueur(*sienne))
        for sienne, autre in (_COTES, _COTES[::-1])
    ]
    return await _communes(session, _COMMUNE.in_(union(touchees, *laissees)))


def _en_vigueur(source_id: Any, cle: Any) -> Any:
    fiche = aliased(Fiche)
    return exists().where(fiche.source_id == source_id, fiche.cle == cle, ~fiche.retiree)  # type: ignore[arg-type]


async def oublier(session: WriteSession, source_id: str) -> None:
    """Forget the pairs of a source of which both records left their lists, unless a person decided of them."""
    parties = [~_en_vigueur(*cote) for cote in _COTES]
    sienne = (col(Doublon.source_a) == source_id) | (col(Doublon.source_b) == source_id)
    await session.execute(
        delete(Doublon)
        .where(sienne, col(Doublon.decision).is_(None), *parties)
        .execution_options(synchronize_session=False)
    )


async def toutes_les_communes(session: ReadSession) -> list[tuple[str, int]]:
    """Return each commune that has records in force, and how many; `""` stands for none."""
    return await _communes(session)


async def _communes(session: ReadSession, *conditions: Any) -> list[tuple[str, int]]:
    lignes = await session.execute(
        select(_COMMUNE, func.count())
        .join(Fiche, col(Fiche.lieu_id) == col(Lieu.id))
        .where(~col(Fiche.retiree), *conditions)
        .group_by(_COMMUNE)
    )
    return sorted((ligne[0], ligne[1]) for ligne in lignes)


async def fiches_des_communes(session: ReadSession, communes: Sequence[str]) -> dict[str, list[FicheACompare]]:
    """Return the records in force of communes, in order; of a commune of more than `COMMUNE_MAX`, the first ones."""
    par_commune: dict[str, list[FicheACompare]] = {commune: [] for commune in communes}
    lignes = await session.execute(
        select(_COMMUNE, col(Fiche.source_id), col(Fiche.cle), col(Fiche.normalise))
        .join(Lieu, col(Lieu.id) == col(Fiche.lieu_id))
        .where(~col(Fiche.retiree), _COMMUNE.in_(communes))
        .order_by(col(Fiche.source_id), col(Fiche.cle))
        .limit(COMMUNE_MAX)
    )
    for commune, source_id, cle, normalise in lignes:
        par_commune[commune].append(FicheACompare(source_id, cle, normalise))
    return par_commune


async def ecrire_blocs(session: WriteSession, blocs: Mapping[Cle, Collection[str]]) -> None:
    """Replace the blocks of these records."""
    for lot in _lots(sorted(blocs)):
        await session.execute(delete(Bloc).where(tuple_(col(Bloc.source_id), col(Bloc.cle)).in_(lot)))
    lignes = [{"bloc": b, "source_id": s, "cle": c} for (s, c), siens in blocs.items() for b in siens]
    if lignes:
        await session.execute(insert(Bloc.__table__), lignes)  # type: ignore[attr-defined]


async def fiches_des_blocs(
    session: ReadSession, blocs: Sequence[str], *, au_plus: int
) -> dict[str, list[FicheACompare]]:
    """Return the records in force of each of these blocks; a block of more than `au_plus` tells nothing."""
    par_bloc: dict[str, list[FicheACompare]] = {}
    for lot in _lots(blocs):
        lignes = await session.execute(
            select(col(Bloc.bloc), col(Fiche.source_id), col(Fiche.cle), col(Fiche.normalise))
            .join(Fiche, (col(Fiche.source_id) == col(Bloc.source_id)) & (col(Fiche.cle) == col(Bloc.cle)))
            .where(col(Bloc.bloc).in_(lot), ~col(Fiche.retiree))
        )
        for ligne in lignes:
            par_bloc.setdefault(ligne.bloc, []).append(FicheACompare(ligne.source_id, ligne.cle, ligne.normalise))
    return {bloc: siennes for bloc, siennes in par_bloc.items() if len(siennes) <= au_plus}


async def paires_de(session: ReadSession, cles: Collection[Cle]) -> list[Doublon]:
    """Return the pairs of which one record is among these."""
    trouvees: dict[UUID, Doublon] = {}
    for lot in _lots(sorted(cles)):
        for colonnes in ((Doublon.source_a, Doublon.cle_a), (Doublon.source_b, Doublon.cle_b)):
            lignes = await session.scalars(
                select(Doublon).where(tuple_(*map(col, colonnes)).in_(lot)).execution_options(populate_existing=True)
            )
            trouvees |= {doublon.id: doublon for doublon in lignes}
    return list(trouvees.values())


def paire_de(doublon: Doublon) -> Paire:
    """Return the two records of a pair."""
    return paire((doublon.source_a, doublon.cle_a), (doublon.source_b, doublon.cle_b))


async def remplacer(
    session: WriteSession, connues: Sequence[Doublon], trouvees: Mapping[Paire, Comparaison], *, le: datetime
) -> None:
    """Write the pairs found, forget those that are not any more; what people decided stays."""
    par_paire = {paire_de(doublon): doublon for doublon in connues}
    for p, doublon in par_paire.items():
        trouvee = trouvees.get(p)
        if trouvee is not None:
            doublon.score, doublon.motifs = trouvee.score, list(trouvee.motifs)
        elif doublon.decision is None:
            await session.delete(doublon)
    for p in sorted(trouvees.keys() - par_paire.keys()):
        (source_a, cle_a), (source_b, cle_b) = p
        session.add(
            Doublon(
                id=uuid7(), source_a=source_a, cle_a=cle_a, source_b=source_b, cle_b=cle_b, score=trouvees[p].score,
                motifs=list(trouvees[p].motifs), trouve_le=le,
            )
        )  # fmt: skip
    await session.flush()


async def attaches(session: ReadSession, cles: Iterable[Cle]) -> dict[Cle, Attache]:
    """Return where these records are, those in force only."""
    trouvees: dict[Cle, Attache] = {}
    for lot in _lots(sorted(cles)):
        lignes = await session.execute(
            select(col(Fiche.source_id), col(Fiche.cle), col(Fiche.lieu_id), col(Fiche.lieu_propre)).where(
                tuple_(col(Fiche.source_id), col(Fiche.cle)).in_(lot), ~col(Fiche.retiree)
            )
        )
        trouvees |= {(li.source_id, li.cle): Attache(li.lieu_id, li.lieu_propre) for li in lignes}
    return trouvees


async def compagnes(session: ReadSession, lieux: Collection[UUID]) -> set[Cle]:
    """Return the records in force that bear on these places."""
    trouvees: set[Cle] = set()
    for lot in _lots(sorted(lieux)):
        lignes = await session.execute(
            select(col(Fiche.source_id), col(Fiche.cle)).where(col(Fiche.lieu_id).in_(lot), ~col(Fiche.retiree))
        )
        trouvees |= {(ligne.source_id, ligne.cle) for ligne in lignes}
    return trouvees


async def deplacer(session: WriteSession, deplacees: Mapping[Cle, UUID]) -> None:
    """Make records bear on other places."""
    for (source_id, cle), lieu_id in deplacees.items():
        await session.execute(
            update(Fiche)
            .where(col(Fiche.source_id) == source_id, col(Fiche.cle) == cle)
            .values(lieu_id=lieu_id)
            .execution_options(synchronize_session=False)
        )


async def noter_les_fusions(session: WriteSession, allees: Mapping[UUID, UUID]) -> None:
    """Note on withdrawn places where their records went."""
    for id, lieu_id in allees.items():
        await session.execute(
            update(Lieu)
            .where(col(Lieu.id) == id)
            .values(fusionne_dans=lieu_id)
            .execution_options(synchronize_session=False)
        )


async def un(session: ReadSession, id: UUID, *, verrou: bool = False) -> Doublon | None:
    """Return one pair; `verrou` keeps other writers away from it until the commit."""
    requete = select(Doublon).where(col(Doublon.id) == id).execution_options(populate_existing=True)
    return (await session.execute(requete.with_for_update() if verrou else requete)).scalar_one_or_none()


async def page(
    session: ReadSession,
    *,
    sources: Collection[str] | None,
    source: str | None,
    etat: str,
    apres: UUID | None,
    limite: int,
) -> Sequence[Doublon]:
    """Return pairs in the order in which they were found, those of some sources only when named."""
    requete = select(Doublon).where(*(_A_VOIR if etat == "a_voir" else (col(Doublon.decision) == etat,)))
    for parmi in (sources, None if source is None else [source]):
        if parmi is not None:
            siennes = list(parmi)
            requete = requete.where(col(Doublon.source_a).in_(siennes) | col(Doublon.source_b).in_(siennes))
    if apres is not None:
        requete = requete.where(col(Doublon.id) > apres)
    return (await session.scalars(requete.order_by(col(Doublon.id)).limit(limite))).all()


async def compter_a_voir(session: ReadSession, source_id: str) -> list[tuple[str, str, int]]:
    """Count the pairs of a source that nobody has decided of, by their two sources."""
    lignes = await session.execute(
        select(col(Doublon.source_a), col(Doublon.source_b), func.count())
        .where(*_A_VOIR, (col(Doublon.source_a) == source_id) | (col(Doublon.source_b) == source_id))
        .group_by(col(Doublon.source_a), col(Doublon.source_b))
    )
    return [(ligne[0], ligne[1], ligne[2]) for ligne in lignes]


def _lots(valeurs: Sequence[T]) -> Iterable[Sequence[T]]:
    return (valeurs[debut : debut + LOT] for debut in range(0, len(valeurs), LOT))
