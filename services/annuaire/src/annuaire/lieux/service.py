"""Use cases of the places: what a source says becomes what everyone reads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from socle.donnees.db import ReadSession, WriteSession

from annuaire.lieux import repository
from annuaire.lieux.consolidation import repository as consolidation
from annuaire.lieux.consolidation.fiches import FicheLue, lire
from annuaire.lieux.consolidation.repository import Place
from annuaire.lieux.historique import repository as historique
from annuaire.lieux.historique.rules import DUREE
from annuaire.lieux.montrer import montrer
from annuaire.lieux.normalise import LieuNormalise
from annuaire.lieux.outils import Outils, Suivi
from annuaire.lieux.projection import PAROLE, SourceCitee
from annuaire.lieux.repository import LigneFiche
from annuaire.structures import service as structures

__all__ = [
    "LOT",
    "Enregistrement",
    "Outils",
    "Suivi",
    "enregistrer",
    "lire_les_fiches",
    "montrer_de_nouveau",
    "retirer",
]

LOT = 250
"""Places handled at a time: small enough for readers not to feel the writer."""


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
    await historique.purger(session, avant=le - DUREE)
    suivi = Suivi(outils, le, {source.id: source})
    async for lot in enregistrements:
        cles = [e.cle for e in lot]
        places = await consolidation.places_des_cles(session, source.id, cles)
        siens = [_a_sa_place(e, places.get(e.cle)) for e in lot]
        await repository.ecrire_fiches(
            session,
            [
                LigneFiche(
                    source_id=source.id, cle=e.cle, lieu_id=e.lieu_id, retiree=False, brut=e.brut,
                    normalise=e.normalise, empreinte=e.empreinte, origines=e.origines, ligne=e.ligne, run_id=run_id,
                    lue_le=le,
                )
                for e in siens
            ],
        )  # fmt: skip
        lues: dict[UUID, list[FicheLue]] = {}
        for e in siens:
            lue = FicheLue(
                source=source,
                cle=e.cle,
                fiche=e.fiche,
                recue_le=le.date(),
                origines=e.origines,
                verifie_le=le if source.id == PAROLE else None,
            )
            lues.setdefault(e.lieu_id, []).append(lue)
        seuls = {place.lieu_id for place in places.values() if place.seule}
        a_plusieurs = {id: siennes for id, siennes in lues.items() if id not in seuls}
        await lire_les_fiches(session, a_plusieurs, suivi=suivi, sauf=(source.id, cles))
        await montrer(session, lues, suivi=suivi)
    await suivre_les_structures(session, suivi)


def _a_sa_place(enregistrement: Enregistrement, place: Place | None) -> Enregistrement:
    if place is None or place.lieu_id == enregistrement.lieu_id:
        return enregistrement
    return replace(enregistrement, lieu_id=place.lieu_id)


async def retirer(
    session: WriteSession, source_id: str, cles: Sequence[str], ids: Sequence[UUID], *, outils: Outils, le: datetime
) -> None:
    """Withdraw records that left their source's list, and the places that no other record bears on.

    `ids` are the places that the plan knew; the tombstones stay for ever.
    """
    if not cles:
        return
    await structures.reserver(session)
    suivi = Suivi(outils, le)
    places = await consolidation.places_des_cles(session, source_id, cles)
    await repository.retirer_fiches(session, source_id, cles)
    touches = list(
        dict.fromkeys(places[cle].lieu_id if cle in places else id for cle, id in zip(cles, ids, strict=True))
    )
    await montrer_de_nouveau(session, touches, suivi=suivi)
    await suivre_les_structures(session, suivi)


async def montrer_de_nouveau(session: WriteSession, ids: Sequence[UUID], *, suivi: Suivi) -> None:
    """Make these places visible as their records in force now say, and withdraw those that have none left."""
    for debut in range(0, len(ids), LOT):
        lues: dict[UUID, list[FicheLue]] = {id: [] for id in ids[debut : debut + LOT]}
        await lire_les_fiches(session, lues, suivi=suivi)
        await montrer(session, lues, suivi=suivi)


async def lire_les_fiches(
    session: ReadSession,
    lues: dict[UUID, list[FicheLue]],
    *,
    suivi: Suivi,
    sauf: tuple[str, Sequence[str]] | None = None,
) -> None:
    """Add to each place the other records in force that bear on it."""
    fiches = await consolidation.fiches_des_lieux(session, list(lues), sauf=sauf)
    await suivi.citer(session, {fiche.source_id for fiche in fiches})
    for fiche in fiches:
        lues[fiche.lieu_id].append(
            FicheLue(
                source=suivi.citees[fiche.source_id],
                cle=fiche.cle,
                fiche=lire(fiche.normalise),
                origines=fiche.origines,
                recue_le=fiche.lue_le.date(),
                verifie_le=fiche.lue_le if fiche.source_id == PAROLE else None,
            )
        )


async def suivre_les_structures(session: WriteSession, suivi: Suivi) -> None:
    """Bring the structures of every pivot met up to date with their places."""
    liste = sorted(suivi.pivots)
    for debut in range(0, len(liste), LOT):
        lot = liste[debut : debut + LOT]
        places = await repository.places_par_pivot(session, lot)
        await structures.suivre_les_places(
            session, {pivot: places.get(pivot, []) for pivot in lot}, suivi.ids, plier=suivi.outils.plier, le=suivi.le
        )
