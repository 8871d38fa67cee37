"""Sends raw requests over kept connections, and judges each answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fabriques.requetes_hostiles import Requete

CONNEXIONS = 12
ATTENTE, ATTENTE_BRUTE = 30.0, 1.5
MEMBRES = {"type", "title", "status", "detail", "instance", "erreurs"}
REFUS_DU_SERVEUR = "n'est pas une requête HTTP".encode()
"""What the server says of bytes that are not HTTP: the application is never asked."""

_TRACE = re.compile(
    rb'Traceback|File "|/site-packages/|\.py\b|line \d+, in |sqlalchemy|sqlite3?\.|pydantic', re.IGNORECASE
)
_URN = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Reponse:
    """An answer as it was read."""

    statut: int
    entetes: dict[str, str]
    corps: bytes


@dataclass
class Releve:
    """What became of the requests, and what is wrong with their answers."""

    statuts: Counter[int] = field(default_factory=Counter)
    du_serveur: int = 0
    raccrochees: int = 0
    problemes: int = 0
    fautes: list[str] = field(default_factory=list)

    @property
    def envoyees(self) -> int:
        """Number of requests sent."""
        return self.statuts.total() + self.raccrochees

    def resume(self) -> str:
        """Say it in three lines."""
        cinq = sum(nombre for statut, nombre in self.statuts.items() if statut >= 500)
        return (
            f"{self.envoyees} requêtes hostiles : {cinq} × 5xx, {self.problemes} problèmes conformes, "
            f"{len(self.fautes)} fautes\n"
            f"  refusées par le serveur avant l'application : {self.du_serveur} ; raccrochées : {self.raccrochees}\n"
            f"  statuts : {dict(sorted(self.statuts.items()))}"
        )

    def noter(self, requete: Requete, reponse: Reponse | None) -> None:
        """Count an answer and judge it; no answer at all is a fault of sound requests only."""
        if reponse is None:
            self.raccrochees += 1
            if not requete.brute:
                self.fautes.append(f"sans réponse : {requete.octets[:300]!r}")
            return
        self.statuts[reponse.statut] += 1
        if reponse.statut < 400:
            return
        if reponse.statut == 400 and reponse.corps.find(REFUS_DU_SERVEUR) > 0:
            self.du_serveur += 1
        fautes = list(juger(reponse, sans_corps=requete.methode == b"HEAD"))
        self.problemes += not fautes
        self.fautes += [
            f"{reponse.statut} {faute} : {requete.octets[:400]!r} → {reponse.corps[:300]!r}" for faute in fautes
        ]


def juger(reponse: Reponse, *, sans_corps: bool = False) -> Iterator[str]:
    """Name what is wrong with an answer of 400 or more (RFC 9457, `erreurs`, nothing of the inside)."""
    if reponse.statut >= 500:
        yield "une faute de notre côté"
    if reponse.entetes.get("content-type") != "application/problem+json":
        yield f"type {reponse.entetes.get('content-type')}"
        return
    if sans_corps:
        return
    try:
        dit: Any = json.loads(reponse.corps)
    except ValueError:
        yield "ce n'est pas du JSON"
        return
    if not isinstance(dit, dict) or not set(dit) >= MEMBRES:
        yield "il manque un membre"
        return
    if dit["status"] != reponse.statut:
        yield "le statut dit n'est pas le statut rendu"
    if not (isinstance(dit["type"], str) and dit["type"].startswith("/problemes/") and dit["title"] and dit["detail"]):
        yield "type, titre ou détail vide"
    if not _URN.fullmatch(str(dit["instance"])):
        yield "instance sans numéro"
    erreurs = dit["erreurs"]
    if not isinstance(erreurs, list) or not all(set(e) >= {"pointer", "code", "detail"} for e in erreurs):
        yield "erreurs mal formées"
    if _TRACE.search(reponse.corps):
        yield "des mots de l'intérieur"


async def bombarder(adresse: str, requetes: Iterable[Requete], *, connexions: int = CONNEXIONS) -> Releve:
    """Send the requests over `connexions` connections at once, and return what became of them."""
    releve = Releve()
    suite = iter(requetes)
    async with asyncio.TaskGroup() as groupe:
        for _ in range(connexions):
            groupe.create_task(_tirer(adresse, suite, releve))
    return releve


async def _tirer(adresse: str, requetes: Iterator[Requete], releve: Releve) -> None:
    ligne = _Ligne(adresse)
    try:
        for requete in requetes:
            if requete.brute:
                ligne.fermer()
            releve.noter(requete, await ligne.echanger(requete))
            if requete.brute:
                ligne.fermer()
    finally:
        ligne.fermer()


class _Ligne:
    """A connection, opened again when the server closes it."""

    def __init__(self, adresse: str) -> None:
        hote, port = adresse.removeprefix("http://").split(":")
        self._hote, self._port = hote, int(port)
        self._flux: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def echanger(self, requete: Requete) -> Reponse | None:
        """Send a request and read its answer; `None` when the server hangs up or says nothing in time.

        A kept connection may be closed by the server at the same instant: a fresh one is then tried, once.
        """
        for _ in range(2):
            gardee = self._flux is not None
            try:
                async with asyncio.timeout(ATTENTE_BRUTE if requete.brute else ATTENTE):
                    return await self._echanger(requete)
            except TimeoutError:
                self.fermer()
                return None
            except (OSError, asyncio.IncompleteReadError):
                self.fermer()
                if not gardee:
                    return None
        return None

    async def _echanger(self, requete: Requete) -> Reponse:
        if self._flux is None:
            self._flux = await asyncio.open_connection(self._hote, self._port, limit=2**22)
        lecteur, ecrivain = self._flux
        envoi = asyncio.ensure_future(self._ecrire(ecrivain, requete.octets))
        try:
            reponse = await _lire(lecteur, sans_corps=requete.methode == b"HEAD")
        finally:
            # A refusal may come before the whole body is taken: the rest is then for nobody.
            entier = envoi.done()
            envoi.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await envoi
        if not entier or reponse.entetes.get("connection") == "close":
            self.fermer()
        return reponse

    async def _ecrire(self, ecrivain: asyncio.StreamWriter, octets: bytes) -> None:
        ecrivain.write(octets)
        await ecrivain.drain()

    def fermer(self) -> None:
        """Close the connection."""
        if self._flux is not None:
            self._flux[1].close()
            self._flux = None


async def _lire(lecteur: asyncio.StreamReader, *, sans_corps: bool) -> Reponse:
    statut = 100
    entetes: dict[str, str] = {}
    while 100 <= statut < 200:
        tete = await lecteur.readuntil(b"\r\n\r\n")
        lignes = tete.decode("latin-1").split("\r\n")
        statut = int(lignes[0].split(" ", 2)[1])
        paires = (ligne.partition(":") for ligne in lignes[1:] if ligne)
        entetes = {nom.lower(): valeur.strip() for nom, _, valeur in paires}
        if statut == 101:
            break
    if sans_corps or statut in (101, 204, 304):
        return Reponse(statut, entetes, b"")
    if entetes.get("transfer-encoding") == "chunked":
        return Reponse(statut, entetes, await _morceaux(lecteur))
    if "content-length" in entetes:
        return Reponse(statut, entetes, await lecteur.readexactly(int(entetes["content-length"])))
    return Reponse(statut, entetes, await lecteur.read())


async def _morceaux(lecteur: asyncio.StreamReader) -> bytes:
    corps = bytearray()
    while taille := int(await lecteur.readuntil(b"\r\n"), 16):
        corps += (await lecteur.readexactly(taille + 2))[:-2]
    await lecteur.readuntil(b"\r\n")
    return bytes(corps)
