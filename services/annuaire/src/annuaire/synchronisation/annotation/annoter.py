"""From a run to the sender's own list, annotated: the file received is read again, joined with what is known of it.

Nothing is held between two batches, neither a connection to the database nor more than a few hundred rows.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from socle.acces.principal import Principal
from socle.donnees.db import Database
from socle.horloge import Horloge
from socle.web.cloisons import Cloison

from annuaire.exports.service import Copie
from annuaire.sources import repository as sources
from annuaire.sources.errors import SourceInconnue
from annuaire.synchronisation import repository, service
from annuaire.synchronisation.annotation import mise_en_page
from annuaire.synchronisation.annotation.classeur import Classeur, Teinte
from annuaire.synchronisation.annotation.relecture import AJOUTEES, COLONNES, RANGEES
from annuaire.synchronisation.bac_a_sable import depouiller
from annuaire.synchronisation.errors import FichierAbsent, FichierPurge, RapportEnPreparation
from annuaire.synchronisation.lecteurs import Reglages
from annuaire.synchronisation.lecteurs.entetes import LEGENDE
from annuaire.synchronisation.planifier import regler
from annuaire.synchronisation.schemas import LigneRapportLue
from annuaire.synchronisation.tables import Synchronisation

LOT: Final = 500
OCTETS_LOT: Final = 1024 * 1024
"""A batch ends with the row that reaches either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A list to give back: its file, how it is read, and the run whose report speaks of it."""

    run: Synchronisation
    rapport: UUID
    devine: dict[str, Any] | None
    chemin: Path
    dossier: Path
    reglages: Reglages
    parametres: dict[str, Any]


async def preparer(base: Database, *, id: UUID, principal: Principal, dossier: Path, horloge: Horloge) -> Annotation:
    """Find what is needed to annotate the list of a run.

    Raises `Introuvable`, `FichierAbsent` (404), `FichierPurge` (410), `RapportEnPreparation` (409).
    """
    async with base.read() as session:
        run = await service.trouver(session, id=id, principal=principal)
        source = await sources.lire(session, run.source_id)
        if source is None:
            raise SourceInconnue(f"Aucune source « {run.source_id} ».")
        # the same list sent again has no report of its own: it is that of the run which read it
        lu = await repository.lire(session, run.base) if run.etat == "inchange" and run.base else run
    if run.fichier is None:
        raise FichierAbsent("Cette synchronisation en défait une autre : aucun fichier ne l'accompagnait.")
    if run.etat == "recue":
        raise RapportEnPreparation("Revenez quand la liste aura été lue.", entetes={"Retry-After": "1"})
    chemin = dossier / run.fichier
    if not await asyncio.to_thread(chemin.is_file):
        raise FichierPurge("Un fichier reçu n'est gardé que 30 jours : envoyez la liste de nouveau.")
    reglages, parametres = await regler(base, run, source, horloge)
    return Annotation(
        run=run,
        rapport=lu.id if lu else run.id,
        devine=lu.devine if lu else None,
        chemin=chemin,
        dossier=dossier,
        reglages=reglages,
        parametres=parametres,
    )


async def copier(base: Database, cloison: Cloison, annotation: Annotation) -> Copie:
    """Read the file once for its columns, then write the workbook as its rows are read again.

    Raises `FichierRefuse` when the file cannot be read, `CloisonPleine` (503) when too many exports are under way.
    """
    async with AsyncExitStack() as pile:
        await pile.enter_async_context(cloison.place())
        colonnes = await _colonnes(annotation)
        morceaux = await pile.enter_async_context(aclosing(_ecrire(base, annotation, colonnes)))
        return Copie(annotation.run.changement_numero or 0, morceaux, pile.pop_all().aclose)


async def _colonnes(annotation: Annotation) -> list[str]:
    async with aclosing(_relire(annotation, COLONNES)) as objets:
        return [objet["colonne"] async for objet in objets if "colonne" in objet]


def _relire(annotation: Annotation, traitement: str) -> AsyncGenerator[dict[str, Any], None]:
    return depouiller(
        annotation.chemin,
        annotation.run.type_mime,
        traitement=traitement,
        dossier=annotation.dossier,
        reglages=annotation.reglages,
        parametres=annotation.parametres,
    )


async def _ecrire(base: Database, annotation: Annotation, colonnes: list[str]) -> AsyncGenerator[bytes, None]:
    places = mise_en_page.colonnes_des_champs(colonnes, annotation.parametres.get("correspondance"))
    rangs = mise_en_page.ranger(annotation.devine)
    classeur = Classeur([mise_en_page.nommer_la_feuille(annotation.devine), LEGENDE])
    classeur.ouvrir(mise_en_page.largeurs(colonnes), figees=rangs.entetes)
    classeur.ligne(rangs.entetes, [(nom, Teinte.TITRE) for nom in (*colonnes, *AJOUTEES)])

    def ecrire(objets: list[dict[str, Any]], ids: list[str | None], dits: dict[int, list[LigneRapportLue]]) -> bytes:
        for objet, id in zip(objets, ids, strict=True):
            cellules = mise_en_page.annoter(
                json.loads(objet["valeurs"]), dits.get(objet["ligne"], ()), id, colonnes=colonnes, places=places
            )
            classeur.ligne(rangs.suivant(objet["ligne"]), cellules)
        return classeur.prendre()

    async for lot in _lots(annotation):
        dits = await _problemes(base, annotation.rapport, [objet["ligne"] for objet in lot])
        ids = await _ids(base, annotation.run.source_id, lot, dits)
        # off the event loop: formatting and deflating are all processor
        if octets := await asyncio.to_thread(ecrire, lot, ids, dits):
            yield octets
    classeur.fermer()
    classeur.ouvrir(mise_en_page.LARGEUR_LEGENDE)
    for numero, ligne in enumerate(mise_en_page.legende(), 1):
        classeur.ligne(numero, ligne)
    classeur.fermer()
    classeur.clore()
    yield classeur.prendre()


async def _lots(annotation: Annotation) -> AsyncGenerator[list[dict[str, Any]], None]:
    lot: list[dict[str, Any]] = []
    octets = 0
    async with aclosing(_relire(annotation, RANGEES)) as objets:
        async for objet in objets:
            if "valeurs" not in objet:
                continue
            lot.append(objet)
            octets += len(objet["valeurs"])
            if len(lot) >= LOT or octets >= OCTETS_LOT:
                yield lot
                lot, octets = [], 0
    if lot:
        yield lot


async def _problemes(base: Database, rapport: UUID, lignes: list[int]) -> dict[int, list[LigneRapportLue]]:
    """Return what the report says of each of these lines."""
    async with base.read() as session:
        trouvees = await repository.rapport_des_lignes(session, rapport, premiere=min(lignes), derniere=max(lignes))
    dits: dict[int, list[LigneRapportLue]] = {}
    for trouvee in trouvees:
        dits.setdefault(trouvee.ligne, []).append(service.ligne_lue(trouvee))
    return dits


async def _ids(
    base: Database, source_id: str, lot: list[dict[str, Any]], dits: dict[int, list[LigneRapportLue]]
) -> list[str | None]:
    """Return the public id of each row, found as a plan finds its record: its key, a public id, the id brought back."""
    ramenes = {id for objet in lot for id in (_uuid(objet["cle"]), _uuid(objet["id_maillage"])) if id is not None}
    async with base.read() as session:
        par_cle = await repository.lieux_des_cles(session, source_id, {o["cle"] for o in lot if o["cle"] is not None})
        siens = await repository.lieux_parmi(session, source_id, ramenes)

    def trouver(objet: dict[str, Any]) -> str | None:
        if any(dit.code in mise_en_page.SANS_ID for dit in dits.get(objet["ligne"], ())):
            return None
        ids: Iterable[UUID | None] = (
            par_cle.get(objet["cle"]),
            *(id for id in (_uuid(objet["cle"]), _uuid(objet["id_maillage"])) if id in siens),
        )
        return next((str(id) for id in ids if id is not None), None)

    return [trouver(objet) for objet in lot]


def _uuid(texte: str | None) -> UUID | None:
    """Read a public id as this service writes it; anything else is none."""
    try:
        lu = UUID(texte or "")
    except ValueError:
        return None
    return lu if str(lu) == texte else None
