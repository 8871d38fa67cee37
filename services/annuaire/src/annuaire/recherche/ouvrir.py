"""Engines from their address: `embarque:`, or that of a Meilisearch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from socle.horloge import Horloge

from annuaire.lieux.lecture.modele import ModeleLecture
from annuaire.recherche.aiguillage import Aiguillage, Repli
from annuaire.recherche.embarque.moteur import MoteurEmbarque
from annuaire.recherche.meilisearch.moteur import BASE, MoteurMeilisearch
from annuaire.recherche.port import SearchEngine
from annuaire.recherche.secours import MoteurDeSecours

EMBARQUE, MEILISEARCH, SECOURS = "embarque", "meilisearch", "base"
ADRESSE: Final = "embarque:"


@dataclass(frozen=True, slots=True)
class Moteurs:
    """`lecture` is what answers searches; `nourris` are the engines to keep up to date, by name, the main one first."""

    lecture: SearchEngine
    nourris: Mapping[str, SearchEngine]


def ouvrir(url: str, cle: str, dossier: Path, *, base: str = BASE) -> SearchEngine:
    """Open one engine. Raises `ValueError`, in French, for an address that is none."""
    if url == ADRESSE:
        return MoteurEmbarque(dossier)
    adresse = urlsplit(url)
    if adresse.scheme not in ("http", "https") or not adresse.hostname or adresse.query or adresse.fragment:
        raise ValueError(f"Adresse de recherche inconnue : « {url} ». Écrivez « {ADRESSE} », ou http://hôte:7700.")
    return MoteurMeilisearch(url, cle, base=base)


def composer(
    url: str,
    cle: str,
    dossier: Path,
    *,
    modele: ModeleLecture,
    horloge: Horloge,
    retard: Callable[[], float | None],
) -> Moteurs:
    """Open the engines of a service. `retard` says how far behind the embedded index is, in seconds.

    With a Meilisearch, the embedded index is kept beside it, to answer in its place; in both cases the read model
    comes last.
    """
    secours = Repli(SECOURS, MoteurDeSecours(modele, horloge=horloge))
    principal = ouvrir(url, cle, dossier)
    if isinstance(principal, MoteurEmbarque):
        return Moteurs(Aiguillage(EMBARQUE, principal, [secours]), {EMBARQUE: principal})
    embarque = MoteurEmbarque(dossier)
    aiguillage = Aiguillage(MEILISEARCH, principal, [Repli(EMBARQUE, embarque, retard), secours])
    return Moteurs(aiguillage, {MEILISEARCH: principal, EMBARQUE: embarque})
