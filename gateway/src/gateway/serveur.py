"""The HTTP server of the gateway: bytes that are not HTTP get a problem, as any other fault.

The server refuses them before the application is asked, in a plain text of its own.
"""

from __future__ import annotations

from socle.errors import RequeteInvalide
from socle.web.entetes import completer
from socle.web.problemes import reponse_probleme
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Protocole(HttpToolsProtocol):
    """What uvicorn's `--http` names."""

    def send_400_response(self, msg: str) -> None:
        """Refuse what could not be parsed, and close: nobody knows where the next request would start.

        `msg` is what the server would say.
        """
        self.logger.debug(msg)
        reponse = reponse_probleme(RequeteInvalide("Ce qui a été reçu n'est pas une requête HTTP."))
        entetes = completer([*reponse.raw_headers, (b"connection", b"close")])
        lignes = (nom + b": " + valeur + b"\r\n" for nom, valeur in entetes)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n" + b"".join(lignes) + b"\r\n" + bytes(reponse.body))
        self.transport.close()
