"""Share links: the address that people copy from their tool, turned into the one that gives the file. Pure.

Each tool documents its own form of download: Google Sheets « export », Nextcloud « /download », Grist « download »
of its REST API, EtherCalc « .csv », udata « /datasets/r/ », Opendatasoft « Explore API v2.1 ».
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, parse_qs, parse_qsl, quote, urlencode, urlsplit, urlunsplit

_ID: Final = r"[A-Za-z0-9_-]{8,120}"
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_GOOGLE: Final = re.compile(rf"/spreadsheets/(?:u/[0-9]/)?d/({_ID})(?:/.*)?")
_GOOGLE_PUBLIEE: Final = re.compile(rf"/spreadsheets/(?:u/[0-9]/)?d/e/({_ID})/pub(?:html)?")
_DRIVE: Final = re.compile(rf"/file/d/({_ID})(?:/.*)?")
_NEXTCLOUD: Final = re.compile(r"(.{0,200}/s/[A-Za-z0-9]{10,32})/?")
_GRIST: Final = re.compile(r"((?:/o/[A-Za-z0-9-]{1,60})?)/(?:doc/)?([A-Za-z0-9]{8,24})(?:/.*)?")
_ETHERCALC: Final = re.compile(r"/(?:_/)?([^/.]{1,100})/?")
_ODS: Final = re.compile(r"(.{0,100})/explore/dataset/([A-Za-z0-9_@-]{1,200})(?:/.*)?")
_ETHERCALCS: Final = frozenset(
    {"lite.framacalc.org", "framacalc.org", "calc.framasoft.org", "ethercalc.net", "ethercalc.org"}
)


@dataclass(frozen=True, slots=True)
class Lien:
    """An address to fetch, the tool that was recognised, the format that it then gives."""

    url: str
    outil: str | None = None
    format: str | None = None


def telechargement(url: str) -> Lien:
    """Turn a share link into the address of its file; an address that no tool claims is returned as it is."""
    try:
        lue = urlsplit(url)
        hote = (lue.hostname or "").lower()
    except ValueError:
        return Lien(url)
    for reconnaitre in _OUTILS:
        lien = reconnaitre(lue, hote)
        if lien is not None:
            return lien
    return Lien(url)


def _google(url: SplitResult, hote: str) -> Lien | None:
    if hote != "docs.google.com":
        return None
    demande = parse_qs(url.query) | parse_qs(url.fragment)
    feuille = {"gid": demande["gid"][0]} if demande.get("gid", [""])[0].isdecimal() else {}
    if publiee := _GOOGLE_PUBLIEE.fullmatch(url.path):
        if "output" in demande:
            return Lien(urlunsplit(url), "google-sheets", demande["output"][0])
        suite = urlencode({"output": "csv", **feuille, **({"single": "true"} if feuille else {})})
        return Lien(f"https://docs.google.com/spreadsheets/d/e/{publiee[1]}/pub?{suite}", "google-sheets", "csv")
    partagee = _GOOGLE.fullmatch(url.path)
    if partagee is None or url.path.endswith("/export"):
        return None
    suite = urlencode({"format": "csv", **feuille})
    return Lien(f"https://docs.google.com/spreadsheets/d/{partagee[1]}/export?{suite}", "google-sheets", "csv")


def _drive(url: SplitResult, hote: str) -> Lien | None:
    fichier = _DRIVE.fullmatch(url.path)
    if hote != "drive.google.com" or fichier is None:
        return None
    return Lien(f"https://drive.google.com/uc?{urlencode({'export': 'download', 'id': fichier[1]})}", "google-drive")


def _nextcloud(url: SplitResult, hote: str) -> Lien | None:
    partage = _NEXTCLOUD.fullmatch(url.path)
    if partage is None or hote.endswith("google.com"):
        return None
    return Lien(urlunsplit((url.scheme, url.netloc, f"{partage[1]}/download", url.query, "")), "nextcloud")


def _grist(url: SplitResult, hote: str) -> Lien | None:
    if not (hote.startswith("grist.") or hote.endswith(".getgrist.com") or hote == "getgrist.com"):
        return None
    document = _GRIST.fullmatch(url.path)
    if document is None or "/api/" in url.path:
        return None
    # a link names a page, not a table: the whole workbook is asked, its first sheet is read
    chemin = f"{document[1]}/api/docs/{document[2]}/download/xlsx"
    return Lien(urlunsplit((url.scheme, url.netloc, chemin, "", "")), "grist", "xlsx")


def _ethercalc(url: SplitResult, hote: str) -> Lien | None:
    page = _ETHERCALC.fullmatch(url.path)
    if hote not in _ETHERCALCS or page is None:
        return None
    return Lien(urlunsplit((url.scheme, url.netloc, f"/{page[1]}.csv", "", "")), "ethercalc", "csv")


def _data_gouv(url: SplitResult, hote: str) -> Lien | None:
    if hote not in ("www.data.gouv.fr", "data.gouv.fr") or "/datasets/" not in url.path:
        return None
    ressource = _UUID.search(url.fragment) or _UUID.search(parse_qs(url.query).get("resource_id", [""])[0])
    if ressource is None and "/datasets/r/" in url.path:
        ressource = _UUID.search(url.path)
    if ressource is None:
        return None
    return Lien(f"https://www.data.gouv.fr/api/1/datasets/r/{ressource[0]}", "data.gouv.fr")


def _opendatasoft(url: SplitResult, hote: str) -> Lien | None:
    jeu = _ODS.fullmatch(url.path)
    if jeu is None or not hote:
        return None
    paires = parse_qsl(url.query)
    if any(nom == "q" or nom.startswith("geofilter") for nom, _ in paires):
        return None  # a search that the export cannot repeat: its list would be another one
    filtres = [("refine", f'{nom.removeprefix("refine.")}:"{v}"') for nom, v in paires if nom.startswith("refine.")]
    chemin = f"{jeu[1]}/api/explore/v2.1/catalog/datasets/{quote(jeu[2])}/exports/csv"
    suite = urlencode([("delimiter", ";"), ("use_labels", "false"), *filtres])
    return Lien(urlunsplit((url.scheme, url.netloc, chemin, suite, "")), "opendatasoft", "csv")


def _depot(url: SplitResult, hote: str) -> Lien | None:
    if hote == "github.com" and "/blob/" in url.path:
        chemin = url.path.replace("/blob/", "/", 1)
        return Lien(f"https://raw.githubusercontent.com{chemin}", "github")
    if "/-/blob/" in url.path:
        chemin = url.path.replace("/-/blob/", "/-/raw/", 1)
        return Lien(urlunsplit((url.scheme, url.netloc, chemin, url.query, "")), "gitlab")
    return None


_OUTILS: Final[tuple[Callable[[SplitResult, str], Lien | None], ...]] = (
    _google, _drive, _grist, _ethercalc, _data_gouv, _opendatasoft, _depot, _nextcloud,
)  # fmt: skip
