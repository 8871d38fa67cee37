"""The job that looks for duplicates after a list: compares what it touched, by commune, and joins what is sure."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from socle.donnees.db import Database, WriteSession
from socle.horloge import Horloge

from annuaire.doublons import repository
from annuaire.doublons.regrouper import regrouper
from annuaire.doublons.repository import FicheACompare, paire_de
from annuaire.doublons.rules import (
    SEUIL_A_VOIR,
    Cle,
    Comparaison,
    Paire,
    Signes,
    blocs,
    comparer,
    lire_signes,
    meilleures,
    paire,
)
from annuaire.lieux.outils import Outils, Suivi
from annuaire.structures import service as structures

RAPPROCHER = "doublons.rapprocher"
LOT = 200
"""Records compared in one transaction, unless one commune has more: others have their turn between two."""
BLOC_MAX = 300
"""Records of one block, beyond which it tells nothing: a switchboard, a street name of a large town."""


async def rapprocher(base: Database, charge: dict[str, Any], *, outils: Outils, horloge: Horloge) -> None:
    """Compare the records of the communes that a run touched, or a source knows, or of all, and regroup them.

    `charge` says `run` and `source`, `source` alone, or nothing. A few small communes, or a large one, a transaction:
    doing it twice finds the same.
    """
    async with base.read() as session:
        await outils.situeur.suivre(session)
        source, run = charge.get("source"), charge.get("run")
        communes = await (
            repository.communes_de_la_source(session, source, run_id=UUID(run) if run else None)
            if source
            else repository.toutes_les_communes(session)
        )
    for lot in par_lots(communes):
        async with base.write() as ecriture:
            await structures.reserver(ecriture)
            await _un_lot(ecriture, lot, Suivi(outils, horloge()))
    if source:
        async with base.write() as ecriture:
            await repository.oublier(ecriture, source)


def par_lots(communes: Sequence[tuple[str, int]]) -> Iterator[list[str]]:
    """Gather communes, given with their numbers of records, until they have `LOT` of these."""
    lot: list[str] = []
    nombre = 0
    for commune, fiches in communes:
        if lot and nombre + fiches > LOT:
            yield lot
            lot, nombre = [], 0
        lot.append(commune)
        nombre += fiches
    if lot:
        yield lot


async def _un_lot(session: WriteSession, communes: Sequence[str], suivi: Suivi) -> None:
    """Compare the records of each commune with one another, and with those that share a distant block with them."""
    fiches = await repository.fiches_des_communes(session, communes)
    lues = await asyncio.to_thread(lambda: [_lire(siennes) for siennes in fiches.values()])
    ecrits = {signes.fiche: _lointains(signes) for siens in lues for signes in siens}
    await repository.ecrire_blocs(session, ecrits)
    vus = sorted({bloc for siens_ in ecrits.values() for bloc in siens_})
    ailleurs = await repository.fiches_des_blocs(session, vus, au_plus=BLOC_MAX)
    comparees = await asyncio.to_thread(_comparer_les_communes, lues, ecrits, ailleurs)
    connus = set(ecrits)
    connues = await repository.paires_de(session, connus)
    await repository.remplacer(session, connues, comparees, le=suivi.le)
    await _distinguer(session, connus)
    await regrouper(session, connus | {cle for p in comparees for cle in p}, suivi=suivi)


def _comparer_les_communes(
    lues: Sequence[Sequence[Signes]],
    ecrits: Mapping[Cle, Sequence[str]],
    ailleurs: Mapping[str, Sequence[FicheACompare]],
) -> dict[Paire, Comparaison]:
    trouvees: dict[Paire, Comparaison] = {}
    for siens in lues:
        connus = {signes.fiche for signes in siens}
        blocs_d_ici = {bloc for fiche in connus for bloc in ecrits[fiche]}
        autres = [f for bloc in blocs_d_ici for f in ailleurs.get(bloc, ()) if (f.source_id, f.cle) not in connus]
        trouvees |= comparer_tout(siens, _lire(autres))
    return trouvees


async def _distinguer(session: WriteSession, cles: Collection[Cle]) -> None:
    """Keep in the queue the best pair of each record toward each source."""
    siennes = await repository.paires_de(session, cles)
    toutes = await repository.paires_de(session, {cle for d in siennes for cle in paire_de(d)})
    attendent = {paire_de(d): Comparaison(d.score, tuple(d.motifs)) for d in toutes if d.decision is None}
    retenues = meilleures(attendent)
    for doublon in siennes:
        doublon.meilleure = paire_de(doublon) in retenues
    await session.flush()


def comparer_tout(siens: Sequence[Signes], autres: Sequence[Signes] = ()) -> dict[Paire, Comparaison]:
    """Compare records with one another, and with others, where they share a block; return the pairs worth keeping."""
    par_bloc: dict[str, list[Signes]] = {}
    for signes in (*siens, *autres):
        for bloc in set(blocs(signes)):
            par_bloc.setdefault(bloc, []).append(signes)
    premiers = {signes.fiche for signes in siens}
    trouvees: dict[Paire, Comparaison] = {}
    vues: set[Paire] = set()
    for membres in par_bloc.values():
        if len(membres) > BLOC_MAX:
            continue
        for rang, un in enumerate(membres):
            for autre in membres[rang + 1 :]:
                p = paire(un.fiche, autre.fiche)
                if p in vues or (un.fiche not in premiers and autre.fiche not in premiers):
                    continue
                vues.add(p)
                comparaison = comparer(un, autre)
                if comparaison.score >= SEUIL_A_VOIR:
                    trouvees[p] = comparaison
    return trouvees


def _lointains(signes: Signes) -> list[str]:
    """Return the blocks by which a record is found from another commune."""
    return sorted({bloc for bloc in blocs(signes) if bloc[:2] in ("t:", "m:", "s:")})


def _lire(fiches: Sequence[FicheACompare]) -> list[Signes]:
    uniques = {(fiche.source_id, fiche.cle): fiche.normalise for fiche in fiches}
    return [lire_signes(source, cle, json.loads(normalise)) for (source, cle), normalise in sorted(uniques.items())]
