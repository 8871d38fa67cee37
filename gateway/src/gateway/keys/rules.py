"""Rules of the access keys: their form, their fingerprint, what they may carry. Chance and clock are arguments."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import string
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from socle.errors import Faute

from gateway.keys.errors import CleMalDecrite

PORTEES = frozenset(
    {"lecture", "sync:write", "sync:force", "sync:admin", "webhooks", "doublons", "stats", "cles:admin"}
)
DUREE_DEFAUT, DUREE_MAXIMALE = timedelta(days=180), timedelta(days=366)
DUREE_PUBLIABLE, DUREE_PUBLIABLE_MAXIMALE = timedelta(days=1826), timedelta(days=3653)
"""A publishable key lives in applications already installed, which nobody comes back to change."""

SECRETE, PUBLIABLE = "mnk", "mpub"
TAILLE_ID, TAILLE_SECRET, TAILLE_SOMME = 10, 43, 6

_CHIFFRES = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ALPHABET_ID = string.digits + string.ascii_lowercase
_FORME = re.compile(r"(mnk|mpub)_([a-z0-9]{1,16})_([0-9a-z]{10})_([0-9A-Za-z]{43})_([0-9A-Za-z]{6})")

Choisir = Callable[[str], str]
"""Picks one character of a string at random (`secrets.choice` in production)."""


@dataclass(frozen=True, slots=True)
class ClePresentee:
    """A key as its bearer sends it, its form being right."""

    environnement: str
    id: str
    secret: str
    publiable: bool = False


def somme(texte: str) -> str:
    """Six characters that tell a mistyped key from a wrong one: CRC-32 in base 62."""
    reste, ecrits = zlib.crc32(texte.encode()), ""
    for _ in range(TAILLE_SOMME):
        reste, rang = divmod(reste, 62)
        ecrits = _CHIFFRES[rang] + ecrits
    return ecrits


def fabriquer(environnement: str, choisir: Choisir, *, publiable: bool = False) -> tuple[ClePresentee, str]:
    """Make a key; 43 characters of base 62 hold 256 bits. Returns its parts and its text."""
    ident = "".join(choisir(_ALPHABET_ID) for _ in range(TAILLE_ID))
    secret = "".join(choisir(_CHIFFRES) for _ in range(TAILLE_SECRET))
    debut = f"{PUBLIABLE if publiable else SECRETE}_{environnement}_{ident}_{secret}"
    return ClePresentee(environnement, ident, secret, publiable), f"{debut}_{somme(debut)}"


def lire(texte: str) -> ClePresentee | None:
    """Read a key; `None` when its form or its checksum is wrong."""
    forme = _FORME.fullmatch(texte)
    if forme is None or somme(texte.rpartition("_")[0]) != forme[5]:
        return None
    return ClePresentee(forme[2], forme[3], forme[4], forme[1] == PUBLIABLE)


def empreinte(poivre: bytes, secret: str) -> str:
    """Fingerprint a secret: hexadecimal HMAC-SHA-256. A secret of 256 bits asks for no slow hash."""
    return hmac.new(poivre, secret.encode(), hashlib.sha256).hexdigest()


def meme_empreinte(connue: str, calculee: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(connue.encode(), calculee.encode())


def autorise(adresse: str, reseaux: Sequence[str] | None) -> bool:
    """Tell whether an address is in one of these CIDR blocks; without blocks, all are."""
    if reseaux is None:
        return True
    try:
        hote = ipaddress.ip_address(adresse)
    except ValueError:
        return False
    return any(hote in ipaddress.ip_network(reseau) for reseau in reseaux)


def valider(
    *,
    nom: str,
    portees: Sequence[str],
    sources: Sequence[str] | None,
    reseaux: Sequence[str] | None,
    duree: timedelta,
    publiable: bool = False,
) -> None:
    """Check the description of a key to be; raises `CleMalDecrite`."""
    inconnues = sorted(set(portees) - PORTEES)
    if not nom.strip() or len(nom) > 100:
        raise CleMalDecrite("Donnez à la clé un nom de 1 à 100 caractères : qui s'en sert, et pour quoi.")
    if publiable and (portees or sources is not None):
        raise CleMalDecrite("Une clé publiable n'ouvre rien : elle n'a ni portée ni source.")
    if inconnues or not (portees or publiable):
        raise CleMalDecrite(
            f"Portée inconnue : {', '.join(inconnues) or 'aucune donnée'}. Choix : {', '.join(sorted(PORTEES))}."
        )
    if sources is not None and "cles:admin" in portees:
        raise CleMalDecrite("Une clé liée à une source ne peut pas administrer les clés.")
    maximum = DUREE_PUBLIABLE_MAXIMALE if publiable else DUREE_MAXIMALE
    if not timedelta(0) < duree <= maximum:
        phrase = f"Une clé {'publiable ' if publiable else ''}dure de 1 à {maximum.days} jours."
        raise CleMalDecrite(phrase, erreurs=[Faute("/jours", "duree-hors-bornes", phrase)])
    for reseau in reseaux or ():
        try:
            ipaddress.ip_network(reseau)
        except ValueError as exc:
            raise CleMalDecrite(f"« {reseau} » n'est pas un réseau (attendu : 192.0.2.0/24).") from exc


def vivante(expire_le: datetime, revoquee_le: datetime | None, maintenant: datetime) -> bool:
    """Tell whether a key still opens anything."""
    return revoquee_le is None and maintenant < expire_le
