"""Where the launcher puts things: ports, folder, environment and command line of each process."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HOTE = "127.0.0.1"
PORT_DEFAUT = 8000
NON = ("non", "no", "false", "0", "off")
DELAI_ARRET = 10
"""Seconds that uvicorn leaves to requests in flight; without a value it waits for ever."""


class ReglageInvalide(Exception):
    """A setting of the environment cannot be used; the message says which and what to write."""


@dataclass(frozen=True, slots=True)
class Service:
    """One process: its name, its port, the application factory that uvicorn calls."""

    nom: str
    port: int

    @property
    def adresse(self) -> str:
        """Address on the loopback interface."""
        return f"http://{HOTE}:{self.port}"

    @property
    def commande(self) -> tuple[str, ...]:
        """Command line of the process."""
        return (
            sys.executable, "-m", "uvicorn", "--factory", f"{self.nom}.app:create_app_depuis_environnement",
            "--host", HOTE, "--port", str(self.port),
            "--timeout-graceful-shutdown", str(DELAI_ARRET),
            # The gateway keeps its connections 15 s: the side that serves must keep them longer.
            "--timeout-keep-alive", "75",
            # Nobody here speaks WebSocket: the request is then answered as any other.
            "--ws", "none",
            *(("--http", "gateway.serveur:Protocole") if self.nom == "gateway" else ()),
            "--no-access-log", "--no-server-header", "--log-level", "warning",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reglages:
    """Settings of one launch. `donnees` is absolute; `services` starts with the gateway."""

    port: int
    donnees: Path
    demonstration: bool
    exterieur: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def lire(cls, environnement: Mapping[str, str]) -> Reglages:
        """Read `PORT`, `MAILLAGE_DONNEES` and `MAILLAGE_DEMONSTRATION`.

        Raises `ReglageInvalide` when the port is not a number that leaves room for the three next ones.
        """
        texte = environnement.get("PORT") or str(PORT_DEFAUT)
        if not (texte.isascii() and texte.isdecimal() and 1 <= int(texte) <= 65_532):
            raise ReglageInvalide(f"PORT vaut « {texte} » : il faut un nombre entre 1 et 65532.")
        return cls(
            port=int(texte),
            donnees=Path(environnement.get("MAILLAGE_DONNEES") or "var").absolute(),
            demonstration=environnement.get("MAILLAGE_DEMONSTRATION", "oui").lower() not in NON,
            exterieur=dict(environnement),
        )

    @property
    def services(self) -> tuple[Service, ...]:
        """The four processes, on four ports that follow one another."""
        noms = ("gateway", "annuaire", "coordination", "financement")
        return tuple(Service(nom, self.port + rang) for rang, nom in enumerate(noms))

    @property
    def passerelle(self) -> Service:
        """The only process that the outside talks to."""
        return self.services[0]

    @property
    def environnement(self) -> dict[str, str]:
        """Environment of every process: what the operator set wins, the launcher fills the rest."""
        ajouts = {"MAILLAGE_URL_PUBLIQUE": self.passerelle.adresse, "PYTHONUNBUFFERED": "1"}
        ajouts["MAILLAGE_DEMONSTRATION"] = "oui" if self.demonstration else "non"
        for service in self.services:
            ajouts[f"{service.nom.upper()}_BASE_URL"] = f"sqlite:{self.donnees / service.nom}.db"
            if service is not self.passerelle:
                ajouts[f"GATEWAY_AMONT_{service.nom.upper()}"] = service.adresse
        return {
            **ajouts,
            **self.exterieur,
            "MAILLAGE_DONNEES": str(self.donnees),
            "MAILLAGE_DEMONSTRATION": "true" if self.demonstration else "false",
        }


def depuis_environnement() -> Reglages:
    """Read the settings of this process."""
    return Reglages.lire(os.environ)
