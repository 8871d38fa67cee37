"""Commands that open the database: they refuse while a running annuaire holds it."""

from __future__ import annotations

from socle.donnees.db import Database
from socle.donnees.migrations import migrer as appliquer
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
