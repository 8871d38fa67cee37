"""Use cases of duplicates: the queue, and what people decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from socle.acces.principal import Principal
from socle.donnees import audit
from socle.donnees.db import ReadSession, WriteSession

from annuaire.doublons import repository
from annuaire.doublons.errors import DoublonInconnu, FusionImpossible
from annuaire.doublons.regrouper import regrouper
from annuaire.doublons.repository import paire_de
from annuaire.doublons.rules import DISTINCTS, FUSION
from annuaire.doublons.schemas import DoublonLu, FicheDeDoublon
from annuaire.doublons.tables import Doublon
from annuaire.lieux.outils import Outils, Suivi
from annuaire.structures import service as structures


async def lister(
    session: ReadSession, *, principal: Principal, source: str | None, etat: str, apres: UUID | None, limite: int
) -> list[DoublonLu]:
    """Return pairs that this caller may see."""
    doublons = await repository.page(
        session, sources=principal.sources, source=source, etat=etat, apres=apres, limite=limite
    )
    return await _lus(session, doublons)


async def decider(
    session: WriteSession, *, id: UUID, decision: str, principal: Principal, outils: Outils, le: datetime
) -> DoublonLu:
    """Join two records, or set them apart for good, and show their places as they then are.

    Raises `DoublonInconnu` (404), `FusionImpossible` (409) when a person set apart two records that this would join.
    """
    await structures.reserver(session)
    doublon = await repository.un(session, id, verrou=True)
    if doublon is None or not any(principal.peut(source) for source in (doublon.source_a, doublon.source_b)):
        raise DoublonInconnu("Aucun doublon ne porte cet identifiant.")
    doublon.decision, doublon.decide_par, doublon.decide_le = decision, principal.sujet, le
    await session.flush()
    await outils.situeur.suivre(session)
    await regrouper(session, set(paire_de(doublon)), suivi=Suivi(outils, le))
    [lu] = await _lus(session, [doublon])
    if decision == FUSION and not lu.reunis:
        raise FusionImpossible(
            "L'une de ces fiches a quitté sa liste, ou une personne l'a dite distincte d'une fiche déjà réunie."
        )
    if decision == DISTINCTS and lu.reunis:
        raise FusionImpossible("Ces fiches restent réunies par une autre décision : séparez celle-là d'abord.")
    audit.consigner(
        session, audit.Acte(acteur=principal.sujet, action=f"doublon.{decision}", objet=f"doublon:{id}", le=le)
    )
    return lu


async def _lus(session: ReadSession, doublons: Sequence[Doublon]) -> list[DoublonLu]:
    attaches = await repository.attaches(session, {cle for doublon in doublons for cle in paire_de(doublon)})
    lus = []
    for doublon in doublons:
        fiches = [
            FicheDeDoublon(source=cle[0], cle=cle[1], lieu_id=attaches[cle].lieu_id if cle in attaches else None)
            for cle in paire_de(doublon)
        ]
        lus.append(
            DoublonLu(
                id=doublon.id,
                fiches=fiches,
                score=doublon.score,
                motifs=doublon.motifs,
                reunis=fiches[0].lieu_id is not None and fiches[0].lieu_id == fiches[1].lieu_id,
                decision=doublon.decision,
                decide_le=doublon.decide_le,
                trouve_le=doublon.trouve_le,
            )
        )
    return lus
