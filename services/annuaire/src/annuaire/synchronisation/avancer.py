"""The job that carries a run from what it is to where it must stop: held, planned for a person, or finished."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from socle.donnees.db import Database
from socle.horloge import Horloge
from socle.patience import menager

from annuaire.lieux.service import Outils
from annuaire.synchronisation import repository
from annuaire.synchronisation.annoncer import annoncer
from annuaire.synchronisation.appliquer import appliquer
from annuaire.synchronisation.planifier import planifier
from annuaire.synchronisation.revenir import RETOUR, preparer


async def avancer(base: Database, charge: dict[str, Any], *, outils: Outils, dossier: Path, horloge: Horloge) -> None:
    """Carry on a run; safe to do twice, since each step looks at the state it starts from."""
    run_id = UUID(charge["run"])
    with menager():
        while True:
            async with base.read() as session:
                run = await repository.lire(session, run_id)
            if run is None or run.etat not in ("recue", "application"):
                return
            if run.etat == "recue" and run.mode == RETOUR:
                await preparer(base, run_id)
            elif run.etat == "recue":
                await planifier(base, run_id, dossier=dossier, horloge=horloge)
            else:
                await appliquer(base, run_id, outils=outils, horloge=horloge)


async def abandonner(base: Database, charge: dict[str, Any], erreur: str, *, horloge: Horloge) -> None:
    """End a run whose job failed for good, so that its source is free again."""
    async with base.write() as session:
        await repository.avancer(
            session,
            UUID(charge["run"]),
            depuis=("recue", "application"),
            etat="echouee",
            erreur={"title": "La synchronisation a échoué", "status": 500, "detail": erreur},
            finie_le=horloge(),
        )
        await annoncer(session, UUID(charge["run"]), le=horloge())
