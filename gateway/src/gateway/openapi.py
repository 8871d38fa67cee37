"""The public OpenAPI document: those of the services, merged with the gateway's own."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from gateway.amont import Amont

FRAICHEUR = 5.0
DELAI = 2.0
INTERNES = ("/sante/", "/metrics", "/openapi.json")
_REF = "#/components/"


class ContratPublic:
    """Asks each service for its document, remembers the last one of a service that does not answer."""

    def __init__(
        self,
        amonts: Mapping[str, Amont],
        propre: Callable[[], dict[str, Any]],
        *,
        url_publique: str,
        chronometre: Callable[[], float] = time.monotonic,
    ) -> None:
        self._amonts, self._propre, self._url = amonts, propre, url_publique.rstrip("/")
        self._chronometre = chronometre
        self._connus: dict[str, dict[str, Any]] = {}
        self._fusion: tuple[float, dict[str, Any]] | None = None
        self._tour = asyncio.Lock()

    async def lire(self) -> dict[str, Any]:
        """Return the merged document, at most five seconds old."""
        async with self._tour:
            if self._fusion is None or self._chronometre() - self._fusion[0] >= FRAICHEUR:
                await asyncio.gather(*(self._rafraichir(amont) for amont in self._amonts.values()))
                absents = [nom for nom in self._amonts if nom not in self._connus]
                contrat = fusionner({"": self._propre(), **self._connus}, url=self._url, absents=absents)
                self._fusion = (self._chronometre(), contrat)
            return self._fusion[1]

    async def _rafraichir(self, amont: Amont) -> None:
        try:
            statut, corps = await amont.demander("/openapi.json", delai=DELAI)
            contrat = json.loads(corps) if statut == 200 else None
        except (OSError, TimeoutError, ValueError):
            return
        if isinstance(contrat, dict):
            self._connus[amont.nom] = contrat


def fusionner(contrats: Mapping[str, dict[str, Any]], *, url: str, absents: list[str]) -> dict[str, Any]:
    """Merge documents by service name (the empty one is the gateway's, whose `info` is kept).

    Two components of one name are one when they are equal; else the later takes its service's name as a prefix, and
    its references follow.
    """
    fusion: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {},
        "servers": [{"url": url}],
        "paths": {},
        "components": {},
    }
    etiquettes: dict[str, dict[str, Any]] = {}
    for nom, contrat in contrats.items():
        if not nom:
            fusion["info"] = dict(contrat.get("info", {}))
        renommes = _renommer(fusion["components"], contrat.get("components", {}), nom)
        contrat = _suivre(contrat, renommes)
        for famille, elements in contrat.get("components", {}).items():
            accueil = fusion["components"].setdefault(famille, {})
            for cle, element in elements.items():
                accueil.setdefault(renommes.get(f"{_REF}{famille}/{cle}", f"/{cle}").rpartition("/")[2], element)
        for chemin, operations in contrat.get("paths", {}).items():
            if not nom or not chemin.startswith(INTERNES):
                fusion["paths"].setdefault(chemin, operations)
        for etiquette in contrat.get("tags", ()):
            etiquettes.setdefault(etiquette["name"], etiquette)
    if etiquettes:
        fusion["tags"] = list(etiquettes.values())
    if absents:
        manque = ", ".join(absents)
        fusion["info"]["description"] = (
            fusion["info"].get("description", "") + f"\n\n**Document incomplet** : ne répondent pas {manque}."
        ).strip()
    return fusion


def _renommer(connus: Mapping[str, Any], nouveaux: Mapping[str, Any], prefixe: str) -> dict[str, str]:
    return {
        f"{_REF}{famille}/{cle}": f"{_REF}{famille}/{prefixe}_{cle}"
        for famille, elements in nouveaux.items()
        for cle, element in elements.items()
        if connus.get(famille, {}).get(cle, element) != element
    }


def _suivre(valeur: Any, renommes: Mapping[str, str]) -> Any:
    if not renommes:
        return valeur
    if isinstance(valeur, dict):
        return {
            cle: renommes.get(v, v) if cle == "$ref" and isinstance(v, str) else _suivre(v, renommes)
            for cle, v in valeur.items()
        }
    if isinstance(valeur, list):
        return [_suivre(v, renommes) for v in valeur]
    return valeur


def problemes_dits(contrat: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    """Every problem that a document declares: code → (status, title)."""
    dits: dict[str, tuple[int, str]] = {}
    for operations in contrat.get("paths", {}).values():
        for operation in operations.values():
            if not isinstance(operation, dict):
                continue
            for reponse in operation.get("responses", {}).values():
                exemples = reponse.get("content", {}).get("application/problem+json", {}).get("examples", {})
                for code, exemple in exemples.items():
                    dits.setdefault(code, (exemple["value"]["status"], exemple["summary"]))
    return dits
