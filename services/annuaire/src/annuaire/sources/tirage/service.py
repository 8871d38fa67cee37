"""Use cases of the fetching of lists: set it, show it, stop it, ask for it now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from socle.acces.principal import Principal
from socle.donnees import audit, jobs
from socle.donnees.db import ReadSession, WriteSession
from socle.web.etags import etag_fort
from socle.web.sortant.adresses import Reglages, examiner
from socle.web.sortant.errors import MESSAGES, SortieRefusee

from annuaire.sources import repository as sources
from annuaire.sources.errors import SourceInconnue
from annuaire.sources.tirage import repository, rules
from annuaire.sources.tirage.acces_distant import autorisation
from annuaire.sources.tirage.errors import AdresseRefusee, SansTirage, TirageTropProche
from annuaire.sources.tirage.liens import telechargement
from annuaire.sources.tirage.schemas import TirageADefinir, TirageLu
from annuaire.sources.tirage.tables import Tirage

TIRER: Final = "source.tirer"
REPOS: Final = timedelta(minutes=1)
"""Between two fetches asked by hand: the server at the other end is somebody else's."""
PROMESSE: Final = timedelta(minutes=30)
"""How long a promised fetch is waited for before it is promised again."""
A_LA_FOIS: Final = 100


async def definir(
    session: WriteSession,
    *,
    source_id: str,
    demande: TirageADefinir,
    reglages: Reglages,
    secrets: Path,
    principal: Principal,
    le: datetime,
) -> tuple[TirageLu, bool]:
    """Set how a source is fetched; return it, and whether it is new. The first fetch comes at the next beat.

    Raises `SourceInconnue` (404), `AdresseRefusee` (422), `SecretInconnu` (422).
    """
    await _ouvrir(session, source_id, principal, verrou=True)
    lien = telechargement(demande.url)
    try:
        examiner(lien.url, reglages)
    except SortieRefusee as refus:
        raise AdresseRefusee(MESSAGES[refus.classe]) from None
    if demande.auth_ref is not None:
        autorisation(secrets, demande.auth_ref, lien.url)
    ancien = await repository.lire(session, source_id)
    valeurs: dict[str, Any] = {
        **demande.model_dump(),
        "version": ancien.version + 1 if ancien else 1,
        "prochain_le": rules.prochain(demande.cadence, le, echecs=0, hasard=0.0),
    }
    if ancien is None:
        await repository.inscrire(session, source_id, valeurs)
    else:
        oubli = {"etag": None, "modifie": None, "echecs": 0, "issue": None, "promis_le": None}
        await repository.remplacer(session, source_id, {**oubli, **valeurs})
    await sources.noter_run(session, source_id, degradee=False)
    audit.consigner(session, _acte(principal, "tirage.definir", source_id, le, valeurs["version"]))
    return await trouver(session, source_id=source_id, principal=principal), ancien is None


async def trouver(session: ReadSession, *, source_id: str, principal: Principal) -> TirageLu:
    """Return how a source is fetched. Raises `SourceInconnue`, `SansTirage` (404)."""
    await _ouvrir(session, source_id, principal)
    return lu(await _exiger(session, source_id))


async def arreter(session: WriteSession, *, source_id: str, principal: Principal, le: datetime) -> None:
    """Fetch a source no more; its places stay. Raises `SourceInconnue`, `SansTirage` (404)."""
    await _ouvrir(session, source_id, principal)
    if not await repository.effacer(session, source_id):
        raise SansTirage(f"La source « {source_id} » n'est pas tirée.")
    await sources.noter_run(session, source_id, degradee=False)
    audit.consigner(session, _acte(principal, "tirage.arreter", source_id, le, None))


async def demander(session: WriteSession, *, source_id: str, principal: Principal, le: datetime) -> TirageLu:
    """Promise a fetch at once; one that is promised already is not promised twice.

    Raises `SourceInconnue`, `SansTirage` (404), `TirageTropProche` (429).
    """
    await _ouvrir(session, source_id, principal, verrou=True)
    tirage = await _exiger(session, source_id)
    if tirage.promis_le is None or tirage.promis_le < le - PROMESSE:
        if tirage.essai_le is not None and tirage.essai_le > le - REPOS:
            raise TirageTropProche("Attendez une minute entre deux tirages.", entetes={"Retry-After": "60"})
        await _promettre(session, [(source_id, tirage.version)], le=le)
        audit.consigner(session, _acte(principal, "tirage.demander", source_id, le, None))
    return lu(await _exiger(session, source_id))


async def promettre_les_dus(session: WriteSession, *, le: datetime) -> int:
    """Promise the fetches whose time has come; return how many. One process at a time does it."""
    await session.seul("tirages")
    dus = await repository.dus(session, le, promis_avant=le - PROMESSE, limite=A_LA_FOIS)
    await _promettre(session, dus, le=le)
    return len(dus)


async def _ouvrir(session: ReadSession, source_id: str, principal: Principal, *, verrou: bool = False) -> None:
    """Raise `SourceInconnue` unless there is this source for this caller; `verrou` keeps other writers from it."""
    if not principal.peut(source_id) or await sources.lire(session, source_id, verrou=verrou) is None:
        raise SourceInconnue(f"Aucune source « {source_id} ».")


async def _promettre(session: WriteSession, dus: Sequence[tuple[str, int]], *, le: datetime) -> None:
    for source_id, version in dus:
        await repository.noter(session, source_id, version=version, promis_le=le)
        await jobs.promettre(session, TIRER, {"source": source_id, "version": version}, le=le)


async def _exiger(session: ReadSession, source_id: str) -> Tirage:
    tirage = await repository.lire(session, source_id)
    if tirage is None:
        raise SansTirage(f"La source « {source_id} » n'est pas tirée.")
    return tirage


def _acte(principal: Principal, action: str, source_id: str, le: datetime, version: int | None) -> audit.Acte:
    return audit.Acte(
        acteur=principal.sujet, action=action, objet=f"source:{source_id}", le=le, version_apres=version
    )  # fmt: skip


def etag(tirage: TirageLu) -> str:
    """Return the strong tag of what is shown: what was set, and what came of the last fetch."""
    essai = int(tirage.essai_le.timestamp() * 1000) if tirage.essai_le else 0
    return etag_fort(f"tirage-{tirage.source}-{tirage.version}-{essai}")


def lu(tirage: Tirage) -> TirageLu:
    """Show how a source is fetched."""
    lien = telechargement(tirage.url)
    messages: dict[str, str] = {**rules.ISSUES, **{str(classe): phrase for classe, phrase in MESSAGES.items()}}
    if tirage.echecs >= rules.ECHECS_AVANT_DEGRADEE:
        etat = "degradee"
    elif tirage.echecs:
        etat = "en_echec"
    else:
        etat = "a_jour" if tirage.succes_le else "a_venir"
    return TirageLu.model_validate(
        {
            **tirage.model_dump(exclude={"source_id", "etag", "modifie", "run_id", "promis_le"}),
            "source": tirage.source_id,
            "telechargement": lien.url,
            "outil": lien.outil,
            "etat": etat,
            "message": messages.get(tirage.issue) if tirage.issue else None,
            "synchronisation": tirage.run_id,
        }
    )
