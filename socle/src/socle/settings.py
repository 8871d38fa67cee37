"""Settings of a process, read from the environment once, by the composition root."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class SocleSettings(BaseSettings):
    """What every process needs. A service adds its own fields and an environment prefix.

    `donnees` holds everything that the machine writes (databases, uploads, secrets); `url_publique` is the only
    source of absolute links (never the `Host` header). Outside addresses are called over https on `sorties_ports`;
    `sorties_locales` are origins of this machine (`http://127.0.0.1:9000`) that development may call too.
    """

    model_config = SettingsConfigDict(env_prefix="MAILLAGE_", extra="ignore", frozen=True)

    donnees: Path = Path("var")
    url_publique: str = "http://127.0.0.1:8000"
    hotes: tuple[str, ...] = ("127.0.0.1", "localhost")
    jeux: Path | None = None
    sorties_ports: frozenset[int] = frozenset({443})
    sorties_locales: frozenset[str] = frozenset()
    courriels: str = ""
    """How mail goes: `smtp://…` or `smtps://…`; nothing leaves files in `donnees/courriels`."""
    expediteur: str = "annuaire@maillage.invalid"

    @property
    def secrets(self) -> Path:
        """Folder of the generated secrets (mode 600)."""
        return self.donnees / "secrets"
