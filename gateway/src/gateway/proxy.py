"""The proxy: streams a request to a service and its answer back; the only importer of aiohttp.

Nothing is decoded on the way: raw paths, raw header pairs, compressed bytes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from aiohttp.http import HttpProcessingError
from multidict import CIMultiDict
from socle.errors import Erreur, RequeteInvalide
from socle.web.disjoncteur import Disjoncteur
from socle.web.errors import AmontInvalide, DelaiDepasse, LectureTropLente
from socle.web.limits import corps_trop_grand
from starlette.types import Message, Receive, Send
from yarl import URL

from gateway.amont import Appel
from gateway.entetes import Entetes
from gateway.errors import AmontInjoignable, PasserelleChargee, ReponseRompue
from gateway.routes_table import LECTURES
from gateway.veille import Ronde, Veilleur

CONNEXIONS, EN_COURS = 256, 1024
"""Connections to one service, and requests in flight or waiting for one of them."""

INACTIVITE_ENVOI = 15.0
"""Seconds without a byte after which the upload of a client is given up (408)."""

INACTIVITE_REPONSE = 30.0
"""Seconds without a byte after which the answer of a service is held broken."""

GARDE = 15.0
"""Seconds that an idle connection is kept: less than the services keep theirs, so that none is found closed."""

TAMPON = 128 * 1024
"""Bytes of an answer that may wait for its caller."""

_DELAIS = aiohttp.ClientTimeout(total=None, sock_connect=2.0, sock_read=None)
_AUTOMATIQUES = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_SANS_CORPS = frozenset({204, 304})
_CIBLE = re.compile(rb"/[!\"$-~]*")
"""An origin-form target as RFC 9112 §3.2.1 lets it be written, fragment excluded."""


class _ClientParti(Exception):
    """The caller closed its connection."""


class _Envoi:
    """The body of a request, read as the service takes it, counted."""

    def __init__(self, receive: Receive, limite: int) -> None:
        self._receive, self._limite = receive, limite
        self.fini = False
        self.faute: Exception | None = None

    async def lire(self) -> AsyncIterator[bytes]:
        """Yield the body; what goes wrong is kept in `faute`, since the client library wraps it."""
        recus = 0
        try:
            while not self.fini:
                async with asyncio.timeout(INACTIVITE_ENVOI):
                    message = await self._receive()
                if message["type"] == "http.disconnect":
                    raise _ClientParti
                morceau: bytes = message.get("body", b"")
                recus += len(morceau)
                if recus > self._limite:
                    raise corps_trop_grand(self._limite)
                if morceau:
                    yield morceau
                self.fini = not message.get("more_body", False)
        except TimeoutError as exc:
            self.faute = LectureTropLente("Le contenu a cessé d'arriver.", entetes={"connection": "close"})
            raise self.faute from exc
        except (_ClientParti, Erreur) as exc:
            self.faute = exc
            raise


class _Lien(Protocol):
    """What holds a connection: to the pool when it is released, to nobody when it is closed."""

    def release(self) -> object: ...

    def close(self) -> object: ...


@dataclass(frozen=True, slots=True)
class _Reponse:
    """The head of an answer, its body to come, and what gives its connection back."""

    statut: int
    entetes: Entetes
    annonce: int | None
    contenu: aiohttp.StreamReader
    lien: _Lien


class AmontHttp:
    """A service reached by its address."""

    def __init__(self, nom: str, adresse: str) -> None:
        self.nom, self._adresse = nom, adresse.rstrip("/")
        self.disjoncteur = Disjoncteur()
        self._session: aiohttp.ClientSession | None = None
        self._modele: aiohttp.ClientRequest | None = None
        self._ronde = Ronde()
        self._en_cours = 0

    async def ouvrir(self) -> None:
        """Open the pool of connections."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNEXIONS, keepalive_timeout=GARDE, ttl_dns_cache=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            skip_auto_headers=_AUTOMATIQUES,
            timeout=_DELAIS,
            raise_for_status=False,
            read_bufsize=TAMPON,
        )
        self._modele = aiohttp.ClientRequest("GET", URL(self._adresse), session=self._session)
        self._hote = self._modele.headers["Host"].encode()

    async def fermer(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def relayer(self, appel: Appel, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back, both as streams."""
        if not self.disjoncteur.laisser_passer():
            raise self._injoignable()
        if self._en_cours >= EN_COURS:
            self.disjoncteur.abandonner()
            raise PasserelleChargee("Réessayez dans un instant.", entetes={"retry-after": "1"})
        envoi = _Envoi(receive, appel.corps) if _a_un_corps(appel) else None
        veilleur = Veilleur(self._ronde, receive, envoi, appel.delai)
        reponse: _Reponse | None = None
        self._en_cours += 1
        try:
            reponse = await self._demarrer(appel, envoi)
            veilleur.tete_recue()
            await self._repondre(appel, reponse, send)
            self.disjoncteur.reussir()
        except asyncio.CancelledError:
            if veilleur.echu and reponse is None:
                self.disjoncteur.echouer()
            else:
                self.disjoncteur.abandonner()
            if not veilleur.absorber():
                raise
            if veilleur.echu and reponse is None:
                raise self._en_retard(appel) from None
        except _ClientParti:
            self.disjoncteur.abandonner()
        finally:
            self._en_cours -= 1
            veilleur.arreter()
            if reponse is not None:
                self._rendre(reponse, envoi)

    async def _demarrer(self, appel: Appel, envoi: _Envoi | None) -> _Reponse:
        """Send the request and wait for the head of the answer."""
        scope = appel.scope
        cible: bytes = scope.get("raw_path") or scope["path"].encode()
        if scope["query_string"]:
            cible += b"?" + scope["query_string"]
        methode: str = scope["method"]
        try:
            if _CIBLE.fullmatch(cible) is None:
                raise RequeteInvalide("L'adresse demandée est mal formée.")
            if envoi is None and methode in LECTURES:
                return await self._lire(methode, cible, appel.entetes)
            return await self._echanger(methode, cible, appel.entetes, envoi)
        except RequeteInvalide:
            self.disjoncteur.abandonner()
            raise
        except (aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as exc:
            if envoi is not None and envoi.faute is not None:
                self.disjoncteur.abandonner()
                raise envoi.faute from exc
            self.disjoncteur.echouer()
            if isinstance(exc, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
                raise self._injoignable() from exc
            raise AmontInvalide(f"Le service {self.nom} a rompu sa réponse.") from exc

    async def _lire(self, methode: str, cible: bytes, entetes: Entetes) -> _Reponse:
        """Send a request without a body on a connection of the pool, in one write.

        The client's own way costs three times as much, for cookies, redirects and bodies that a read does not have.
        """
        assert self._session is not None, "ouvrir() d'abord"  # noqa: S101 - a fault of ours, not of a caller
        assert self._modele is not None  # noqa: S101
        connecteur = self._session.connector
        assert connecteur is not None  # noqa: S101
        tete = _ecrire_tete(methode, cible, self._hote, entetes)
        encore = True
        while True:
            try:
                lien = await connecteur.connect(self._modele, [], _DELAIS)
            except TimeoutError as exc:
                raise aiohttp.ConnectionTimeoutError from exc
            try:
                protocole, transport = lien.protocol, lien.transport
                if protocole is None or transport is None:
                    raise aiohttp.ServerDisconnectedError
                protocole.set_response_params(
                    skip_payload=methode == "HEAD", read_until_eof=True, auto_decompress=False, read_bufsize=TAMPON
                )
                transport.write(tete)
                message, contenu = await protocole.read()
                while 100 <= message.code < 200 and message.code != 101:
                    message, contenu = await protocole.read()
                return _Reponse(message.code, list(message.raw_headers), _longueur(message.headers), contenu, lien)
            except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
                # The service may have closed a connection that it kept, just as it was taken: RFC 9112 §9.3.1.
                lien.close()
                if not encore:
                    raise
                encore = False
            except BaseException:
                lien.close()
                raise

    async def _echanger(self, methode: str, cible: bytes, entetes: Entetes, envoi: _Envoi | None) -> _Reponse:
        """Send any other request, its body as a stream."""
        assert self._session is not None, "ouvrir() d'abord"  # noqa: S101 - a fault of ours, not of a caller
        recue = await self._session.request(
            methode,
            URL(self._adresse + cible.decode("ascii"), encoded=True),
            headers=CIMultiDict((nom.decode("ascii"), valeur.decode("utf-8", "replace")) for nom, valeur in entetes),
            data=None if envoi is None else envoi.lire(),
            allow_redirects=False,
        )
        return _Reponse(recue.status, list(recue.raw_headers), _longueur(recue.headers), recue.content, recue)

    async def _repondre(self, appel: Appel, reponse: _Reponse, send: Send) -> None:
        """Stream the answer. Once its head is sent, only `ReponseRompue` can say a fault."""
        await send({"type": "http.response.start", "status": reponse.statut, "headers": reponse.entetes})
        if appel.scope["method"] == "HEAD" or reponse.statut in _SANS_CORPS:
            await send({"type": "http.response.body", "body": b""})
            return
        annonce = reponse.annonce
        envoyes = 0
        try:
            while morceau := await _lire(reponse.contenu):
                envoyes += len(morceau)
                fini = envoyes == annonce
                await send(_corps(morceau, suite=not fini))
                if fini:
                    return
        except (aiohttp.ClientError, OSError) as exc:
            self.disjoncteur.echouer()
            raise ReponseRompue(f"{self.nom} : {type(exc).__name__}") from exc
        await send(_corps(b"", suite=False))

    def _rendre(self, reponse: _Reponse, envoi: _Envoi | None) -> None:
        """Give the connection back to the pool, or close it when either side is not read to its end."""
        if (envoi is None or envoi.fini) and reponse.contenu.at_eof():
            reponse.lien.release()
        else:
            reponse.lien.close()

    def _en_retard(self, appel: Appel) -> DelaiDepasse:
        return DelaiDepasse(f"Le service {self.nom} n'a pas répondu en {appel.delai:g} s.")

    def _injoignable(self) -> AmontInjoignable:
        return AmontInjoignable(
            f"Le service {self.nom} ne répond pas ; les autres continuent.", entetes={"retry-after": "5"}
        )

    async def demander(self, chemin: str, *, delai: float) -> tuple[int, bytes]:
        """Read an address of the service itself: status and body. Raises `OSError` or `TimeoutError`."""
        assert self._session is not None, "ouvrir() d'abord"  # noqa: S101 - a fault of ours, not of a caller
        try:
            async with asyncio.timeout(delai), self._session.get(self._adresse + chemin) as reponse:
                return reponse.status, await reponse.read()
        except aiohttp.ClientError as exc:
            raise OSError(type(exc).__name__) from exc


def _a_un_corps(appel: Appel) -> bool:
    """Tell whether the request has a body: RFC 9112 §6.3 says that one of these headers announces it."""
    return any(
        nom == b"transfer-encoding" or (nom == b"content-length" and valeur != b"0")
        for nom, valeur in appel.scope["headers"]
    )


def _ecrire_tete(methode: str, cible: bytes, hote: bytes, entetes: Entetes) -> bytes:
    """Write the head of a request; raises `RequeteInvalide` for a header that would be read as several."""
    lignes = [b"%b %b HTTP/1.1\r\nhost: %b" % (methode.encode("ascii"), cible, hote)]
    lignes += [b"%b: %b" % paire for paire in entetes]
    tete = b"\r\n".join(lignes) + b"\r\n\r\n"
    attendues = len(lignes) + 2
    if tete.count(b"\n") != attendues or tete.count(b"\r") != attendues or b"\0" in tete:
        raise RequeteInvalide("Un en-tête contient un caractère interdit.")
    return tete


def _longueur(entetes: Mapping[str, str]) -> int | None:
    annonce = entetes.get("Content-Length")
    return None if annonce is None else int(annonce)


async def _lire(contenu: aiohttp.StreamReader) -> bytes:
    """Read what has come, else wait for it; empty at the end. Raises `TimeoutError` when nothing comes any more."""
    # A small answer comes with its head, and needs no timer.
    if morceau := contenu.read_nowait():
        return morceau
    async with asyncio.timeout(INACTIVITE_REPONSE):
        return await contenu.readany()


def _corps(morceau: bytes, *, suite: bool) -> Message:
    return {"type": "http.response.body", "body": morceau, "more_body": suite}
