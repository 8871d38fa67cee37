"""A list is fetched: asked with what is known of it, recognised, laid on disk, then received as if it had been sent.

Whatever fails, nothing of the directory changes: a list that cannot be read says nothing of the places that it held.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from socle.acces.principal import Principal
from socle.donnees import outbox
from socle.donnees.db import Database, ReadSession
from socle.errors import Erreur
from socle.horloge import Horloge, rfc3339
from socle.identifiants import uuid7
from socle.web.sortant.attente import attente_demandee
from socle.web.sortant.client import Reponse, Sortie
from socle.web.sortant.errors import SortieRefusee

from annuaire.sources import repository as sources
from annuaire.sources.tirage import repository, rules
from annuaire.sources.tirage.acces_distant import autorisation
from annuaire.sources.tirage.errors import SecretInconnu
from annuaire.sources.tirage.formats import DEBUT, Indices, reconnaitre
from annuaire.sources.tirage.liens import Lien, telechargement
from annuaire.sources.tirage.rules import Echec
from annuaire.sources.tirage.tables import Tirage
from annuaire.synchronisation import reception
from annuaire.synchronisation import repository as runs
from annuaire.synchronisation import service as synchronisations
from annuaire.synchronisation.errors import SynchronisationEnCours, TropDeSynchronisations, TypeDeListeRefuse
from annuaire.synchronisation.lecteurs.errors import FichierRefuse

DEGRADEE: Final = "source.degradee"
ACCEPTES: Final = "text/csv, application/json;q=0.9, application/geo+json;q=0.9, application/x-ndjson;q=0.9, */*;q=0.5"

journal = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tireur:
    """What a fetch needs and that lives as long as the process."""

    base: Database
    sortie: Sortie
    depots: Path
    secrets: Path
    quota: int
    horloge: Horloge
    hasard: Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recolte:
    """A list on disk, and what its server says of it; `depot` is `None` when it has not changed."""

    depot: synchronisations.Depot | None = None
    validateurs: dict[str, str | None] = field(default_factory=dict)


async def tirer(charge: dict[str, Any], *, tireur: Tireur) -> None:
    """Fetch the list of a source, once; safe to do twice. A source set anew since the promise is left alone."""
    async with tireur.base.read() as session:
        tirage = await repository.lire(session, charge["source"])
        if tirage is None or tirage.version != charge["version"]:
            return
        validateurs = await _validateurs(session, tirage)
    try:
        recolte = await _chercher(tirage, validateurs, tireur)
    except (Echec, SortieRefusee) as echec:
        issue = echec.issue if isinstance(echec, Echec) else echec.classe
        await _noter_un_echec(tirage, issue, tireur, echec.revenir if isinstance(echec, Echec) else None)
        return
    if recolte.depot is None:
        await _noter_inchange(tirage, tireur)
        return
    try:
        await _recevoir(tirage, recolte, recolte.depot, tireur)
    except (SynchronisationEnCours, TropDeSynchronisations):
        (tireur.depots / recolte.depot.fichier).unlink(missing_ok=True)
        await _attendre(tirage, tireur)


async def _validateurs(session: ReadSession, tirage: Tirage) -> dict[str, str]:
    """Return the conditions of the request: none unless the list that they speak of is the one in force.

    A list that was held, given up, or replaced by another must be fetched again even though it has not changed.
    """
    run = await runs.lire(session, tirage.run_id) if tirage.run_id else None
    source = await sources.lire(session, tirage.source_id)
    if run is None or source is None:
        return {}
    en_vigueur = run.id if run.etat == "appliquee" else run.base if run.etat == "inchange" else None
    if en_vigueur is None or source.dernier_run != en_vigueur:
        return {}
    conditions = {"if-none-match": tirage.etag, "if-modified-since": tirage.modifie}
    return {nom: valeur for nom, valeur in conditions.items() if valeur}


async def _chercher(tirage: Tirage, validateurs: dict[str, str], tireur: Tireur) -> _Recolte:
    """Ask for the list and lay it on disk. Raises `Echec`, `SortieRefusee`."""
    lien = telechargement(tirage.url)
    try:
        secrets = autorisation(tireur.secrets, tirage.auth_ref, lien.url) if tirage.auth_ref else {}
    except SecretInconnu:
        raise Echec("secret-absent") from None
    entetes = {"accept": ACCEPTES, **validateurs}
    async with tireur.sortie.demander("GET", lien.url, entetes=entetes, secrets=secrets) as recue:
        try:
            if not rules.juger(recue.statut, conditionnel=bool(validateurs)):
                return _Recolte()
        except Echec as echec:
            raise Echec(
                echec.issue, revenir=attente_demandee(recue.entetes.get("retry-after"), tireur.horloge())
            ) from None
        return await _deposer(recue, tirage, lien, tireur)


async def _deposer(recue: Reponse, tirage: Tirage, lien: Lien, tireur: Tireur) -> _Recolte:
    debut, suite = await _regarder(recue.morceaux)
    indices = Indices(
        declare=recue.entetes.get("content-type", ""),
        chemin=urlsplit(lien.url).path,
        format=tirage.format or lien.format,
    )
    type_mime = reconnaitre(debut, indices)
    await asyncio.to_thread(reception.purger, tireur.depots, maintenant=tireur.horloge().timestamp())
    id = uuid7()
    try:
        recu = await reception.recevoir(suite, {"content-type": type_mime}, id=id, dossier=tireur.depots)
    except (FichierRefuse, TypeDeListeRefuse):
        raise Echec("liste-refusee") from None
    return _Recolte(
        depot=synchronisations.Depot(
            id=id, fichier=recu.fichier, type_mime=recu.type_mime, condense=recu.condense
        ),
        validateurs={
            nom: valeur if valeur and len(valeur) <= 200 and valeur.isascii() and valeur.isprintable() else None
            for nom, valeur in (
                ("etag", recue.entetes.get("etag")), ("modifie", recue.entetes.get("last-modified")),
            )
        },
    )  # fmt: skip


async def _regarder(morceaux: AsyncIterator[bytes]) -> tuple[bytes, AsyncIterator[bytes]]:
    """Read the first bytes of a body that are not blank, and give it back whole."""
    lus = b""
    async for morceau in morceaux:
        lus += morceau
        if len(lus.lstrip()) >= DEBUT:
            break

    async def tout() -> AsyncIterator[bytes]:
        yield lus
        async for morceau in morceaux:
            yield morceau

    return lus.lstrip()[:DEBUT], tout()


async def _recevoir(tirage: Tirage, recolte: _Recolte, depot: synchronisations.Depot, tireur: Tireur) -> None:
    """Promise the run of a list and note the fetch, in one transaction."""
    le = tireur.horloge()
    expediteur = Principal(f"tirage:{tirage.source_id}", nom="tirage", portees=frozenset({"sync:write"}))
    try:
        async with tireur.base.write() as session:
            run = await synchronisations.recevoir(
                session,
                depot=depot,
                source_id=tirage.source_id,
                mode=tirage.mode,
                essai=False,
                si_dernier=None,
                principal=expediteur,
                quota=tireur.quota,
                le=le,
            )
            issue = rules.INCHANGE if run.etat == "inchange" else rules.RECU
            notee = await repository.noter(
                session,
                tirage.source_id,
                version=tirage.version,
                run_id=run.id,
                **recolte.validateurs,
                **_reussi(tirage, issue, le),
            )
            if not notee:
                raise _Repris
            await sources.noter_run(session, tirage.source_id, degradee=False)
    except _Repris:
        (tireur.depots / depot.fichier).unlink(missing_ok=True)
    except Erreur:
        # refused before the commit: nothing refers to this file
        (tireur.depots / depot.fichier).unlink(missing_ok=True)
        raise


class _Repris(Exception):
    """The source was set anew, or stopped, while its list came: nothing of this fetch is kept."""


def _reussi(tirage: Tirage, issue: str, le: datetime) -> dict[str, Any]:
    return {
        "issue": issue, "echecs": 0, "essai_le": le, "succes_le": le, "promis_le": None,
        "prochain_le": rules.prochain(tirage.cadence, le, echecs=0, hasard=0.0),
    }  # fmt: skip


async def _noter_inchange(tirage: Tirage, tireur: Tireur) -> None:
    le = tireur.horloge()
    async with tireur.base.write() as session:
        await repository.noter(session, tirage.source_id, version=tirage.version, **_reussi(tirage, rules.INCHANGE, le))
        await sources.noter_run(session, tirage.source_id, degradee=False, fraiche_le=le)


async def _attendre(tirage: Tirage, tireur: Tireur) -> None:
    """The source is busy, which is no fault of its server: come back at the next beat."""
    le = tireur.horloge()
    async with tireur.base.write() as session:
        await repository.noter(
            session, tirage.source_id, version=tirage.version, issue=rules.ATTENTE, essai_le=le, promis_le=None,
            prochain_le=rules.prochain(tirage.cadence, le, echecs=0, hasard=0.0),
        )  # fmt: skip


async def _noter_un_echec(tirage: Tirage, issue: str, tireur: Tireur, revenir: Any) -> None:
    le = tireur.horloge()
    echecs = tirage.echecs + 1
    journal.info("tirage.echoue", source=tirage.source_id, issue=issue, echecs=echecs)
    async with tireur.base.write() as session:
        notee = await repository.noter(
            session,
            tirage.source_id,
            version=tirage.version,
            issue=issue,
            echecs=echecs,
            essai_le=le,
            promis_le=None,
            prochain_le=rules.prochain(
                tirage.cadence, le, echecs=echecs, hasard=tireur.hasard(), revenir=revenir
            ),
        )  # fmt: skip
        if notee and echecs == rules.ECHECS_AVANT_DEGRADEE:
            await sources.noter_run(session, tirage.source_id, degradee=True)
            depuis = rfc3339(tirage.succes_le) if tirage.succes_le else None
            charge = {"source": tirage.source_id, "issue": issue, "echecs": echecs, "dernier_succes": depuis}
            await outbox.emettre(session, DEGRADEE, [(tirage.source_id, charge)], le=le)
