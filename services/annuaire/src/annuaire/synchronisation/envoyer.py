"""A list is sent: laid on disk, then promised with its idempotency key in one transaction, or not kept at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from socle.acces.principal import Principal
from socle.donnees.db import Database
from socle.errors import Erreur
from socle.horloge import Horloge
from socle.identifiants import uuid7
from socle.web import idempotence
from socle.web.idempotence import ReponseGardee

from annuaire.synchronisation import reception, service


@dataclass(frozen=True, slots=True, kw_only=True)
class Envoi:
    """What the sender asks: `requete` is the path and the query, part of the fingerprint of the request."""

    source_id: str
    mode: str
    essai: bool
    cle: str
    requete: tuple[str, str]
    si_dernier: str | None
    correspondance: int | None = None
    principal: Principal


async def envoyer(
    base: Database,
    flux: AsyncIterator[bytes],
    entetes: Mapping[str, str],
    envoi: Envoi,
    *,
    dossier: Path,
    quota: int,
    horloge: Horloge,
) -> tuple[ReponseGardee, bool]:
    """Receive a list; return the answer, and whether it is the first one (a replay acts no more).

    Raises what `reception.recevoir`, `service.recevoir` and `idempotence` raise; nothing is then kept.
    """
    await asyncio.to_thread(reception.purger, dossier, maintenant=horloge().timestamp())
    id = uuid7()
    recu = await reception.recevoir(flux, entetes, id=id, dossier=dossier)
    depot = service.Depot(id=id, fichier=recu.fichier, type_mime=recu.type_mime, condense=recu.condense)
    empreinte = idempotence.empreinte_requete("POST", *envoi.requete, entetes.get("content-type", ""), recu.condense)
    premiere = False
    try:
        async with base.write() as session:
            reponse = await idempotence.chercher(session, envoi.principal.sujet, envoi.cle, empreinte)
            if reponse is None:
                run = await service.recevoir(
                    session,
                    depot=depot,
                    source_id=envoi.source_id,
                    mode=envoi.mode,
                    essai=envoi.essai,
                    si_dernier=envoi.si_dernier,
                    correspondance=envoi.correspondance,
                    principal=envoi.principal,
                    quota=quota,
                    le=horloge(),
                )
                reponse = ReponseGardee(
                    202,
                    {"Location": service.adresse(run.id), "Content-Type": "application/json"},
                    service.lue(run, {}).model_dump_json().encode(),
                )
                await idempotence.garder(session, envoi.principal.sujet, envoi.cle, empreinte, reponse, le=run.recue_le)
                premiere = True
    except Erreur:
        # refused before the commit: nothing refers to this file. Any other fault leaves it, the commit may have held
        (dossier / depot.fichier).unlink(missing_ok=True)
        raise
    if not premiere:
        (dossier / depot.fichier).unlink(missing_ok=True)
    return reponse, premiere
