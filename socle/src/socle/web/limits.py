"""Limits enforced before anything is parsed, by counting what is received."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from socle.errors import Erreur, RequeteInvalide, TropGrand
from socle.web.errors import CibleTropLongue, EntetesTropGrands, HoteInconnu
from socle.web.problemes import envoyer_probleme

KIO = 1024
MIO = 1024 * KIO


@dataclass(frozen=True, slots=True)
class Limites:
    """The values of one process, in bytes unless said.

    `parametres` counts distinct names in a query. `envois` gives a larger body to paths: a path is matched when it
    starts with the first and ends with the second element of the key. `hotes` are the accepted values of `Host`, port
    left aside; empty accepts all.
    """

    cible: int = 8 * KIO
    entetes: int = 16 * KIO
    nombre_entetes: int = 64
    parametres: int = 50
    corps: int = MIO
    envois: Mapping[tuple[str, str], int] = field(default_factory=dict)
    hotes: frozenset[str] = frozenset()

    def corps_de(self, chemin: str) -> int:
        """Largest body accepted at this path."""
        for (debut, fin), limite in self.envois.items():
            if chemin.startswith(debut) and chemin.endswith(fin):
                return limite
        return self.corps


@lru_cache(maxsize=256)
def nom_hote(valeur: str) -> str:
    """Host name of a `Host` value, lower case, without port."""
    valeur = valeur.strip().lower()
    if valeur.startswith("["):
        return valeur.partition("]")[0] + "]"
    return valeur.partition(":")[0].rstrip(".")


def controler_tete(scope: Scope, limites: Limites) -> None:
    """Check target, headers, host and announced length.

    Raises `CibleTropLongue`, `EntetesTropGrands`, `RequeteInvalide`, `HoteInconnu` or `TropGrand`.
    """
    brut: bytes = scope.get("raw_path") or scope["path"].encode()
    requete: bytes = scope["query_string"]
    if len(brut) + len(requete) + bool(requete) > limites.cible:
        raise CibleTropLongue(f"Une adresse tient en {limites.cible} octets.")
    entetes: list[tuple[bytes, bytes]] = scope["headers"]
    if len(entetes) > limites.nombre_entetes:
        raise EntetesTropGrands(f"Au plus {limites.nombre_entetes} en-têtes.")
    if b"%00" in brut or b"%00" in requete or b"\0" in brut or b"\0" in requete:
        raise RequeteInvalide("L'adresse contient un caractère nul.")
    # A filter given several values is one parameter: its own model bounds how many.
    if requete.count(b"&") >= limites.parametres and _noms(requete) > limites.parametres:
        raise RequeteInvalide(f"Au plus {limites.parametres} paramètres dans une requête.")
    # As on the wire: name, colon, space, value, end of line.
    if sum(map(len, chain.from_iterable(entetes))) + 4 * len(entetes) > limites.entetes:
        raise EntetesTropGrands(f"Les en-têtes tiennent en {limites.entetes} octets.")
    dits = dict(entetes)
    if limites.hotes and nom_hote(dits.get(b"host", b"").decode("latin-1")) not in limites.hotes:
        raise HoteInconnu("L'hôte demandé n'est pas servi ici.")
    annonce = dits.get(b"content-length")
    if annonce is not None:
        if not annonce.isdigit() or len(annonce) > 18:
            raise RequeteInvalide("Content-Length n'est pas un nombre d'octets.")
        maximum = limites.corps_de(scope["path"])
        if int(annonce) > maximum:
            raise corps_trop_grand(maximum)


def _noms(requete: bytes) -> int:
    """Count the distinct names of a query string, as they are written."""
    return len({paire.partition(b"=")[0] for paire in requete.split(b"&")})


def corps_trop_grand(maximum: int) -> TropGrand:
    """Error of a body above its limit in bytes; the rest is not read, so the connection closes."""
    return TropGrand(f"Au plus {maximum} octets sont acceptés ici.", limite=maximum, entetes={"connection": "close"})


class Compteur:
    """Wraps an ASGI `receive` and raises `TropGrand` as soon as more than `maximum` bytes have come."""

    __slots__ = ("_maximum", "_receive", "depasse", "recus")

    def __init__(self, receive: Receive, maximum: int) -> None:
        self._receive, self._maximum = receive, maximum
        self.recus = 0
        self.depasse = False

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self.recus += len(message.get("body", b""))
            if self.recus > self._maximum:
                self.depasse = True
                raise corps_trop_grand(self._maximum)
        return message


class GardeLimites:
    """The middleware: refuses the head at once, and the body while it arrives."""

    def __init__(self, app: ASGIApp, *, limites: Limites) -> None:
        self._app, self._limites = app, limites

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            controler_tete(scope, self._limites)
        except Erreur as erreur:
            await envoyer_probleme(send, erreur, methode=scope["method"])
            return
        compteur = Compteur(receive, self._limites.corps_de(scope["path"]))
        commence = False

        async def noter(message: Message) -> None:
            nonlocal commence
            # The framework turns an exception met while reading a body into an answer of its own: ours replaces it.
            if compteur.depasse and not commence:
                return
            commence = True
            await send(message)

        try:
            await self._app(scope, compteur, noter)
        except TropGrand:
            if commence or not compteur.depasse:
                raise
        if compteur.depasse and not commence:
            await envoyer_probleme(
                send, corps_trop_grand(self._limites.corps_de(scope["path"])), methode=scope["method"]
            )
