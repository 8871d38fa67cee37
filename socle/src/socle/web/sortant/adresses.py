"""Which outside addresses may be called. Pure: a URL is examined here, its name is resolved elsewhere.

One parser reads the URL, the one that then calls it: two readings of one text are how a guard is passed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from socle.web.client import URL, InvalidURL
from socle.web.sortant.errors import SortieRefusee

LONGUEUR_MAX: Final = 2_000

_NOM: Final = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63}){1,9}")
_INTERDITS: Final = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_FERMES_V4: Final = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
# IANA delegates public IPv6 addresses from this block only: mapped, translated (64:ff9b::/96), local, multicast and
# discarded ones are all outside of it.
_OUVERT_V6: Final = ip_network("2000::/3")
_FERMES_V6: Final = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reglages:
    """What the administrator opens: more `ports` than 443, and `locales`, origins of this very machine.

    `locales` holds origins such as `http://127.0.0.1:9000`, for development: no check bears on them, and no redirect
    may lead to them.
    """

    ports: frozenset[int] = frozenset({443})
    locales: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cible:
    """An address that may be resolved: its URL as it will be asked, its host in ASCII, whether it is one of ours."""

    url: URL
    hote: str
    port: int
    locale: bool = False

    @property
    def origine(self) -> str:
        """Scheme, host and port: what credentials are given to."""
        return f"{self.url.scheme}://{self.hote}:{self.port}"


def examiner(url: str | URL, reglages: Reglages, *, redirigee: bool = False) -> Cible:
    """Read the URL of a call. Raises `SortieRefusee`."""
    texte = str(url)
    if len(texte) > LONGUEUR_MAX or _INTERDITS.search(texte):
        raise SortieRefusee("adresse-refusee")
    try:
        lue = URL(texte).copy_with(fragment=None)
    except (InvalidURL, ValueError, TypeError):
        raise SortieRefusee("adresse-refusee") from None
    hote = lue.raw_host.decode("ascii").lower().removesuffix(".")
    port = lue.port or {"https": 443, "http": 80}.get(lue.scheme, 0)
    cible = Cible(url=lue, hote=hote, port=port)
    if not redirigee and cible.origine in {_origine(o) for o in reglages.locales}:
        return Cible(url=lue, hote=hote, port=port, locale=True)
    if lue.scheme != "https" or lue.userinfo or port not in reglages.ports or not _hote_permis(hote):
        raise SortieRefusee("adresse-refusee")
    return cible


def _origine(texte: str) -> str:
    lue = URL(texte)
    return f"{lue.scheme}://{lue.raw_host.decode('ascii').lower()}:{lue.port or {'https': 443, 'http': 80}[lue.scheme]}"


def _hote_permis(hote: str) -> bool:
    try:
        return publique(hote)
    except ValueError:
        pass
    if _NOM.fullmatch(hote) is None:
        return False
    # « 127.1 », « 0x7f.0.0.1 », « 2130706433 »: some resolvers read them as addresses, so nobody shall
    derniere = hote.rpartition(".")[2]
    return not (derniere.isdecimal() or derniere.startswith("0x"))


def publique(adresse: str) -> bool:
    """Tell whether an IP address is one of the public Internet. Raises `ValueError` when it is not an address."""
    lue: IPv4Address | IPv6Address = ip_address(adresse)
    if isinstance(lue, IPv4Address):
        return not any(lue in reseau for reseau in _FERMES_V4)
    return lue.scope_id is None and lue in _OUVERT_V6 and not any(lue in reseau for reseau in _FERMES_V6)
