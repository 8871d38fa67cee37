"""Commands that open the database: they refuse while a running annuaire holds it."""

from __future__ import annotations

from socle.donnees import feed
from socle.donnees.db import Database
from socle.donnees.migrations import migrer as appliquer
from socle.horloge import maintenant
from socle.settings import SocleSettings

from annuaire.migrations import DOSSIER
from annuaire.settings import AnnuaireSettings


async def migrer(socle: SocleSettings, settings: AnnuaireSettings) -> None:
    """Bring annuaire's database up to date; raises `BaseDejaTenue` when another process writes to it."""
    base = Database(settings.url(socle))
    try:
        base.prendre_propriete()
        await appliquer(base, DOSSIER)
    finally:
        await base.fermer()


async def declarer_restauration(socle: SocleSettings, settings: AnnuaireSettings, *, au_moins: int) -> int:
    """Open a new epoch of the feed after a backup was restored, and return it.

    Readers whose cursor lies beyond the backup are then told to start again (410). `au_moins` is the highest epoch
    ever shown, when a still older backup is restored. Raises `BaseDejaTenue` when another process writes to the base.
    """
    base = Database(settings.url(socle))
    try:
        base.prendre_propriete()
        async with base.write() as session:
            return await feed.ouvrir_epoque(session, le=maintenant(), au_moins=au_moins)
    finally:
        await base.fermer()
