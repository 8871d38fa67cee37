"""Use cases of the correspondences of a source: keep a version, put one in force, show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from socle.acces.principal import Principal
from socle.donnees import audit
from socle.donnees.db import ReadSession, WriteSession
from socle.identifiants import empreinte
from socle.web.etags import etag_fort, exiger_if_match

from annuaire.correspondances.document import lire_correspondance
from annuaire.sources import repository as sources
from annuaire.sources.correspondance import repository
from annuaire.sources.correspondance.errors import CorrespondanceInconnue
from annuaire.sources.correspondance.schemas import VersionLue
from annuaire.sources.correspondance.tables import VersionDeCorrespondance
from annuaire.sources.errors import SourceInconnue
from annuaire.sources.tables import Source


async def garder(
    session: WriteSession, *, source_id: str, document: dict[str, Any], principal: Principal, le: datetime
) -> VersionLue:
    """Keep a version without putting it in force; the same document gives the version it already has.

    Raises `SourceInconnue` (404), `CorrespondanceInvalide` (422).
    """
    source = await _source(session, source_id, principal, verrou=True)
    return lue(await _garder(session, source, document, principal, le), source)


async def mettre_en_vigueur(
    session: WriteSession,
    *,
    source_id: str,
    document: dict[str, Any],
    si_version: str | None,
    principal: Principal,
    le: datetime,
) -> VersionLue:
    """Keep a version and let it read the next lists of its source.

    A source that has a correspondence asks for its tag. Raises `SourceInconnue` (404), `CorrespondanceInvalide` (422),
    `PreconditionRequise` (428), `PreconditionFausse` (412).
    """
    source = await _source(session, source_id, principal, verrou=True)
    if source.correspondance is not None or si_version is not None:
        exiger_if_match(si_version, etag(source_id, source.correspondance))
    version = await _garder(session, source, document, principal, le)
    if version.version != source.correspondance:
        await sources.noter_run(session, source_id, correspondance=version.version)
        _consigner(session, source_id, version.version, principal.sujet, le)
    return VersionLue(**{**lue(version, source).model_dump(), "en_vigueur": True})


async def appliquee(session: WriteSession, source: Source, version: int | None, *, par: str, le: datetime) -> None:
    """Put in force the version that read a list, now that the list is applied."""
    if version is not None and version != source.correspondance:
        await sources.noter_run(session, source.id, correspondance=version)
        _consigner(session, source.id, version, par, le)


async def choisir(session: ReadSession, source: Source, voulue: int | None) -> int | None:
    """Return the version that reads a list: the one asked, else the one in force. Raises `CorrespondanceInconnue`."""
    if voulue is None:
        return source.correspondance
    if await repository.lire(session, source.id, voulue) is None:
        raise CorrespondanceInconnue(f"La source « {source.id} » n'a pas de version {voulue} de sa correspondance.")
    return voulue


async def en_vigueur(session: ReadSession, *, source_id: str, principal: Principal) -> VersionLue:
    """Return the version in force. Raises `SourceInconnue`, `CorrespondanceInconnue` (404)."""
    source = await _source(session, source_id, principal)
    version = await repository.lire(session, source_id, source.correspondance) if source.correspondance else None
    if version is None:
        raise CorrespondanceInconnue(
            f"La source « {source_id} » n'a pas de correspondance : ses listes se lisent au standard."
        )
    return lue(version, source)


async def lister(
    session: ReadSession, *, source_id: str, principal: Principal, avant: int | None, limite: int
) -> Sequence[VersionLue]:
    """Return the versions of a source, latest first. Raises `SourceInconnue`."""
    source = await _source(session, source_id, principal)
    return [lue(v, source) for v in await repository.page(session, source_id, avant=avant, limite=limite)]


async def _source(session: ReadSession, source_id: str, principal: Principal, *, verrou: bool = False) -> Source:
    source = await sources.lire(session, source_id, verrou=verrou) if principal.peut(source_id) else None
    if source is None:
        raise SourceInconnue(f"Aucune source « {source_id} ».")
    return source


async def _garder(
    session: WriteSession, source: Source, document: dict[str, Any], principal: Principal, le: datetime
) -> VersionDeCorrespondance:
    lire_correspondance(document)
    marque = empreinte(document)
    connue = await repository.retrouver(session, source.id, marque)
    if connue is not None:
        return connue
    version = VersionDeCorrespondance(
        source_id=source.id,
        version=await repository.derniere(session, source.id) + 1,
        document=document,
        empreinte=marque,
        par=principal.sujet,
        le=le,
    )
    await repository.inscrire(session, version)
    return version


def _consigner(session: WriteSession, source_id: str, version: int, par: str, le: datetime) -> None:
    audit.consigner(
        session,
        audit.Acte(
            acteur=par, action="source.correspondance", objet=f"source:{source_id}", le=le, version_apres=version
        ),
    )


def etag(source_id: str, version: int | None) -> str:
    """Return the strong tag of what reads the lists of a source."""
    return etag_fort(f"{source_id}-c{version or 0}")


def lue(version: VersionDeCorrespondance, source: Source) -> VersionLue:
    """Show a version."""
    return VersionLue(
        source=version.source_id,
        version=version.version,
        en_vigueur=version.version == source.correspondance,
        document=version.document,
        par=version.par,
        le=version.le,
    )
