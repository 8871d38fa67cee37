"""From a plan to the directory, in one transaction: records, places, structures, feed, events, audit, state of the run.

Killed anywhere before the commit, nothing happened; after it, everything did.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from socle.donnees import audit, feed, jobs
from socle.donnees.db import Database, WriteSession
from socle.horloge import Horloge

from annuaire.doublons.rapprocher import RAPPROCHER
from annuaire.lieux import repository as fiches
from annuaire.lieux import service as lieux
from annuaire.lieux.normalise import LieuNormalise
from annuaire.lieux.service import LOT, Enregistrement, Outils
from annuaire.sources import repository as sources
from annuaire.sources.correspondance import service as correspondances
from annuaire.sources.service import citer
from annuaire.sources.tables import Source
from annuaire.synchronisation import repository
from annuaire.synchronisation.annoncer import annoncer
from annuaire.synchronisation.rules import CREE, MODIFIE, REJETE, RENOMME, RESSUSCITE, SUPPRIME
from annuaire.synchronisation.tables import Synchronisation
from annuaire.synchronisation.version import condense_versionne


async def appliquer(base: Database, run_id: UUID, *, outils: Outils, horloge: Horloge) -> None:
    """Apply a run in the state `application`; do nothing in any other (it was applied already)."""
    debut = time.perf_counter()
    async with base.write() as session:
        run = await repository.lire(session, run_id)
        if run is None or run.etat != "application":
            return
        source = await sources.lire(session, run.source_id, verrou=True)
        if source is None:
            raise LookupError(f"La synchronisation {run_id} n'a plus de source.")
        le = horloge()
        if source.dernier_run != run.base:
            # someone synchronised meanwhile: this plan says nothing any more, make it again
            await repository.avancer(session, run_id, depuis=("application",), etat="recue")
            return
        await outils.situeur.suivre(session)
        await repository.garder_les_images(session, run_id, source.id)
        await _donner_les_cles(session, source.id, run_id)
        await lieux.enregistrer(
            session, _a_ecrire(session, run_id), source=citer(source), run_id=run_id, outils=outils, le=le
        )
        async for lot in repository.lots_du_plan(session, run_id, [SUPPRIME], lot=1000):
            await lieux.retirer(
                session, source.id, [p.cle for p in lot], [p.lieu_id for p in lot], outils=outils, le=le
            )
        await _noter_les_erreurs(session, source.id, run)
        await correspondances.appliquee(session, source, run.correspondance, par=run.client, le=le)
        avant = await _etat_de_la_source(session, source)
        fraiche = {} if run.retour_de else {"fraiche_le": run.recue_le}
        dit, apres = await _ce_que_dit_la_source(session, run, avant)
        await sources.noter_run(session, source.id, dernier_run=run_id, **fraiche, **dit)
        if outils.rapprocher:
            # what an undoing gave back bears the run that had first written it: the whole source is compared
            ecrits = {} if run.retour_de else {"run": str(run_id)}
            await jobs.promettre(session, RAPPROCHER, {**ecrits, "source": source.id}, le=le)
        audit.consigner(
            session,
            audit.Acte(
                acteur=run.client,
                action="synchronisation.appliquer",
                objet=f"synchronisation:{run_id}",
                le=le,
                motif=(run.confirmation or {}).get("motif"),
            ),
        )
        await session.flush()
        duree = {**run.duree_ms, "application": round((time.perf_counter() - debut) * 1000)}
        await repository.avancer(
            session,
            run_id,
            depuis=("application",),
            etat="appliquee",
            duree_ms=duree,
            finie_le=le,
            source_avant={**avant, "apres": apres},
        )
        await annoncer(session, run_id, le=le)
        session.dernier_geste(feed.RANG_NUMEROS + 1, _noter_le_numero(run_id))


async def _donner_les_cles(session: WriteSession, source_id: str, run_id: UUID) -> None:
    """Give the records renamed the keys under which they are then written."""
    async for lot in repository.lots_du_plan(session, run_id, [RENOMME], lot=LOT):
        await fiches.renommer_fiches(session, source_id, {p.ancienne_cle: p.cle for p in lot if p.ancienne_cle})


async def _etat_de_la_source(session: WriteSession, source: Source) -> dict[str, Any]:
    """Return what a source says of its last list, and `etat`: the run in force, undone ones left out."""
    dernier = await repository.lire(session, source.dernier_run) if source.dernier_run else None
    dite: dict[str, Any] = (dernier.source_avant if dernier else None) or {}
    return {
        "dernier_condense": source.dernier_condense,
        "dernieres_lignes": source.dernieres_lignes,
        "etat": dite.get("apres") or (str(source.dernier_run) if source.dernier_run else None),
    }


async def _ce_que_dit_la_source(
    session: WriteSession, run: Synchronisation, avant: dict[str, Any]
) -> tuple[dict[str, Any], str | None]:
    """Return what a source says of its last list once a run is applied, and the run whose effect is then in force.

    Undoing the run in force gives back what was said before it; the list before is then the one in force, unless
    records were left aside.
    """
    if run.mode == "complet":
        lignes: dict[str, Any] = run.lignes or {}
        condense = condense_versionne(run.condense, run.correspondance)
        return {"dernier_condense": condense, "dernieres_lignes": lignes.get("lues")}, str(run.id)
    garde = {"dernier_condense": None, "dernieres_lignes": avant["dernieres_lignes"]}
    if run.retour_de is None:
        return garde, str(run.id)
    defaite = await repository.lire(session, run.retour_de)
    if defaite is None:
        raise LookupError(f"La synchronisation {run.id} défait un run inconnu.")
    await repository.rendre_les_images(session, run.id, defaite.id, run.source_id)
    if avant["etat"] != str(defaite.id):
        return garde, str(run.id)
    await repository.rendre_les_erreurs(session, defaite.id, run.source_id)
    dite: dict[str, Any] = defaite.source_avant or {}
    garde["dernieres_lignes"] = dite.get("dernieres_lignes")
    if await repository.codes_du_rapport(session, run.id):
        return garde, str(run.id)
    return {**garde, "dernier_condense": dite.get("dernier_condense")}, dite.get("etat")


def _noter_le_numero(run_id: UUID) -> Any:
    async def noter(session: WriteSession) -> None:
        numero = session.info.get("dernier_numero") or await feed.dernier_numero(session)
        await repository.avancer(session, run_id, depuis=("appliquee",), changement_numero=numero)

    return noter


async def _a_ecrire(session: WriteSession, run_id: UUID) -> AsyncIterator[Sequence[Enregistrement]]:
    async for lot in repository.lots_du_plan(session, run_id, [CREE, MODIFIE, RENOMME, RESSUSCITE], lot=LOT):
        # off the event loop, as what is made of them afterwards
        yield await asyncio.to_thread(list, map(_enregistrement, lot))


def _enregistrement(ligne: Any) -> Enregistrement:
    if ligne.normalise is None or ligne.brut is None or ligne.empreinte is None:
        raise ValueError(f"La ligne {ligne.rang} du plan est incomplète.")
    return Enregistrement(
        cle=ligne.cle,
        lieu_id=ligne.lieu_id,
        ligne=ligne.ligne or 0,
        brut=ligne.brut,
        normalise=ligne.normalise,
        empreinte=ligne.empreinte,
        origines=ligne.origines,
        fiche=LieuNormalise.de_dict(json.loads(ligne.normalise)),
    )


async def _noter_les_erreurs(session: WriteSession, source_id: str, run: Synchronisation) -> None:
    """Keep on each known record why its latest row was rejected, when that is news; forget what is mended."""
    gueries = set(await fiches.cles_en_erreur(session, source_id)) if run.mode == "complet" else set()
    async for lot in repository.lots_du_plan(session, run.id, [REJETE], lot=500):
        gueries -= {p.cle for p in lot}
        # by line: a list exported from the directory bears public ids, which are not the keys of the records
        par_ligne = await repository.premieres_erreurs(session, run.id, [p.ligne for p in lot if p.ligne is not None])
        erreurs = {p.cle: par_ligne[p.ligne] for p in lot if p.ligne is not None and p.ligne in par_ligne}
        connues = await fiches.fiches(session, source_id, erreurs)
        nouvelles = {c: e for c, e in erreurs.items() if c in connues and connues[c].derniere_erreur != e}
        await fiches.noter_erreurs(session, source_id, nouvelles)
    await fiches.noter_erreurs(session, source_id, dict.fromkeys(gueries))
