"""The proxy: streams a request to a service and its answer back; the only importer of aiohttp.

Nothing is decoded on the way: raw paths, raw header pairs, compressed bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
from multidict import CIMultiDict
from socle.errors import Erreur, RequeteInvalide
from socle.web.disjoncteur import Disjoncteur
from socle.web.errors import AmontInvalide, DelaiDepasse, LectureTropLente
from socle.web.limits import corps_trop_grand
from starlette.types import Message, Receive, Send
from yarl import URL

from gateway.amont import Appel
from gateway.errors import AmontInjoignable, PasserelleChargee, ReponseRompue

CONNEXIONS, EN_COURS = 256, 1024
"""Connections to one service, and requests in flight or waiting for one of them."""

INACTIVITE_ENVOI = 15.0
"""Seconds without a byte after which the upload of a client is given up (408)."""

INACTIVITE_REPONSE = 30.0
"""Seconds without a byte after which the answer of a service is held broken."""

GARDE = 15.0
"""Seconds that an idle connection is kept: less than the services keep theirs, so that none is found closed."""

VEILLE = 0.05
"""Seconds after which a request is held long enough to watch whether its caller is still there."""

_AUTOMATIQUES = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_SANS_CORPS = frozenset({204, 304})


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


class _Veilleur:
    """Cancels the exchange when its caller leaves, or when the head of the answer is late.

    It starts late, so that quick exchanges pay one timer for both.
    """

    def __init__(self, receive: Receive, envoi: _Envoi | None, delai: float) -> None:
        self._receive, self._envoi = receive, envoi
        self._principale = asyncio.current_task()
        self._boucle = asyncio.get_running_loop()
        self._echeance = self._boucle.time() + delai
        self._veille: asyncio.Task[None] | None = None
        self._retard: asyncio.TimerHandle | None = None
        self._reveil = self._boucle.call_later(min(VEILLE, delai), self._commencer)
        self._tete = False
        self.parti = self.echu = False

    def _commencer(self) -> None:
        if not self._tete and self._retard is None:
            self._retard = self._boucle.call_at(self._echeance, self._echoir)
        if self._envoi is not None and not self._envoi.fini:
            # The upload reads the caller's messages meanwhile, its departure among them.
            self._reveil = self._boucle.call_later(VEILLE, self._commencer)
        else:
            self._veille = self._boucle.create_task(self._attendre())

    async def _attendre(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.parti = True
        self._annuler()

    def _echoir(self) -> None:
        self.echu = True
        self._annuler()

    def _annuler(self) -> None:
        if self._principale is not None:
            self._principale.cancel()

    def tete_recue(self) -> None:
        """Say that the answer has begun: the deadline is met."""
        self._tete = True
        if self._retard is not None:
            self._retard.cancel()

    def arreter(self) -> None:
        """Stop watching."""
        self._reveil.cancel()
        if self._retard is not None:
            self._retard.cancel()
        if self._veille is not None:
            self._veille.cancel()

    def absorber(self) -> bool:
        """Tell whether a cancellation came from here, and take it back."""
        if (self.parti or self.echu) and self._principale is not None:
            self._principale.uncancel()
        return self.parti or self.echu


class AmontHttp:
    """A service reached by its address."""

    def __init__(self, nom: str, adresse: str) -> None:
        self.nom, self._adresse = nom, adresse.rstrip("/")
        self.disjoncteur = Disjoncteur()
        self._session: aiohttp.ClientSession | None = None
        self._en_cours = 0

    async def ouvrir(self) -> None:
        """Open the pool of connections."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNEXIONS, keepalive_timeout=GARDE, ttl_dns_cache=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            skip_auto_headers=_AUTOMATIQUES,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=2.0, sock_read=None),
            raise_for_status=False,
            read_bufsize=128 * 1024,
        )

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
        veilleur = _Veilleur(receive, envoi, appel.delai)
        reponse: aiohttp.ClientResponse | None = None
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

    async def _demarrer(self, appel: Appel, envoi: _Envoi | None) -> aiohttp.ClientResponse:
        """Send the request and wait for the head of the answer."""
        assert self._session is not None, "ouvrir() d'abord"  # noqa: S101 - a fault of ours, not of a caller
        scope = appel.scope
        cible = (scope.get("raw_path") or scope["path"].encode()) + (
            b"?" + scope["query_string"] if scope["query_string"] else b""
        )
        entetes = CIMultiDict((nom.decode("ascii"), valeur.decode("utf-8", "replace")) for nom, valeur in appel.entetes)
        try:
            url = URL(self._adresse + cible.decode("ascii"), encoded=True)
        except ValueError as exc:
            self.disjoncteur.abandonner()
            raise RequeteInvalide("L'adresse demandée est mal formée.") from exc
        try:
            return await self._session.request(
                scope["method"],
                url,
                headers=entetes,
                data=None if envoi is None else envoi.lire(),
                allow_redirects=False,
            )
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            if envoi is not None and envoi.faute is not None:
                self.disjoncteur.abandonner()
                raise envoi.faute from exc
            self.disjoncteur.echouer()
            if isinstance(exc, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
                raise self._injoignable() from exc
            raise AmontInvalide(f"Le service {self.nom} a rompu sa réponse.") from exc

    async def _repondre(self, appel: Appel, reponse: aiohttp.ClientResponse, send: Send) -> None:
        """Stream the answer. Once its head is sent, only `ReponseRompue` can say a fault."""
        await send({"type": "http.response.start", "status": reponse.status, "headers": list(reponse.raw_headers)})
        if appel.scope["method"] == "HEAD" or reponse.status in _SANS_CORPS:
            await send({"type": "http.response.body", "body": b""})
            return
        annonce = reponse.content_length
        envoyes = 0
        try:
            while morceau := await _lire(reponse.content):
                envoyes += len(morceau)
                fini = envoyes == annonce
                await send(_corps(morceau, suite=not fini))
                if fini:
                    return
        except (aiohttp.ClientError, OSError) as exc:
            self.disjoncteur.echouer()
            raise ReponseRompue(f"{self.nom} : {type(exc).__name__}") from exc
        await send(_corps(b"", suite=False))

    def _rendre(self, reponse: aiohttp.ClientResponse, envoi: _Envoi | None) -> None:
        """Give the connection back to the pool, or close it when either side is not read to its end."""
        if (envoi is None or envoi.fini) and reponse.content.at_eof():
            reponse.release()
        else:
            reponse.close()

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


async def _lire(contenu: aiohttp.StreamReader) -> bytes:
    """Read what has come, else wait for it; empty at the end. Raises `TimeoutError` when nothing comes any more."""
    # A small answer comes with its head, and needs no timer.
    if morceau := contenu.read_nowait():
        return morceau
    async with asyncio.timeout(INACTIVITE_REPONSE):
        return await contenu.readany()


def _corps(morceau: bytes, *, suite: bool) -> Message:
    return {"type": "http.response.body", "body": morceau, "more_body": suite}
