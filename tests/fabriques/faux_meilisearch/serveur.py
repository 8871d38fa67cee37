"""The server itself: a port, connections that are counted, and the ways of failing."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fabriques.faux_meilisearch.corps import Refus
from tests.fabriques.faux_meilisearch.instance import Instance
from tests.fabriques.faux_meilisearch.routes import Demande, repondre

ATTENDRE_S = 10
"""`Retry-After` of a search queue that is full (`meilisearch/src/error.rs`)."""


class FauxMeilisearch:
    """A server on a free port. `with FauxMeilisearch() as faux` starts and stops it.

    Ways of failing: `arreter` closes the port and every connection, `redemarrer` opens it again; `lenteur_s` delays
    each answer; `vider` loses everything; `refuser_taches` answers 422 to whatever would be queued; `deborder` answers
    503 to searches; `fige` answers these bytes to every search at once.
    """

    def __init__(self, *, maitresse: str | None = "cle-maitresse-des-essais", octets_max: int = 100_000_000) -> None:
        self.instance = Instance(maitresse)
        self.maitresse = maitresse or ""
        self.octets_max = octets_max
        self.lenteur_s = 0.0
        self.refuser_taches: str | None = None
        self.deborder = False
        self.fige: bytes | None = None
        self.appels: Counter[str] = Counter()
        self.recus: list[tuple[str, str, Any]] = []
        """Method, path and body of each request, in order."""
        self.connexions = 0
        self.requetes = 0
        self._ouvertes: set[socket.socket] = set()
        self._serveur: ThreadingHTTPServer | None = None
        self._fil: threading.Thread | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Return the address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> FauxMeilisearch:
        self.redemarrer()
        return self

    def __exit__(self, *_: object) -> None:
        self.arreter()
        self.instance.fermer()

    def redemarrer(self) -> None:
        """Open the port, the same as before."""
        faux = self

        class Poignee(_Poignee):
            pass

        Poignee.faux = faux
        self._serveur = _Serveur(("127.0.0.1", self.port), Poignee)
        self.port = self._serveur.server_address[1]
        self._fil = threading.Thread(target=self._serveur.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._fil.start()

    def arreter(self) -> None:
        """Close the port, and cut every connection."""
        if self._serveur is None:
            return
        self._serveur.shutdown()
        self._serveur.server_close()
        for prise in list(self._ouvertes):
            try:
                prise.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        self._serveur = None

    def vider(self) -> None:
        """Lose everything."""
        self.instance.vider()

    def retenir(self) -> None:
        """Leave tasks in the queue until `relacher`."""
        self.instance.retenues.clear()

    def relacher(self) -> None:
        """Let tasks run again."""
        self.instance.retenues.set()


class _Serveur(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that was cut is no news; anything else is a fault of the stand-in, and is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Poignee(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    faux: FauxMeilisearch

    def setup(self) -> None:
        super().setup()
        self.faux.connexions += 1
        self.faux._ouvertes.add(self.connection)

    def finish(self) -> None:
        self.faux._ouvertes.discard(self.connection)
        super().finish()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._repondre()

    do_POST = do_PATCH = do_DELETE = do_PUT = do_GET

    def _repondre(self) -> None:
        faux = self.faux
        faux.requetes += 1
        longueur = int(self.headers.get("content-length") or 0)
        octets = self.rfile.read(longueur)
        adresse = urlsplit(self.path)
        faux.appels[f"{self.command} {adresse.path}"] += 1
        if faux.lenteur_s:
            time.sleep(faux.lenteur_s)
        if faux.fige is not None and adresse.path == "/multi-search":
            self._envoyer(200, faux.fige)
            return
        genre = (self.headers.get("content-type") or "").partition(";")[0].strip()
        demande = Demande(index=None, autre=None, parametres=dict(parse_qsl(adresse.query)), genre=genre, octets=octets)
        try:
            if longueur > faux.octets_max:
                raise Refus(413, "payload_too_large", "The provided payload reached the size limit.")
            recherche = adresse.path == "/multi-search" or adresse.path.endswith(("/search", "/facet-search"))
            if faux.deborder and recherche:
                raise Refus(503, "too_many_search_requests", "Too many search requests.", attendre=ATTENDRE_S)
            self._noter(adresse.path, genre, octets)
            with faux.instance.verrou:
                avant = len(faux.instance.taches)
                statut, corps = repondre(
                    faux.instance, self.command, adresse.path, self.headers.get("authorization"), demande
                )
                if faux.refuser_taches and len(faux.instance.taches) > avant:
                    del faux.instance.taches[avant:]
                    raise Refus(422, faux.refuser_taches, "There is no more space left on the device.")
            self._envoyer(statut, b"" if corps is None else json.dumps(corps, ensure_ascii=False).encode())
        except Refus as refus:
            attendre = {} if refus.attendre is None else {"Retry-After": str(refus.attendre)}
            self._envoyer(refus.statut, json.dumps(refus.corps()).encode(), **attendre)

    def _noter(self, chemin: str, genre: str, octets: bytes) -> None:
        try:
            lu = json.loads(octets) if octets and genre == "application/json" else None
        except ValueError:
            lu = octets
        self.faux.recus.append((self.command, chemin, lu))

    def _envoyer(self, statut: int, octets: bytes, **entetes: str) -> None:
        self.send_response(statut)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(octets)))
        for nom, valeur in entetes.items():
            self.send_header(nom, valeur)
        self.end_headers()
        self.wfile.write(octets)
