"""What is announced of a run: that it has ended, or that it waits for a person."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from socle.donnees import outbox
from socle.donnees.db import WriteSession

from annuaire.synchronisation import repository

TERMINEE: Final = "synchronisation.terminee"
RETENUE: Final = "synchronisation.retenue"
FINS: Final = frozenset({"appliquee", "rejetee", "echouee"})


async def annoncer(session: WriteSession, id: UUID, *, le: datetime) -> None:
    """Announce a run in the transaction that has just ended or held it; say nothing of any other state.

    A run that finds nothing to change writes nothing: it is not announced.
    """
    run = await repository.lire(session, id)
    if run is None or (run.etat not in FINS and run.etat != "retenue"):
        return
    plan: dict[str, int] = {nom: nombre for nom, nombre in (run.plan or {}).items() if nom != "etag"}
    if run.etat == "appliquee" and not any(nombre for nom, nombre in plan.items() if nom != "inchanges"):
        return
    charge = {
        "source": run.source_id, "synchronisation": str(id), "etat": run.etat, "mode": run.mode,
        "lignes": run.lignes, "plan": plan or None,
    }  # fmt: skip
    type = RETENUE if run.etat == "retenue" else TERMINEE
    await outbox.emettre(session, type, [(run.source_id, charge)], le=le)
