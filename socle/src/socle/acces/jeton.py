"""The internal token: signed by the gateway for one service, sixty seconds, Ed25519 (RFC 7519, 8037, 9864)."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from socle.acces.cles import lire_cle_privee, lire_cles_publiques, preparer_cles
from socle.acces.principal import Principal
from socle.errors import NonAuthentifie
from socle.identifiants import uuid7

ALGORITHME = "Ed25519"
EMETTEUR = "passerelle"
DUREE = 60
REEMPLOI = 30
TOLERANCE = 5
TAILLE_MAXIMALE = 4096
_RELECTURE = 1.0

Horloge = Callable[[], float]


class Signataire:
    """Mints the tokens.

    A token for reading is reused for at most 30 s for the same caller and service, since a signature costs about
    50 µs; a token for writing is new each time and bears a `jti`.
    """

    def __init__(
        self,
        kid: str,
        cle: OKPKey,
        *,
        emetteur: str = EMETTEUR,
        horloge: Horloge = time.time,
        capacite: int = 10_000,
    ) -> None:
        self._kid, self._cle, self._emetteur, self._horloge = kid, cle, emetteur, horloge
        self._capacite = capacite
        self._en_cache: OrderedDict[tuple[Principal, str], tuple[str, float]] = OrderedDict()

    @classmethod
    def depuis(cls, dossier: Path, *, horloge: Horloge = time.time) -> Signataire:
        """Read the newest key of the folder, after having made or rotated it if need be."""
        preparer_cles(dossier, horloge=horloge)
        return cls(*lire_cle_privee(dossier), horloge=horloge)

    def renouveler(self, dossier: Path) -> None:
        """Take the newest key of the folder, without a restart; tokens in cache live out their seconds."""
        preparer_cles(dossier, horloge=self._horloge)
        self._kid, self._cle = lire_cle_privee(dossier)

    def signer(self, principal: Principal, audience: str, *, ecriture: bool = False) -> str:
        """Return the token of this caller for this service."""
        if ecriture:
            return self._signer(principal, audience, ecriture=True)
        cle, maintenant = (principal, audience), self._horloge()
        connu = self._en_cache.get(cle)
        if connu is not None and 0 <= maintenant - connu[1] < REEMPLOI:
            self._en_cache.move_to_end(cle)
            return connu[0]
        jeton = self._signer(principal, audience, ecriture=False)
        self._en_cache[cle] = (jeton, maintenant)
        if len(self._en_cache) > self._capacite:
            self._en_cache.popitem(last=False)
        return jeton

    def _signer(self, principal: Principal, audience: str, *, ecriture: bool) -> str:
        maintenant = int(self._horloge())
        revendications: dict[str, Any] = {
            "iss": self._emetteur,
            "aud": audience,
            "sub": principal.sujet,
            "iat": maintenant,
            "nbf": maintenant,
            "exp": maintenant + DUREE,
            "scope": " ".join(sorted(principal.portees)),
            "nom": principal.nom,
        }
        if principal.sources is not None:
            revendications["sources"] = sorted(principal.sources)
        if principal.anonyme:
            revendications["anonyme"] = True
        if ecriture:
            revendications["jti"] = str(uuid7())
        return jwt.encode({"alg": ALGORITHME, "kid": self._kid}, revendications, self._cle, [ALGORITHME])


class Verificateur:
    """Checks the tokens addressed to one service.

    `lire_cles` returns the public keys by `kid`; it is called again, at most once a second, when an unknown `kid`
    arrives, so that a rotation asks for no restart. A verified token for reading is remembered until it expires.
    """

    def __init__(
        self,
        audience: str,
        lire_cles: Callable[[], Mapping[str, OKPKey]],
        *,
        emetteur: str = EMETTEUR,
        horloge: Horloge = time.time,
        capacite: int = 10_000,
    ) -> None:
        self._audience, self._lire_cles, self._emetteur = audience, lire_cles, emetteur
        self._horloge, self._capacite = horloge, capacite
        self._cles: Mapping[str, OKPKey] = {}
        self._lues_le = float("-inf")
        self._verifies: OrderedDict[str, tuple[Principal, float]] = OrderedDict()
        self._consommes: OrderedDict[str, float] = OrderedDict()

    @classmethod
    def depuis(cls, audience: str, dossier: Path, *, horloge: Horloge = time.time) -> Verificateur:
        """Verify with the public keys of this folder."""
        return cls(audience, lambda: lire_cles_publiques(dossier), horloge=horloge)

    def verifier(self, jeton: str, *, ecriture: bool = False) -> Principal:
        """Return the caller that a token names.

        Raises `NonAuthentifie` on a bad signature, issuer, audience or date, a life above 60 s, and for a write on an
        absent or already used `jti`.
        """
        maintenant = self._horloge()
        if not ecriture:
            connu = self._verifies.get(jeton)
            if connu is not None and maintenant < connu[1]:
                return connu[0]
        revendications = self._decoder(jeton)
        expire = self._controler(revendications, maintenant)
        principal = _principal(revendications)
        if ecriture:
            self._consommer(revendications.get("jti"), expire, maintenant)
        else:
            self._verifies[jeton] = (principal, expire)
            if len(self._verifies) > self._capacite:
                self._verifies.popitem(last=False)
        return principal

    def _decoder(self, jeton: str) -> dict[str, Any]:
        if len(jeton) > TAILLE_MAXIMALE:
            raise _refus()
        try:
            return jwt.decode(jeton, self._trouver_cle, [ALGORITHME]).claims
        # joserfc lets the errors of its base64 and JSON readers through on some malformed tokens.
        except (JoseError, ValueError, TypeError, KeyError) as exc:
            raise _refus() from exc

    def _trouver_cle(self, recipient: Any) -> OKPKey:
        kid = recipient.headers().get("kid")
        if kid not in self._cles and self._horloge() - self._lues_le >= _RELECTURE:
            self._lues_le = self._horloge()
            self._cles = dict(self._lire_cles())
        return self._cles[kid]

    def _controler(self, revendications: Mapping[str, Any], maintenant: float) -> float:
        emis, des, expire = (_entier(revendications.get(nom)) for nom in ("iat", "nbf", "exp"))
        valable = (
            revendications.get("iss") == self._emetteur
            and revendications.get("aud") == self._audience
            and expire - emis <= DUREE
            and emis <= maintenant + TOLERANCE
            and des <= maintenant + TOLERANCE
            and maintenant < expire + TOLERANCE
        )
        if not valable:
            raise _refus()
        return float(expire + TOLERANCE)

    def _consommer(self, jti: object, expire: float, maintenant: float) -> None:
        if not isinstance(jti, str) or not 16 <= len(jti) <= 64 or jti in self._consommes:
            raise _refus()
        # Lives are equal to within a few seconds, so the oldest entries are the first to expire.
        while self._consommes and next(iter(self._consommes.values())) < maintenant - 2 * TOLERANCE:
            self._consommes.popitem(last=False)
        self._consommes[jti] = expire


def _entier(valeur: object) -> int:
    if not isinstance(valeur, int) or isinstance(valeur, bool):
        raise _refus()
    return valeur


def _refus() -> NonAuthentifie:
    # One answer for all faults: a forger learns nothing from it.
    return NonAuthentifie("Le jeton de la requête n'est pas valable.")


def _principal(revendications: Mapping[str, Any]) -> Principal:
    sujet, nom, portees = (revendications.get(cle) for cle in ("sub", "nom", "scope"))
    sources = revendications.get("sources")
    if not (isinstance(sujet, str) and sujet and isinstance(portees, str)):
        raise _refus()
    if sources is not None and not (isinstance(sources, list) and all(isinstance(s, str) for s in sources)):
        raise _refus()
    return Principal(
        sujet=sujet,
        nom=nom if isinstance(nom, str) else "",
        portees=frozenset(portees.split()),
        sources=None if sources is None else frozenset(sources),
        anonyme=revendications.get("anonyme") is True,
    )
