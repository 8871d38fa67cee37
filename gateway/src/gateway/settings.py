"""Settings of the gateway, read from the environment once."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from socle.settings import SocleSettings


def _oui_non(valeur: object) -> object:
    return {"oui": True, "non": False}.get(valeur, valeur) if isinstance(valeur, str) else valeur


class GatewaySettings(BaseSettings):
    """What the gateway alone needs.

    `base_url` is its database, by default a SQLite file in the data folder. `amont_…` are the addresses of the
    services. `quotas_facteur` multiplies every quota, 0 lifts them. `cache_secondes` bounds how long a public answer
    may be served again without asking: 0, always ask.
    """

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", extra="ignore", frozen=True, populate_by_name=True)

    base_url: str = ""
    amont_annuaire: str = "http://127.0.0.1:8001"
    amont_coordination: str = "http://127.0.0.1:8002"
    amont_financement: str = "http://127.0.0.1:8003"
    cache_url: str = "memoire:"
    cache_secondes: Annotated[float, Field(ge=0, le=60)] = 0.0
    quotas_url: str = "memoire:"
    quotas_facteur: Annotated[float, Field(ge=0)] = 1.0
    environnement: Annotated[str, Field(pattern=r"^[a-z0-9]{1,16}$")] = "local"
    demonstration: Annotated[bool, BeforeValidator(_oui_non), Field(validation_alias="MAILLAGE_DEMONSTRATION")] = False

    def url(self, socle: SocleSettings) -> str:
        """Return the URL of the database."""
        return self.base_url or f"sqlite:{socle.donnees / 'gateway.db'}"

    @property
    def amonts(self) -> dict[str, str]:
        """Return the address of each service."""
        return {
            "annuaire": self.amont_annuaire,
            "coordination": self.amont_coordination,
            "financement": self.amont_financement,
        }

    @property
    def facteur(self) -> float:
        """Return the factor of the quotas: wide in the demonstration, unless it was set."""
        if self.demonstration and "quotas_facteur" not in self.model_fields_set:
            return 1000.0
        return self.quotas_facteur
