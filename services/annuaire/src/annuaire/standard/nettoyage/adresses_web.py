"""Web addresses: repaired where the intent is plain, case kept (paths are sensitive to it)."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from ..anomalies import Anomalie
from .nettoye import Nettoye, anomalie, memoriser
from .textes import nettoyer_texte

LONGUEUR_URL: Final = 2000
_SEPARATEURS: Final = re.compile(
    # Whitespace is tried from its first character only: from each, a long run would cost its square.
    r"(?:(?<!\s)\s+)?[|\n]\s*|(?:(?<!\s)\s+)?[;,]\s*(?=https?:|www\.)"
    r"|(?<!\s)\s+(?:et|ou|ET|OU|/|-)\s+(?=\S{0,60}\.)|(?<!\s)\s+(?=https?:|www\.)"
)
_COLLEES: Final = re.compile(r"(?<=[A-Za-z0-9/])(?=https?://)")
_SCHEMA_REDIT: Final = re.compile(r"(?:https?\s{0,3}:?\s{0,3}/{1,3}:?\s{0,3}){1,4}", re.IGNORECASE)
_WWW: Final = re.compile(r"www\s{0,2}[:,;.]\s{0,2}", re.IGNORECASE)
_AUTOUR: Final = " \t<>()[]\"'«»,;"
_ETIQUETTE: Final = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
_SUFFIXE: Final = re.compile(r"[A-Za-z]{2,24}|xn--[a-z0-9-]{2,59}")


def nettoyer_url(brut: str, champ: str = "site_web") -> Nettoye[tuple[str, ...]]:
    """Read the web addresses of one value (a cell cut at `|` already).

    Gives `http` and `https` addresses with a host that has a dot. A missing scheme, `http:/x`, `https//x`,
    `http://http://x`, `www,x` and spaces are repaired with a notice; case, query and fragment are kept. What isn't an
    address is told (`url_invalide`) and left out.
    """
    return _lire(brut, champ)


@memoriser(8192)
def _lire(brut: str, champ: str) -> Nettoye[tuple[str, ...]]:
    if valide(brut) and "," not in brut and not _COLLEES.search(brut):
        return Nettoye((brut,))
    propre = nettoyer_texte(brut, champ, lignes=True)
    if propre.valeur is None:
        return Nettoye((), propre.anomalies)
    anomalies: list[Anomalie] = list(propre.anomalies)
    valeurs: list[str] = []
    for groupe in _SEPARATEURS.split(propre.valeur):
        for morceau in _decoller(groupe or ""):
            morceau = morceau.strip(_AUTOUR)
            if not morceau:
                continue
            url = reparer(morceau)
            if url is None:
                anomalies.append(anomalie("url_invalide", champ, morceau))
                continue
            valeurs.append(url)
            if url != morceau:
                anomalies.append(anomalie("url_corrigee", champ, morceau, corrige=url))
    if not valeurs and not anomalies:
        anomalies.append(anomalie("url_invalide", champ, propre.valeur))
    return Nettoye(tuple(dict.fromkeys(valeurs)), tuple(anomalies))


def _decoller(groupe: str) -> list[str]:
    """Cut two addresses stuck together, unless the second is an argument of the first or repeats its scheme."""
    morceaux = _COLLEES.split(groupe)
    recolles: list[str] = []
    for morceau in morceaux:
        if recolles and (
            "?" in recolles[-1]
            or recolles[-1].lower().rstrip(":/") in ("http", "https")
            or "/http" in recolles[-1]
            or (recolles[-1].count("/") > 2 and recolles[-1].endswith("/"))
        ):
            recolles[-1] += morceau
        else:
            recolles.append(morceau)
    return recolles


def reparer(texte: str) -> str | None:
    """Give the address that a text plainly means, or `None`."""
    if valide(texte):
        return texte
    if texte.startswith("@") or ("@" in texte and "/" not in texte):
        return None
    tete = _SCHEMA_REDIT.match(texte)
    schema = "http"
    reste = texte
    if tete and tete.end() > 0:
        schema = "https" if "https" in tete[0].lower() else "http"
        reste = texte[tete.end() :]
    reste = reste.lstrip(":/ .")
    www = _WWW.match(reste)
    if www:
        reste = "www." + reste[www.end() :]
    if " " in reste:
        hote, barre, chemin = reste.partition("/")
        if barre and " " in chemin and " " not in hote:
            reste = hote + barre + chemin.replace(" ", "%20")
        else:
            reste = re.sub(r"(?:(?<!\s)\s++)?([./])\s*+", r"\1", reste)
    reste = reste.replace("\\", "/")
    url = f"{schema}://{reste}"
    return url if valide(url) else None


def valide(url: str) -> bool:
    """Tell whether a text is an `http(s)` address with a dotted host, no space, no credentials, 2,000 characters."""
    if not url.startswith(("http://", "https://")) or len(url) > LONGUEUR_URL:
        return False
    if not url.isprintable() or any(c in url for c in ' <>"{}|\\^`'):
        return False
    try:
        parties = urlsplit(url)
        hote, _ = parties.hostname, parties.port
    except ValueError:
        return False
    if not hote or "@" in parties.netloc or len(hote) > 253 or "//" in parties.netloc:
        return False
    etiquettes = hote.rstrip(".").split(".")
    return (
        len(etiquettes) >= 2
        and all(_ETIQUETTE.fullmatch(e) for e in etiquettes)
        and _SUFFIXE.fullmatch(etiquettes[-1]) is not None
    )
