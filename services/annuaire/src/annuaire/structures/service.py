"""Use cases of the structures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from socle.donnees import feed, outbox
from socle.donnees.db import WriteSession
from socle.donnees.documents import Document
from socle.identifiants import uuid7

from annuaire.structures import repository
from annuaire.structures.rules import FicheStructure, Place, deduire
from annuaire.structures.tables import Structure

PUBLIEE, RETIREE = "annuaire.structure.publiee", "annuaire.structure.retiree"


async def reserver(session: WriteSession) -> None:
    """Be the only one to create or rename structures until the commit; comes first in whatever does.

    Two lists that name the same structure at the same instant would else each count their own places only.
    """
    await session.seul("structures")


async def ids_des_pivots(session: WriteSession, pivots: Collection[str]) -> dict[str, UUID]:
    """Return the id of the structure of each pivot, minting those that do not exist yet.

    A minted structure is written by `suivre_les_places`, in the same transaction.
    """
    connus = await repository.ids_par_pivot(session, pivots)
    return {pivot: connus[pivot] if pivot in connus else uuid7() for pivot in pivots}


async def suivre_les_places(
    session: WriteSession,
    places: Mapping[str, Sequence[Place]],
    ids: Mapping[str, UUID],
    *,
    plier: Callable[[str], str],
    le: datetime,
) -> None:
    """Bring structures born of places up to date with them: created, renamed, withdrawn with their last place.

    `places` gives the places in force of every pivot touched (an empty list when the last one left). A structure
    known by other means (`origine` other than `deduit`) is never changed by its places.
    """
    connues = await repository.lignes_par_pivot(session, places)
    # pure, and long for a whole list: off the event loop, readers go on
    ecrites, retirees = await asyncio.to_thread(_a_changer, places, connues, ids)
    await enregistrer(session, ecrites, plier=plier, le=le)
    await repository.retirer(session, retirees)
    changees = await feed.publier(session, repository.KIND, dict.fromkeys(retirees), le=le)
    await outbox.emettre(session, RETIREE, [(str(id), {}) for id in changees], le=le)


def _a_changer(
    places: Mapping[str, Sequence[Place]], connues: Mapping[str, Any], ids: Mapping[str, UUID]
) -> tuple[list[FicheStructure], list[UUID]]:
    """Return the structures to write and those to withdraw."""
    ecrites: list[FicheStructure] = []
    retirees: list[UUID] = []
    for pivot, ses_places in places.items():
        connue = connues.get(pivot)
        if connue is not None and connue.origine != "deduit":
            continue
        if not ses_places:
            if connue is not None and not connue.supprimee:
                retirees.append(connue.id)
            continue
        deduction = deduire(ses_places)
        fiche = FicheStructure(
            id=connue.id if connue else ids[pivot],
            origine="deduit",
            pivot=pivot,
            types=tuple(connue.types) if connue else (),
            nom=deduction.nom,
            code_insee=deduction.code_insee,
            departement=deduction.departement,
            region=deduction.region,
            epci=deduction.epci,
        )
        if connue is None or connue.supprimee or fiche_de(connue) != fiche:
            ecrites.append(fiche)
    return ecrites, retirees


async def enregistrer(
    session: WriteSession, fiches: Sequence[FicheStructure], *, plier: Callable[[str], str], le: datetime
) -> list[UUID]:
    """Write structures and make them visible; return those that visibly changed."""
    plies, documents = await asyncio.to_thread(
        lambda: ({f.id: plier(f.nom) for f in fiches}, {f.id: Document.de(f.contenu()) for f in fiches})
    )
    await repository.ecrire(session, fiches, plier=plies, le=le)
    changees = await feed.publier(session, repository.KIND, documents, le=le)
    await outbox.emettre(session, PUBLIEE, [(str(id), {}) for id in changees], le=le)
    return changees


def fiche_de(structure: Structure | Any) -> FicheStructure:
    """Read a stored structure, or its row, as a value."""
    return FicheStructure(
        id=structure.id,
        origine=structure.origine,
        pivot=structure.pivot,
        nom=structure.nom,
        types=tuple(structure.types),
        code_insee=structure.code_insee,
        departement=structure.departement,
        region=structure.region,
        epci=structure.epci,
        parent_id=structure.parent_id,
        sans_siret_motif=structure.sans_siret_motif,
        valide_du=structure.valide_du,
        valide_au=structure.valide_au,
    )
