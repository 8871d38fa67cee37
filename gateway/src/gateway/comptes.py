"""What each request takes from the quota of its caller, and what is given back once its answer is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from socle.acces.principal import ANONYME, Principal
from socle.errors import QuotaDepasse
from socle.web.quotas import Decompte, Quota, Quotas

from gateway.entetes import Entetes
from gateway.routes_table import APPLICATIONS, QUOTAS, REFUS, RELECTURES, Classe

Prise = tuple[Quota, str]
"""One request taken from a quota, of this caller."""


@dataclass(slots=True)
class Prises:
    """What one request has taken, for `appelant`, and the headers that say what is left."""

    appelant: str
    faites: Sequence[Prise]
    entetes: Entetes


class Comptes:
    """Takes requests from the quotas of the routes table, multiplied by `facteur`; 0 lifts them all."""

    def __init__(self, quotas: Quotas, facteur: float) -> None:
        def fois(quota: Quota) -> Quota:
            return Quota(quota.nom, max(1, int(quota.nombre * facteur)), quota.fenetre)

        self._quotas, self._leves = quotas, not facteur
        self._classes = {classe: (fois(anonyme), fois(cle)) for classe, (anonyme, cle) in QUOTAS.items()}
        self._applications = {classe: (fois(ici), fois(partout)) for classe, (ici, partout) in APPLICATIONS.items()}
        self._refus, self._relectures = fois(REFUS), fois(RELECTURES)

    async def prendre(self, classe: Classe, principal: Principal, adresse: str) -> Prises:
        """Take one request; `adresse` is the block that the caller comes from. Raises `QuotaDepasse`.

        An application has a count by address, and one for all its addresses. Beyond the latter its users are counted
        as anybody of their address, so that a copied key makes them no poorer than they would be without it.
        """
        if self._leves:
            return Prises("", (), [])
        anonyme, avec_cle = self._classes[classe]
        if not principal.anonyme:
            return await self._prendre_un(avec_cle, principal.sujet)
        if principal.sujet != ANONYME.sujet and classe in self._applications:
            ici, partout = self._applications[classe]
            appelant = f"{principal.sujet} {adresse}"
            prises = await self._prendre_un(ici, appelant)
            decompte = await self._quotas.prendre(partout, principal.sujet)
            if decompte.permis:
                faites = (*prises.faites, (partout, principal.sujet))
                return Prises(appelant, faites, _joindre(prises.entetes, _entetes(partout, decompte)))
        return await self._prendre_un(anonyme, f"ip:{adresse}")

    async def refuser(self, adresse: str) -> None:
        """Count an identity refused to this block. Raises `QuotaDepasse`."""
        if not self._leves:
            await self._prendre_un(self._refus, f"ip:{adresse}")

    async def rendre(self, prises: Prises) -> Entetes:
        """Give back what a request took, its answer being « unchanged »; returns the headers that say so.

        To ask again what one holds costs the services little, not nothing: who has had `RELECTURES` of them is counted
        like any other.
        """
        if not prises.faites or not (await self._quotas.prendre(self._relectures, prises.appelant)).permis:
            return prises.entetes
        entetes: Entetes = []
        for quota, cle in prises.faites:
            entetes = _joindre(entetes, _entetes(quota, await self._quotas.rendre(quota, cle)))
        return entetes

    async def _prendre_un(self, quota: Quota, cle: str) -> Prises:
        decompte = await self._quotas.prendre(quota, cle)
        if not decompte.permis:
            raise _depasse(quota, decompte)
        return Prises(cle, ((quota, cle),), _entetes(quota, decompte))


@lru_cache(maxsize=64)
def _politique(quota: Quota) -> tuple[bytes, bytes]:
    return b"ratelimit-policy", quota.politique.encode()


def _entetes(quota: Quota, decompte: Decompte) -> Entetes:
    return [_politique(quota), (b"ratelimit", decompte.entete(quota).encode())]


def _joindre(premiers: Entetes, seconds: Entetes) -> Entetes:
    """Write two policies as one list each (RFC 9651 §3.1)."""
    if not premiers:
        return seconds
    return [(nom, un + b", " + deux) for (nom, un), (_, deux) in zip(premiers, seconds, strict=True)]


def _depasse(quota: Quota, decompte: Decompte) -> QuotaDepasse:
    violees: dict[str, Any] = {"violated-policies": [quota.nom]}
    return QuotaDepasse(
        f"Au plus {quota.nombre} requêtes en {quota.fenetre} s ; reprenez dans {decompte.reprise} s.",
        entetes={
            "retry-after": str(decompte.reprise),
            "ratelimit-policy": quota.politique,
            "ratelimit": decompte.entete(quota),
        },
        **violees,
    )
