"""From bytes to physical lines: encoding, web pages served as data, lengths, forbidden characters."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.errors import (
    CaractereInterdit,
    EncodageInvalide,
    FichierVide,
    FormatNonReconnu,
    HtmlAuLieuDeDonnees,
    LigneTropLongue,
    Place,
)

_BLOC: Final = limites.MIO
# The five bytes that Windows-1252 leaves undefined.
_HORS_CP1252: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_HTML: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|meta|script|style|div|p|h1|!--)[\s>/]", re.I)
_ENCODAGES: Final = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8-sig",
    "cp1252": "cp1252",
    "windows-1252": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-1": "cp1252",
    "iso-8859-15": "iso-8859-15",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
}
_SIGNATURES: Final = (
    (b"PK\x03\x04", "un classeur ou une archive zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "un ancien classeur ou un fichier chiffré"),
    (b"\x1f\x8b", "un fichier gzip"),
    (b"%PDF-", "un document PDF"),
    (b"(\xb5/\xfd", "un fichier zstd"),
)


def deviner_encodage(chemin: Path) -> str:
    """Name the encoding of a text file, reading all of it: utf-8, utf-8-sig, utf-16-le, utf-16-be or cp1252.

    A file that is not UTF-8 is UTF-8 all the same when it has more well-formed accented letters than stray bytes: its
    lines are then repaired one by one (`lignes_physiques`). Raises `EncodageInvalide` with the line and the byte.
    """
    with chemin.open("rb") as flux:
        tete = flux.read(4096)
        if tete.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
            raise EncodageInvalide("Le fichier est en UTF-32. Enregistrez-le en UTF-8.", place=Place(octet=0, ligne=1))
        if tete.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if tete.startswith(codecs.BOM_UTF16_LE):
            return "utf-16-le"
        if tete.startswith(codecs.BOM_UTF16_BE):
            return "utf-16-be"
        # Text in French has almost only characters below U+0100: one byte in two is then zero.
        if len(tete) >= 8 and tete[1::2].count(0) > 0.7 * len(tete[1::2]) and tete[0::2].count(0) == 0:
            return "utf-16-le"
        if len(tete) >= 8 and tete[0::2].count(0) > 0.7 * len(tete[0::2]) and tete[1::2].count(0) == 0:
            return "utf-16-be"
        flux.seek(0)
        return "utf-8" if _est_utf8(flux_de_blocs(flux)) else _cp1252(chemin)


def flux_de_blocs(flux: object) -> Iterator[bytes]:
    """Read a binary file by blocks of 1 MiB."""
    lire = flux.read  # type: ignore[attr-defined]
    while bloc := lire(_BLOC):
        yield bloc


def _est_utf8(blocs: Iterator[bytes]) -> bool:
    decodeur = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    accents = errants = 0
    for bloc in blocs:
        texte = decodeur.decode(bloc)
        if texte.isascii():
            continue
        egares = sum(1 for _ in _EGARE.finditer(texte))
        errants += egares
        accents += sum(1 for _ in _ACCENT.finditer(texte))
    errants += len(decodeur.decode(b"", final=True))
    return errants == 0 or accents > errants


_EGARE: Final = re.compile("[\udc80-\udcff]")
_ACCENT: Final = re.compile("[^\x00-\x7f\udc80-\udcff]")


def _cp1252(chemin: Path) -> str:
    lignes, octets = 0, 0
    with chemin.open("rb") as flux:
        for bloc in flux_de_blocs(flux):
            if faute := _HORS_CP1252.search(bloc):
                ligne = lignes + bloc.count(b"\n", 0, faute.start()) + 1
                raise EncodageInvalide(
                    f"Ligne {ligne} : l'octet 0x{faute.group()[0]:02X} n'existe ni en UTF-8 ni en Windows-1252. "
                    "Enregistrez le fichier en UTF-8.",
                    place=Place(ligne=ligne, octet=octets + faute.start()),
                )
            lignes += bloc.count(b"\n")
            octets += len(bloc)
    return "cp1252"


def refuser_autre_chose(chemin: Path, *, attendu: str) -> None:
    """Refuse a file that is visibly not text data: empty, web page, archive, workbook, PDF."""
    with chemin.open("rb") as flux:
        tete = flux.read(4096)
    for signature, nom in _SIGNATURES:
        if tete.startswith(signature):
            raise FormatNonReconnu(f"Le fichier annoncé comme {attendu} est {nom}.", place=Place(octet=0))
    propre = tete.replace(b"\x00", b"").removeprefix(codecs.BOM_UTF8).lstrip(b"\xff\xfe \t\r\n")
    if _HTML.match(propre) or (propre.startswith(b"<?xml") and b"<html" in propre.lower()):
        raise HtmlAuLieuDeDonnees(
            f"Le fichier annoncé comme {attendu} est une page web : l'adresse demande peut-être une connexion.",
            place=Place(ligne=1, octet=0),
        )
    if propre.startswith(b"<?xml"):
        raise FormatNonReconnu(f"Le fichier annoncé comme {attendu} est du XML.", place=Place(ligne=1, octet=0))
    if not propre.strip() and chemin.stat().st_size <= len(tete):
        raise FichierVide("Le fichier ne contient rien.")


class LignesPhysiques:
    """Iterate the physical lines of a text file, ends of line kept (`\\n`, `\\r\\n` or `\\r`).

    `encodage` says how it is read, `suspecte` whether the last line given had bytes that are not UTF-8 (they are then
    read as Windows-1252). Raises `EncodageInvalide`, `LigneTropLongue`, `CaractereInterdit` (NUL), with the line.
    """

    def __init__(self, chemin: Path, *, encodage: str | None = None) -> None:
        self.encodage = _nom_encodage(encodage) or deviner_encodage(chemin)
        self.suspecte = False
        self.numero = 0
        erreurs = "surrogateescape" if self.encodage.startswith("utf-8") else "strict"
        self._flux: TextIOWrapper = chemin.open(encoding=self.encodage, errors=erreurs, newline="")

    def __iter__(self) -> LignesPhysiques:
        return self

    def __next__(self) -> str:
        if self._flux.closed:
            raise StopIteration
        self.numero += 1
        try:
            ligne = self._flux.readline(limites.OCTETS_LIGNE + 1)
        except UnicodeDecodeError as erreur:
            raise EncodageInvalide(
                f"Vers la ligne {self.numero} : le texte n'est pas du {self.encodage.upper()} valide.",
                place=Place(ligne=self.numero),
            ) from erreur
        if not ligne:
            self._flux.close()
            raise StopIteration
        if len(ligne) > limites.OCTETS_LIGNE:
            raise LigneTropLongue(
                f"Ligne {self.numero} : plus de {limites.OCTETS_LIGNE} caractères sans retour à la ligne.",
                place=Place(ligne=self.numero),
            )
        if self.numero == 1:
            ligne = ligne.removeprefix("\ufeff")
        if "\0" in ligne:
            colonne = ligne.index("\0") + 1
            raise CaractereInterdit(
                f"Ligne {self.numero}, caractère {colonne} : caractère nul (U+0000).",
                place=Place(ligne=self.numero, colonne=colonne),
            )
        self.suspecte = False
        if not ligne.isascii() and _EGARE.search(ligne):
            self.suspecte = True
            ligne = _EGARE.sub(_en_cp1252, ligne)
        return ligne

    def __enter__(self) -> LignesPhysiques:
        return self

    def __exit__(self, *_: object) -> None:
        self._flux.close()


def _en_cp1252(trouve: re.Match[str]) -> str:
    return bytes([ord(trouve.group()) - 0xDC00]).decode("cp1252", "replace")


def _nom_encodage(nom: str | None) -> str | None:
    if nom is None:
        return None
    try:
        return _ENCODAGES[nom.strip().lower()]
    except KeyError:
        raise EncodageInvalide(
            f"Encodage « {nom[:40]} » inconnu. Acceptés : {', '.join(sorted(_ENCODAGES))}."
        ) from None
