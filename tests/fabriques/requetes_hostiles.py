"""Requests that nobody honest sends, drawn from a contract: the same seed gives the same requests.

Two kinds. Those of `Tireur.requete` are sound HTTP that says absurd things: the application must answer each. Those of
`Tireur.brute` are not HTTP: the server may refuse them before the application, or hang up.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

METHODES = (b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS")
METHODES_RARES = (b"TRACE", b"PROPFIND", b"PURGE", b"REPORT", b"MKCOL", b"SEARCH", b"LOCK", b"M-SEARCH")
UNICODE = ("é", "日本", "\u202e", "\u200b", "𝔘", "\ufeff", "e\u0301" * 50, "ﬀ", "\u0130", "🏳️‍🌈")
VALEURS = (
    "", " ", "0", "-1", "1e400", "NaN", "true", "null", "[]", "{}", "*", "%", "'", '"', "\\", "--", ";", "|", "&&",
    "1' OR '1'='1", "'; DROP TABLE lieux;--", "<script>alert(1)</script>", "${jndi:ldap://x}",
    "{{7*7}}", "../../etc/passwd",
    "9" * 30, "-" + "9" * 30, "9223372036854775808", "1.5", "1,2", "48.8566,2.3522", "91,181", "--1,--1", "٣", "²",
    "2026-02-30", "9999-12-31", "0000-00-00", "2026-01-01T25:61:61Z", "a" * 300, "a" * 5_000, "\r\nX-Injecte: oui",
    "00000000-0000-0000-0000-000000000000", "urn:uuid:00000000-0000-0000-0000-000000000000", "QN07501X", "2A004",
    *UNICODE,
)  # fmt: skip
POURCENTS = (
    b"%", b"%z", b"%zz", b"%2", b"%00", b"%ff", b"%c0%af", b"%ed%a0%80", b"%f4%90%80%80", b"%u0041", b"%25", b"%2f",
    b"%5c", b"%0d%0aSet-Cookie:%20a=b", b"%e2%80%ae", b"%2e%2e%2f", b"+", b"\xc3\xa9", b"\xff",
)  # fmt: skip
TRAVERSEES = (
    b"/..", b"/../../etc/passwd", b"/%2e%2e/", b"/..%2f..%2f", b"//", b"/./", b"/;a=b", b"/%2e", b"\\..\\", b"/.%00.",
    b"/....//", b"/%252e%252e%252f", b"/\xc3\xa9", b"/" + b"a" * 3_000, b"/" + b"a/" * 500, b"#ancre", b"?",
    b"/*", b"/~",
)  # fmt: skip
ENTETES: Mapping[bytes, Sequence[bytes]] = {
    b"Accept": (b"", b"*", b"*/*;q=0", b"text/html", b"a/b/c", b"text/xml, */*;q=abc", b",,,", b"\xff", b"x" * 4_000),
    b"Accept-Encoding": (b"zstd", b"gzip;q=0, *;q=0", b"identity;q=0", b"gzip;q=x", b"," * 500, b"deflate, br;q=2"),
    b"Accept-Language": (b"", b"xx-yy-zz;q=9", b"\xe9"),
    b"Accept-Charset": (b"utf-7", b"*;q=0"),
    b"If-Match": (b"", b"*", b'"', b'W/"a"', b'"a","b",', b"sans-guillemets", b'"\xff"', b'"a" "b"', b'"a",' * 800),
    b"If-None-Match": (b"", b"*", b'"', b"W/", b'W/"a', b'"a",' * 800, b"\x80"),
    b"If-Modified-Since": (b"hier", b"Mon, 99 Foo 9999 99:99:99 GMT", b"-1"),
    b"If-Unmodified-Since": (b"hier", b"Thu, 01 Jan 1970 00:00:00 GMT"),
    b"If-Range": (b'"a"', b"hier"),
    b"Range": (b"bytes=0-1", b"bytes=-1", b"bytes=9-1", b"bytes=" + b"0-1," * 500, b"octets=a", b"bytes=99999999999-"),
    b"Idempotency-Key": (b"", b"court", b'"', b'""', b"a" * 65, b"a" * 16, b'"' + b"b" * 20, b"\xe9" * 20, b"a b" * 8),
    b"Prefer": (b"wait", b"wait=", b"wait=-1", b"respond-async, wait=abc", b"=;=,=", b"wait=\xb2"),
    b"traceparent": (
        b"", b"00-0-0-0", b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01",
        b"ff-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01",
        b"\xff", b"00-" + b"z" * 32 + b"-" + b"a" * 16 + b"-01", b"a" * 2_000,
    ),
    b"tracestate": (b"=", b"a=b," * 400),
    b"Authorization": (
        b"", b"Bearer", b"Bearer ", b"Bearer a b", b"Basic YTpi", b"Bearer mnk_local_" + b"a" * 10, b"\xff\xfe",
        b"Bearer eyJhbGciOiJub25lIn0.e30.", b"Bearer " + b"a" * 8_000, b"Negotiate x", b"Bearer \xc3\xa9",
    ),
    b"X-API-Key": (b"", b"a", b"mnk_local_x"),
    b"Cookie": (b"a=b", b"=", b";" * 1_000),
    b"Origin": (b"null", b"https://ailleurs.example", b"\xff", b"*"),
    b"Access-Control-Request-Method": (b"GET", b"DELETE", b"\xff", b""),
    b"Content-Type": (
        b"", b"application", b"application/json; charset=utf-7", b"application/json; charset=",
        b"text/csv; charset=x-rien",
        b"multipart/form-data", b"multipart/form-data; boundary=", b"application/x-www-form-urlencoded", b"\xff/\xff",
        b"application/json, application/json", b"APPLICATION/JSON", b"application/json;" * 200, b"image/png", b"*/*",
    ),
    b"Content-Encoding": (b"gzip", b"br", b"zstd", b"deflate", b"identity", b"gzip, gzip", b"rien", b""),
    b"Digest": (b"sha-256=rien",),
    b"Content-Digest": (b"sha-256=:AAAA:", b"rien", b"sha-256=::", b"md5=:AAAA:"),
    b"X-HTTP-Method-Override": (b"DELETE", b"PUT", b"\xff"),
    b"X-Forwarded-For": (b"rien", b"::1", b"1.2.3.4," * 300, b"\xff"),
    b"X-Forwarded-Host": (b"ailleurs.example",),
    b"X-Deadline-Ms": (b"0", b"-1", b"abc", b"1e9"),
    b"Forwarded": (b"for=\"[::1]\";host=ailleurs", b"="),
    b"Expect": (b"100-continue", b"200-ok"),
    b"Upgrade": (b"h2c", b"rien/1"),
    b"Connection": (b"keep-alive, authorization", b"content-type", b"te, \xff", b"upgrade"),
    b"TE": (b"trailers", b"gzip;q=2"),
    b"Via": (b"1.1 a",),
    b"Max-Forwards": (b"0", b"-1"),
    b"X-" + b"n" * 500: (b"v",),
    b"X-Vide": (b"",),
}  # fmt: skip


@dataclass(frozen=True)
class Requete:
    """A request as its bytes. `brute`: not sound HTTP, the server alone may refuse it, or hang up."""

    octets: bytes
    methode: bytes
    brute: bool = False


@dataclass
class Tireur:
    """Draws requests. `connus` are values that exist by parameter name; `cle` opens everything."""

    contrat: Mapping[str, Any]
    connus: Mapping[str, Sequence[str]]
    cle: str
    graine: int
    hasard: random.Random = field(init=False)
    operations: list[tuple[str, str, Mapping[str, Any]]] = field(init=False)

    def __post_init__(self) -> None:
        self.hasard = random.Random(self.graine)
        self.operations = [
            (chemin, methode, dite)
            for chemin, dites in self.contrat["paths"].items()
            for methode, dite in dites.items()
            if isinstance(dite, dict) and "responses" in dite
        ]

    def tirer(self) -> Requete:
        """Draw one request: one in ten is not HTTP."""
        return self.brute() if self.hasard.random() < 0.1 else self.requete()

    def requete(self) -> Requete:
        """Draw a sound request: an operation of the contract, with one to three faults."""
        chemin, methode, dite = self.hasard.choice(self.operations)
        parties = _Parties(methode.upper().encode(), self._chemin(chemin, dite), self._requete(dite))
        parties.entetes += [(b"Host", b"127.0.0.1"), (b"Authorization", b"Bearer " + self.cle.encode())]
        if "requestBody" in dite:
            type_mime, contenu = self.hasard.choice(list(dite["requestBody"]["content"].items()))
            parties.corps = _exemple(contenu)
            parties.entetes.append((b"Content-Type", type_mime.encode()))
            parties.entetes.append((b"Idempotency-Key", b"%032x" % self.hasard.getrandbits(128)))
        fautes: tuple[Callable[[_Parties], None], ...] = (
            self._faute_de_methode, self._faute_de_chemin, self._faute_de_requete, self._faute_d_entete,
            self._faute_de_corps, self._faute_de_corps,
        )  # fmt: skip
        for faute in self.hasard.choices(fautes, k=self.hasard.randint(1, 3)):
            faute(parties)
        return Requete(parties.octets(), parties.methode)

    def _chemin(self, chemin: str, dite: Mapping[str, Any]) -> bytes:
        for parametre in dite.get("parameters", ()):
            if parametre["in"] == "path":
                valeur = self._valeur(parametre["name"], connue=0.7)
                chemin = chemin.replace("{" + parametre["name"] + "}", quote(valeur, safe=""))
        return chemin.encode()

    def _requete(self, dite: Mapping[str, Any]) -> bytes:
        noms = [p["name"] for p in dite.get("parameters", ()) if p["in"] == "query" and self.hasard.random() < 0.3]
        return "&".join(f"{nom}={quote(self._valeur(nom, connue=0.4))}" for nom in noms).encode()

    def _valeur(self, nom: str, *, connue: float) -> str:
        if nom == "wait":
            # A sound one would wait, up to 25 seconds.
            return self.hasard.choice(["0", "26", "-1", "abc"])
        if self.hasard.random() < connue and self.connus.get(nom):
            return self.hasard.choice(self.connus[nom])
        return self.hasard.choice(VALEURS)

    def _faute_de_methode(self, parties: _Parties) -> None:
        rares = self.hasard.random() < 0.3
        parties.methode = self.hasard.choice(METHODES_RARES if rares else METHODES)

    def _faute_de_chemin(self, parties: _Parties) -> None:
        chemin = parties.chemin
        ou = self.hasard.randint(1, len(chemin))
        choix = self.hasard.randrange(6)
        if choix == 0:
            parties.chemin = chemin[:ou] + self.hasard.choice(POURCENTS) + chemin[ou:]
        elif choix == 1:
            parties.chemin = chemin + self.hasard.choice(TRAVERSEES)
        elif choix == 2:
            segments = chemin.split(b"/")
            segments.insert(self.hasard.randint(1, len(segments)), self.hasard.choice(TRAVERSEES).strip(b"/#?"))
            parties.chemin = b"/".join(segments)
        elif choix == 3:
            parties.chemin = b"".join(
                b"%%%02x" % o if self.hasard.random() < 0.3 and o != 47 else bytes([o]) for o in chemin
            )
        elif choix == 4:
            parties.chemin = self.hasard.choice(
                [chemin.upper(), chemin[:ou], chemin + chemin, chemin + b"/", b"/" + chemin]
            )
        else:
            parties.chemin = chemin + b"/" + b"x" * self.hasard.choice([1_000, 8_100, 8_192, 9_000, 30_000])

    def _faute_de_requete(self, parties: _Parties) -> None:
        noms = [p.partition(b"=")[0] for p in parties.requete.split(b"&") if p] or [b"limite", b"curseur", b"q"]
        nom = self.hasard.choice(noms)
        valeur = quote(self.hasard.choice(VALEURS)).encode()
        ajout = self.hasard.choice(
            [
                nom + b"=" + valeur,
                nom + b"=" + self.hasard.choice(POURCENTS),
                self.hasard.choice(POURCENTS) + b"=1",
                b"&".join([nom + b"=" + valeur[:50]] * self.hasard.choice([2, 49, 60, 120])),
                b"&".join(b"p%d=1" % rang for rang in range(self.hasard.choice([1, 51, 400]))),
                b"inconnu=" + b"x" * self.hasard.choice([1, 5_000, 10_000, 40_000]),
                nom + b"[]=1&" + nom + b"[a][b]=2",
                b"&" * self.hasard.choice([1, 60, 3_000]),
                b"=", b"a;b=c", b"?a=b", nom, b"api_key=secret", b"access_token=mnk_local_x", b"limite=500&limite=1",
            ]
        )  # fmt: skip
        parties.requete = parties.requete + b"&" + ajout if parties.requete else ajout

    def _faute_d_entete(self, parties: _Parties) -> None:
        choix = self.hasard.randrange(10)
        if choix == 0:
            parties.entetes += [(b"X-%d" % rang, b"v") for rang in range(self.hasard.choice([40, 64, 100]))]
        elif choix == 1:
            parties.entetes.append((b"X-Grand", b"v" * self.hasard.choice([8_000, 16_300, 20_000, 50_000])))
        elif choix == 2:
            parties.remplacer(
                b"Host", self.hasard.choice([b"ailleurs.example", b"", b"a@b", b"127.0.0.1:x", b"[::", b"\xff"])
            )
        elif choix == 3:
            parties.retirer(b"Authorization")
        else:
            nom = self.hasard.choice(list(ENTETES))
            valeur = self.hasard.choice(ENTETES[nom])
            if choix == 4:
                parties.entetes += [(nom, self.hasard.choice(ENTETES[nom])), (nom.upper(), valeur)]
            else:
                parties.remplacer(nom, valeur)

    def _faute_de_corps(self, parties: _Parties) -> None:
        if not parties.corps and self.hasard.random() < 0.8:
            return
        parties.corps = self._corps(parties.corps)
        if not any(nom.lower() == b"content-type" for nom, _ in parties.entetes):
            parties.entetes.append((b"Content-Type", b"application/json"))

    def _corps(self, corps: bytes) -> bytes:
        hasard = self.hasard
        ou = hasard.randint(0, len(corps))
        try:
            objet = json.loads(corps)
        except (ValueError, RecursionError):
            # Already spoiled by another fault.
            objet = {}
        texte = json.dumps(hasard.choice(VALEURS))
        fabriques: tuple[Callable[[], bytes], ...] = (
            lambda: corps[:ou],
            lambda: corps[:ou] + hasard.randbytes(hasard.randint(1, 20)) + corps[ou:],
            lambda: hasard.randbytes(hasard.choice([1, 100, 5_000])),
            lambda: corps + corps,
            lambda: b"\xef\xbb\xbf" + corps,
            lambda: corps.decode("utf-8", "replace").encode(hasard.choice(["utf-16", "utf-32", "utf-7"])),
            lambda: corps.replace(b'"', b"'"),
            lambda: corps.replace(b":", b": NaN,", 1),
            lambda: corps.rstrip(b"}") + b',"nom":"a","nom":"b"}',
            lambda: b"[" * (p := hasard.choice([31, 33, 500, 50_000])) + b"]" * p,
            lambda: b'{"a":' * (p := hasard.choice([31, 33, 3_000])) + b"1" + b"}" * p,
            lambda: b'{"nom":"\\u0000"}',
            lambda: b'{"nom":"\\ud800","\\udfff":1}',
            lambda: b'{"nom":"\xed\xa0\x80"}',
            lambda: b'{"rang":1' + b"0" * hasard.choice([60, 70, 5_000]) + b"}",
            lambda: b'{"rang":1e400}',
            lambda: b'{"nom":"' + b"x" * hasard.choice([19_990, 20_010, 300_000]) + b'"}',
            lambda: b"[" + b"0," * hasard.choice([9_990, 20_000]) + b"0]",
            lambda: json.dumps({f"c{rang}": rang for rang in range(hasard.choice([499, 501]))}).encode(),
            lambda: b"null",
            lambda: b"",
            lambda: b'"' + b"a" * 10 + b'"',
            lambda: gzip.compress(corps, mtime=0),
            lambda: gzip.compress(b"\0" * 3_000_000, mtime=0),
            lambda: b"PK\x03\x04" + hasard.randbytes(200),
            lambda: b"x" * (1_048_576 + hasard.choice([0, 1])),
            lambda: _remplace(objet, hasard, texte),
            lambda: _remplace(objet, hasard, texte),
            lambda: _remplace(
                objet, hasard, hasard.choice(["null", "[]", "{}", "1.5", "-1", "true", "[[]]", '{"a":1}'])
            ),
            lambda: json.dumps({**objet, "inconnu": 1}).encode() if isinstance(objet, dict) else b"{}",
        )
        return hasard.choice(fabriques)()

    def brute(self) -> Requete:
        """Draw bytes that are not quite HTTP."""
        hasard = self.hasard
        chemin = b"/annuaire/v1/lieux?limite=1"
        cle = b"Authorization: Bearer " + self.cle.encode() + b"\r\n"
        tete = b"GET " + chemin + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        post = b"POST /annuaire/v1/sources HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" + cle
        formes: tuple[bytes, ...] = (
            b"GET " + chemin + b"\r\n\r\n",
            b"GET " + chemin + b" HTTP/9.9\r\nHost: a\r\n\r\n",
            b"GET " + chemin + b" HTTP/1.0\r\n\r\n",
            b"GET " + chemin + b" HTTP/1.1\r\n\r\n",
            b"get " + chemin + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"G\xc9T " + chemin + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"X" * 5_000 + b" / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET  " + chemin + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET\t" + chemin + b"\tHTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET http://ailleurs.example/cles HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET ailleurs.example:443 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"CONNECT ailleurs.example:443 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET annuaire/v1/lieux HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET /annuaire/v1/lieux?q=a b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET /\x00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            tete + b"Host: deux\r\n\r\n",
            tete + b"Sans deux-points\r\n\r\n",
            tete + b": vide\r\n\r\n",
            tete + b"Nom : espace\r\n\r\n",
            tete + b"X-Nul: a\x00b\r\n\r\n",
            tete + b"X-Retour: a\rb\r\n\r\n",
            tete + b"X-Pli: a\r\n b\r\n\r\n",
            tete.replace(b"\r\n", b"\n") + b"\n",
            tete + b"X: " + b"v" * 200_000 + b"\r\n\r\n",
            tete + b"".join(b"X-%d: v\r\n" % rang for rang in range(3_000)) + b"\r\n",
            tete + b"X-\xe9: v\r\n\r\n",
            tete + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            b"Sec-WebSocket-Version: 13\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + hasard.randbytes(64),
            hasard.randbytes(hasard.choice([10, 200, 3_000])),
            b"\r\n" * 50 + tete + b"\r\n",
            post + b"Content-Length: 10\r\nContent-Length: 11\r\n\r\n{}        ",
            post + b"Content-Length: -1\r\n\r\n",
            post + b"Content-Length: 0x10\r\n\r\n",
            post + b"Content-Length: 99999999999999999999999\r\n\r\n",
            post + b"Content-Length: 40\r\n\r\n{}",
            post + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            post + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
            post + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
            post + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
            post + b"Transfer-Encoding: chunked\r\n\r\n2;ext=" + b"x" * 20_000 + b"\r\n{}\r\n0\r\n\r\n",
            post + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Fin: a\r\n\r\n",
            post + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 2_000 + b"0\r\n\r\n",
            post + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            post + b"Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            post + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
            post + b"Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n",
        )  # fmt: skip
        return Requete(hasard.choice(formes), b"GET", brute=True)


@dataclass
class _Parties:
    methode: bytes
    chemin: bytes
    requete: bytes
    entetes: list[tuple[bytes, bytes]] = field(default_factory=list)
    corps: bytes = b""

    def remplacer(self, nom: bytes, valeur: bytes) -> None:
        self.retirer(nom)
        self.entetes.append((nom, valeur))

    def retirer(self, nom: bytes) -> None:
        self.entetes = [paire for paire in self.entetes if paire[0].lower() != nom.lower()]

    def octets(self) -> bytes:
        """Write the request; its length is right, and bytes that no request line can hold are percent-encoded."""
        cible = self.chemin + (b"?" + self.requete if self.requete else b"")
        cible = b"".join(b"%%%02X" % octet if octet <= 32 or octet == 127 else bytes([octet]) for octet in cible)
        lignes = [self.methode + b" " + cible + b" HTTP/1.1"]
        lignes += [nom + b": " + valeur.replace(b"\r\n", b" ") for nom, valeur in self.entetes]
        if self.corps or self.methode in (b"POST", b"PUT", b"PATCH"):
            lignes.append(b"Content-Length: %d" % len(self.corps))
        return b"\r\n".join(lignes) + b"\r\n\r\n" + self.corps


def _exemple(contenu: Mapping[str, Any]) -> bytes:
    exemples = [dit["value"] for dit in contenu.get("examples", {}).values()]
    valeur = exemples[0] if exemples else contenu.get("schema", {}).get("example", {"nom": "fictif"})
    return valeur.encode() if isinstance(valeur, str) else json.dumps(valeur).encode()


def _remplace(objet: Any, hasard: random.Random, texte: str) -> bytes:
    """Put a JSON text in the place of one member of an object."""
    if not isinstance(objet, dict) or not objet:
        return texte.encode()
    cible = hasard.choice(list(objet))
    membres = (f"{json.dumps(cle)}:{texte if cle == cible else json.dumps(valeur)}" for cle, valeur in objet.items())
    return ("{" + ",".join(membres) + "}").encode()
