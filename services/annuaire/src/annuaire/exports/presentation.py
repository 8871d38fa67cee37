"""Names, tags and links of an export."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import date
from typing import Final
from urllib.parse import urlencode

from socle.identifiants import empreinte

from annuaire.exports.formats import FORMATS, NomDeFormat
from annuaire.lieux.repository import Filtres

VALEURS_NOMMEES: Final = 3
"""Filter values that a file name tells; beyond, it says `selection`."""

_URL: Final = re.compile(r"https?://[!#-;=?-\[\]_a-~]{1,500}", re.ASCII)


def nom_de_fichier(format: NomDeFormat, filtres: Filtres, source: str | None, jour: date) -> str:
    """Name the file of an export, readable in a folder of downloads: `lieux-departement-38-2026-11-24.csv`."""
    parties = [f"source-{source}"] if source else []
    parties += [f"{nom.removesuffix('_id')}-{'-'.join(v)}" for nom, v in asdict(filtres).items() if v]
    if sum(len(valeurs) for valeurs in asdict(filtres).values()) > VALEURS_NOMMEES:
        parties = ["selection"]
    nom = "-".join(["lieux", *parties, jour.isoformat()]).replace("_", "-")
    return f"{nom}.{FORMATS[format].suffixe}"


def marque(etat: str, *variantes: object) -> str:
    """Return the opaque part of the tag of an export: the state of what it holds, and how it is written."""
    return f"{etat}.{empreinte(list(variantes))[:16]}"


def variante(filtres: Filtres) -> list[list[str]]:
    """Write filters for a tag, in an order of their own."""
    return [[nom, *sorted(valeurs)] for nom, valeurs in sorted(asdict(filtres).items()) if valeurs]


def liens(*, licence: str | None, pertes: str | None) -> str | None:
    """Write the value of `Link`: the licence (RFC 4946) when it is an address, and the count of what is lost."""
    trouves = [f'<{licence}>; rel="license"'] if licence and _URL.fullmatch(licence) else []
    if pertes:
        trouves.append(f'<{pertes}>; rel="describedby"; type="application/json"')
    return ", ".join(trouves) or None


def adresse_des_pertes(racine: str, filtres: Filtres, source: str | None) -> str:
    """Return the address that counts what the strict writing of these places leaves out."""
    noms = {"source_id": "source"}
    paires = [(noms.get(nom, nom), v) for nom, valeurs in asdict(filtres).items() for v in valeurs]
    paires += [("source", source)] if source else []
    return f"{racine}/pertes{'?' + urlencode(paires) if paires else ''}"
