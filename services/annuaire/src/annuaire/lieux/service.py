"""Use cases of the places: what a source says becomes what everyone reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from socle.donnees import feed, outbox
from socle.donnees.db import ReadSession, WriteSession
from socle.donnees.documents import Document

from annuaire.lieux import repository
from annuaire.lieux.normalise import LieuNormalise
from annuaire.lieux.projection import SourceCitee, Territoire, projeter, recoit_du_public
from annuaire.lieux.repository import LigneFiche, LigneLieu
from annuaire.structures import service as structures

PUBLIE, RETIRE = "annuaire.lieu.publie", "annuaire.lieu.retire"
LOT = 125
"""Places handled at a time: small enough for readers not to feel the writer."""


class Situeur(Protocol):
    """What the ground floor knows of a point and of a commune."""

    async def suivre(self, session: ReadSession) -> None: ...
    def territoire(self, code_insee: str | None, code_postal: str | None) -> Territoire: ...
    def quartiers(self, points: Sequence[tuple[float | None, float | None]]) -> list[dict[str, Any] | None]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outils:
    """What projecting a place needs from outside: territories, the rule of personal contacts, the folding of names."""

    situeur: Situeur
    est_personnel: Callable[[str], bool]
    plier: Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enregistrement:
    """A record to write: what its source says, raw and read, and the place that it bears on."""

    cle: str
    lieu_id: UUID
    ligne: int
    brut: bytes
    normalise: bytes
    empreinte: str
    fiche: LieuNormalise
    origines: dict[str, str] | None = None


async def enregistrer(
    session: WriteSession,
    enregistrements: AsyncIterator[Sequence[Enregistrement]],
    *,
    source: SourceCitee,
    run_id: UUID,
    outils: Outils,
    le: datetime,
) -> None:
    """Write records by batches, make their places visible, and bring the structures they name up to date."""
    await structures.reserver(session)
    pivots: set[str] = set()
    ids_structures: dict[str, UUID] = {}
    async for lot in enregistrements:
        lieux = [e.lieu_id for e in lot]
        anciens = await repository.pivots(session, lieux)
        nouveaux = {e.fiche.pivot for e in lot if e.fiche.pivot} - ids_structures.keys()
        ids_structures |= await structures.ids_des_pivots(session, nouveaux)
        pivots |= nouveaux | set(anciens.values())
        await repository.ecrire_fiches(
            session,
            [
                LigneFiche(
                    source_id=source.id, cle=e.cle, lieu_id=e.lieu_id, retiree=False, brut=e.brut,
                    normalise=e.normalise, empreinte=e.empreinte, origines=e.origines, ligne=e.ligne, run_id=run_id,
                    lue_le=le,
                )
                for e in lot
            ],
        )  # fmt: skip
        await montrer(session, lot, source=source, ids_structures=ids_structures, outils=outils, le=le)
    await _suivre(session, pivots, ids_structures, outils, le)


async def montrer(
    session: WriteSession,
    lot: Sequence[Enregistrement],
    *,
    source: SourceCitee,
    ids_structures: Mapping[str, UUID],
    outils: Outils,
    le: datetime,
) -> None:
    """Situate the places of these records and make them visible as they now are."""
    # pure computation on a few hundred places: off the event loop, readers go on
    lignes, documents = await asyncio.to_thread(_preparer, lot, source, ids_structures, outils, le)
    await repository.ecrire_lieux(session, lignes)
    changes = await feed.publier(session, repository.KIND, documents, le=le)
    await outbox.emettre(session, PUBLIE, [(str(id), {}) for id in changes], le=le)


async def retirer(
    session: WriteSession, source_id: str, cles: Sequence[str], ids: Sequence[UUID], *, outils: Outils, le: datetime
) -> None:
    """Withdraw places whose record left its source's list; the tombstones stay for ever."""
    if not ids:
        return
    await structures.reserver(session)
    pivots = set((await repository.pivots(session, ids)).values())
    await repository.retirer_fiches(session, source_id, cles)
    await repository.retirer_lieux(session, ids)
    changes = await feed.publier(session, repository.KIND, dict.fromkeys(ids), le=le)
    await outbox.emettre(session, RETIRE, [(str(id), {}) for id in changes], le=le)
    await _suivre(session, pivots, {}, outils, le)


async def _suivre(session: WriteSession, pivots: set[str], ids: dict[str, UUID], outils: Outils, le: datetime) -> None:
    liste = sorted(pivots)
    for debut in range(0, len(liste), LOT):
        lot = liste[debut : debut + LOT]
        places = await repository.places_par_pivot(session, lot)
        await structures.suivre_les_places(
            session, {pivot: places.get(pivot, []) for pivot in lot}, ids, plier=outils.plier, le=le
        )


def _preparer(
    lot: Sequence[Enregistrement],
    source: SourceCitee,
    ids_structures: Mapping[str, UUID],
    outils: Outils,
    le: datetime,
) -> tuple[list[LigneLieu], dict[UUID, Document | None]]:
    lignes: list[LigneLieu] = []
    documents: dict[UUID, Document | None] = {}
    quartiers = outils.situeur.quartiers([(e.fiche.latitude, e.fiche.longitude) for e in lot])
    for e, qpv in zip(lot, quartiers, strict=True):
        fiche = e.fiche
        territoire = outils.situeur.territoire(fiche.code_insee, fiche.code_postal)
        structure_id = ids_structures[fiche.pivot] if fiche.pivot else None
        lignes.append(
            LigneLieu(
                id=e.lieu_id, source_id=source.id, structure_id=structure_id, pivot=fiche.pivot, nom=fiche.nom,
                code_insee=fiche.code_insee, code_postal=fiche.code_postal, departement=territoire.departement,
                region=territoire.region, epci=territoire.epci,
                qpv=qpv["code"] if qpv and qpv["position"] != "dehors" else None,
                latitude=fiche.latitude, longitude=fiche.longitude, recoit_du_public=recoit_du_public(fiche),
                supprime=False, cree_le=le,
            )
        )  # fmt: skip
        documents[e.lieu_id] = projeter(
            id=e.lieu_id,
            fiche=fiche,
            territoire=territoire,
            structure_id=structure_id,
            qpv=qpv,
            source=source,
            est_personnel=outils.est_personnel,
        )
    return lignes, documents
