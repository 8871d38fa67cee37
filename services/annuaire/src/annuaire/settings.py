"""Settings of annuaire, read from the environment once."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict
from socle.settings import SocleSettings


class AnnuaireSettings(BaseSettings):
    """What annuaire alone needs. `base_url` is the database; by default a SQLite file in the data folder."""

    model_config = SettingsConfigDict(env_prefix="ANNUAIRE_", extra="ignore", frozen=True)

    base_url: str = ""
    collectivites: bool = True
    """Whether communes and EPCI are structures from the start."""
    recherche_url: str = "embarque:"
    """Who answers searches: `embarque:`, or the address of a Meilisearch (`http://127.0.0.1:7700`)."""
    recherche_cle: str = ""
    """Master key of Meilisearch, with which the keys of the service are made."""
    rapprochement: bool = True
    """Whether records of several sources that are surely one place are joined after each list."""
    runs_par_heure: int = 12
    """Quota of runs of one source; dry runs are not counted."""

    def url(self, socle: SocleSettings) -> str:
        """Return the URL of the database."""
        return self.base_url or f"sqlite:{socle.donnees / 'annuaire.db'}"

    @staticmethod
    def index(socle: SocleSettings) -> Path:
        """Return the folder of the embedded search index."""
        return socle.donnees / "annuaire" / "recherche"

    @staticmethod
    def depots(socle: SocleSettings) -> Path:
        """Return the folder of the lists received."""
        return socle.donnees / "annuaire" / "depots"
