"""The HTTP server of the gateway: it bounds the head of a request, and refuses what is not HTTP as a problem.

Left to itself the server keeps a head of any length for ever, and refuses in a plain text of its own, before the
application is asked.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from socle.errors import Erreur, RequeteInvalide
from socle.web.entetes import completer
from socle.web.errors import EntetesTropGrands, LectureTropLente
from socle.web.limits import KIO
from socle.web.problemes import reponse_probleme
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

ATTENTE_TETE = 10.0
"""Seconds left to a connection to send its first head, and to any head once begun."""

OCTETS_TETE = 64 * KIO
"""Bytes of a head that is not whole yet, beyond which nothing is kept: the limits proper come after it is read."""


class Protocole(HttpToolsProtocol):
    """What uvicorn's `--http` names."""

    _minuterie: asyncio.TimerHandle | None = None
    _en_tete = True
    _recus = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait for the first head."""
        super().connection_made(transport)
        self._armer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._desarmer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that came at once, which is the rule, costs no timer."""
        super().data_received(data)
        if not self._en_tete:
            self._desarmer()
            return
        self._recus += len(data)
        if self._recus > OCTETS_TETE:
            self._refuser(EntetesTropGrands("La tête de la requête ne finit pas."))
        elif self._minuterie is None and not self.transport.is_closing():
            self._armer()

    def on_message_begin(self) -> None:
        """Count the head that begins."""
        self._en_tete, self._recus = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Leave the rest of the request to the application, which has its own limits."""
        self._en_tete = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what could not be parsed; `msg` is what the server would say."""
        self.logger.debug(msg)
        self._refuser(RequeteInvalide("Ce qui a été reçu n'est pas une requête HTTP."))

    def _armer(self) -> None:
        self._minuterie = self.loop.call_later(ATTENTE_TETE, self._attendre_en_vain)

    def _desarmer(self) -> None:
        if self._minuterie is not None:
            self._minuterie.cancel()
            self._minuterie = None

    def _attendre_en_vain(self) -> None:
        self._minuterie = None
        self._refuser(LectureTropLente("La tête de la requête n'est pas arrivée à temps."))

    def _refuser(self, erreur: Erreur) -> None:
        """Answer a problem, and close: nobody knows where the next request would start."""
        self._desarmer()
        if self.transport.is_closing():
            return
        reponse = reponse_probleme(erreur)
        statut = HTTPStatus(reponse.status_code)
        entetes = completer([*reponse.raw_headers, (b"connection", b"close")])
        lignes = b"".join(nom + b": " + valeur + b"\r\n" for nom, valeur in entetes)
        debut = f"HTTP/1.1 {statut.value} {statut.phrase}\r\n".encode()
        self.transport.write(debut + lignes + b"\r\n" + bytes(reponse.body))
        self.transport.close()
