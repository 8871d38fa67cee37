"""Health: alive touches nothing, ready asks what the process cannot do without."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from socle.acces.politique import Ouvert
from socle.errors import Erreur
from socle.web.observabilite import masquer

Verification = Callable[[], Awaitable[str | None]]
"""Asks a dependency; returns a short detail to show or nothing, raises when it fails."""

DELAI = 0.2
FRAICHEUR = 1.0


class Vivant(BaseModel):
    """Le processus tourne."""

    statut: Literal["vivant"]


class Pret(BaseModel):
    """Le service peut-il servir ?"""

    statut: Annotated[Literal["pret", "degrade", "indisponible", "arret"], Field(description="État d'ensemble.")]
    degrade: Annotated[list[str], Field(description="Dépendances secondaires qui ne répondent pas.")]
    verifications: Annotated[dict[str, str], Field(description="Ce que dit chaque dépendance.")]


@dataclass
class Sante:
    """State of a process. `essentielles` failing makes it not ready, `secondaires` degraded only."""

    essentielles: Mapping[str, Verification] = field(default_factory=dict)
    secondaires: Mapping[str, Verification] = field(default_factory=dict)
    delai: float = DELAI
    arret: bool = False
    _dernier: tuple[float, Pret] | None = None
    _tour: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def pret(self) -> Pret:
        """Ask every dependency at once, at most once a second."""
        if self.arret:
            return Pret(statut="arret", degrade=[], verifications={})
        async with self._tour:
            if self._dernier is None or time.monotonic() - self._dernier[0] >= FRAICHEUR:
                self._dernier = (time.monotonic(), await self._demander())
            return self._dernier[1]

    async def _demander(self) -> Pret:
        noms = [*self.essentielles, *self.secondaires]
        dits = await asyncio.gather(*(self._une(v) for v in (*self.essentielles.values(), *self.secondaires.values())))
        verifications = {nom: detail for nom, (_, detail) in zip(noms, dits, strict=True)}
        en_panne = {nom for nom, (va_bien, _) in zip(noms, dits, strict=True) if not va_bien}
        degrade = [nom for nom in self.secondaires if nom in en_panne]
        if en_panne & set(self.essentielles):
            return Pret(statut="indisponible", degrade=degrade, verifications=verifications)
        return Pret(statut="degrade" if degrade else "pret", degrade=degrade, verifications=verifications)

    async def _une(self, verification: Verification) -> tuple[bool, str]:
        try:
            async with asyncio.timeout(self.delai):
                return True, await verification() or "ok"
        except TimeoutError:
            return False, "ne répond pas à temps"
        except Erreur as erreur:
            return False, masquer(erreur.detail)
        except Exception as exc:
            # The class says enough to an operator; a message may hold an address or a secret.
            return False, type(exc).__name__


def routeur_sante(sante: Sante) -> APIRouter:
    """Routes `/sante/vivant` and `/sante/pret` of a process."""
    routeur = APIRouter(prefix="/sante", tags=["santé"])

    @routeur.get("/vivant", operation_id="lire_sante_vivant", summary="Le processus tourne-t-il ?")
    async def vivant(_: Ouvert, response: Response) -> Vivant:
        """Ne touche à aucune dépendance : une panne voisine ne fait jamais redémarrer ce processus."""
        response.headers["cache-control"] = "no-store"
        return Vivant(statut="vivant")

    @routeur.get(
        "/pret",
        operation_id="lire_sante_pret",
        summary="Le service est-il prêt ?",
        responses={503: {"model": Pret, "description": "Une dépendance indispensable manque, ou arrêt en cours"}},
    )
    async def pret(_: Ouvert, response: Response) -> Pret:
        """Interroge les dépendances, au plus une fois par seconde."""
        etat = await sante.pret()
        response.headers["cache-control"] = "no-store"
        if etat.statut in ("indisponible", "arret"):
            response.status_code = 503
            response.headers["retry-after"] = "5"
        return etat

    return routeur
