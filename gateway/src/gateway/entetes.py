"""Headers on both sides of the gateway: what is dropped on the way in, what is dropped and added on the way out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from socle.web.entetes import completer

Entetes = list[tuple[bytes, bytes]]

SAUT = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"http2-settings",
    }
)
"""Headers of one hop (RFC 9110 §7.6.1, RFC 9113 §8.2.2)."""

IDENTITE = frozenset(
    {
        b"authorization",
        b"cookie",
        b"x-api-key",
        b"forwarded",
        b"via",
        b"x-real-ip",
        b"x-client-ip",
        b"true-client-ip",
        b"x-deadline-ms",
        b"x-http-method-override",
        b"x-method-override",
        b"x-original-url",
        b"x-rewrite-url",
    }
)
"""Headers by which a caller could say who it is, whence it comes or what it asks in another way."""

_PREFIXES_IDENTITE = (
    b"x-forwarded-",
    b"x-maillage-",
    b"x-auth-",
    b"x-user",
    b"x-principal",
    b"x-remote-",
    b"remote-",
)
_ENTRANTS = SAUT | IDENTITE | {b"host", b"expect", b"traceparent"}
_SORTANTS = SAUT | {b"server", b"date", b"set-cookie"}


def _nommes(entetes: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    """Names that a `Connection` header makes hop-by-hop."""
    for nom, valeur in entetes:
        if nom == b"connection":
            return frozenset(n.strip().lower() for n in valeur.split(b","))
    return frozenset()


def vers_amont(entetes: Entetes) -> Entetes:
    """Keep of a request what its service may read: neither a hop's business, nor any identity."""
    nommes = _nommes(entetes)
    return [
        (nom, valeur)
        for nom, valeur in entetes
        if nom not in _ENTRANTS
        and nom not in nommes
        and not nom.startswith(_PREFIXES_IDENTITE)
        # « x_user » and « x-user » are the same header to some servers.
        and b"_" not in nom
    ]


EXPOSES = b"Change-Number, Deprecation, ETag, Link, RateLimit, RateLimit-Policy, Retry-After, Sunset, X-Search-Engine"
PREVOL: Entetes = [
    (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"Accept, Accept-Language, Content-Type, If-None-Match, Prefer, X-Maillage-Application",
    ),
    (b"access-control-max-age", b"86400"),
]
PUBLICS: Entetes = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSES),
    (b"cross-origin-resource-policy", b"cross-origin"),
]
"""What lets any site read a public answer, without credentials (Fetch standard, CORS protocol)."""

REGLE_DEFAUT = (b"cache-control", b"private, no-store")
"""Of an answer whose service does not say who may keep it: nobody."""

_REMPLACES = frozenset(
    {
        b"access-control-allow-credentials",
        b"access-control-allow-headers",
        b"access-control-allow-methods",
        b"access-control-max-age",
        *(nom for nom, _ in PUBLICS),
    }
)


def avec_licence(entetes: Entetes, adresse: str) -> Entetes:
    """Link an answer to the licence of what it carries (RFC 8288, relation `license`), unless its service did."""
    if any(nom == b"link" and b'rel="license"' in valeur for nom, valeur in entetes):
        return entetes
    return [*entetes, (b"link", b'<%b>; rel="license"' % adresse.encode())]


def vers_client(entetes: Sequence[tuple[bytes, bytes]], *, public: bool = False) -> Entetes:
    """Keep of an answer what its caller may read, names in lower case as ASGI wants, and add what every answer bears;
    `public` opens it to any site.
    """
    noms, ajouts, saut = _plan(tuple([nom for nom, _ in entetes]), public)
    gardes = [(nom, paire[1]) for nom, paire in zip(noms, entetes, strict=True) if nom is not None]
    if saut is not None:
        nommes = _nommes([(b"connection", entetes[saut][1])])
        gardes = [(nom, valeur) for nom, valeur in gardes if nom not in nommes]
    return gardes + ajouts


@lru_cache(maxsize=512)
def _plan(bruts: tuple[bytes, ...], public: bool) -> tuple[list[bytes | None], Entetes, int | None]:
    """Decide once for the answers whose headers bear these names: the name of each that is kept, what is added, and
    where `Connection` is. Services answer in a few dozen ways.
    """
    petits = [nom.lower() for nom in bruts]
    noms = [None if nom in _SORTANTS or (public and nom in _REMPLACES) else nom for nom in petits]
    poses = [(nom, b"") for nom in noms if nom is not None] + (PUBLICS if public else [])
    if b"cache-control" not in noms:
        poses.append(REGLE_DEFAUT)
    ajouts = completer(poses)[len([nom for nom in noms if nom is not None]) :]
    return noms, ajouts, petits.index(b"connection") if b"connection" in petits else None
