"""The zip container of a workbook, read with distrust: nothing it declares is believed, every byte is counted."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.errors import (
    ClasseurRefuse,
    FichierTronque,
    FichierVide,
    FormatNonReconnu,
    Place,
    TypeDeClasseurRefuse,
)

_FIN: Final = b"PK\x05\x06"
_FIN_ZIP64: Final = b"PK\x06\x06"
_CENTRAL: Final = b"PK\x01\x02"
_LOCAL: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TAILLE_FIN: Final = 22
_TAILLE_CENTRAL: Final = 46
_TAILLE_LOCAL: Final = 30
_STOCKE, _DEGONFLE = 0, 8
_BLOC: Final = 64 * limites.KIO
_CHIFFRE: Final = 1
# A central directory of 500 entries with the longest sensible names and extra fields.
_REPERTOIRE_MAX: Final = limites.ENTREES_CLASSEUR * 2 * limites.KIO


@dataclass(frozen=True, slots=True)
class Entree:
    """One file of the archive; `debut` is the offset of its data, `gonfle` the size it declares once inflated."""

    nom: str
    methode: int
    crc: int
    comprime: int
    gonfle: int
    entete: int
    debut: int

    @property
    def fin(self) -> int:
        """Offset just after the data."""
        return self.debut + self.comprime


class Archive:
    """The entries of a zip archive, checked; inflating counts against limits common to the whole archive."""

    def __init__(self, chemin: Path) -> None:
        """Read the directory. Raises `FichierRefuse`."""
        self._chemin = chemin
        self._degonfles = 0
        with chemin.open("rb") as flux:
            self._taille = flux.seek(0, 2)
            flux.seek(0)
            _refuser_signature(flux.read(8))
            debut, taille, nombre = _fin_de_repertoire(flux, self._taille)
            self.entrees = _repertoire(flux, debut, taille, nombre)

    def lire(self, entree: Entree) -> Iterator[bytes]:
        """Inflate an entry by blocks, counting what really comes out. Raises `ClasseurRefuse`."""
        sortis = somme = 0
        with self._chemin.open("rb") as flux:
            flux.seek(entree.debut)
            for bloc in _degonfler(flux, entree):
                sortis += len(bloc)
                self._degonfles += len(bloc)
                somme = zlib.crc32(bloc, somme)
                if self._degonfles > limites.OCTETS_CLASSEUR:
                    raise ClasseurRefuse(
                        f"Le classeur décompressé dépasse {limites.OCTETS_CLASSEUR // limites.MIO} Mio.",
                        place=Place(partie=entree.nom),
                        limite="octets",
                    )
                if sortis > limites.RATIO_PLANCHER and sortis > limites.RATIO_CLASSEUR * max(1, entree.comprime):
                    raise ClasseurRefuse(
                        f"« {entree.nom} » se décompresse plus de {limites.RATIO_CLASSEUR} fois.",
                        place=Place(partie=entree.nom),
                        limite="ratio",
                    )
                yield bloc
        if sortis != entree.gonfle or somme != entree.crc:
            raise ClasseurRefuse(
                f"« {entree.nom} » n'a pas la taille ou la somme de contrôle annoncée : le fichier est abîmé.",
                place=Place(partie=entree.nom),
            )


def _degonfler(flux: BinaryIO, entree: Entree) -> Iterator[bytes]:
    reste = entree.comprime
    if entree.methode == _STOCKE:
        while reste and (bloc := flux.read(min(_BLOC, reste))):
            reste -= len(bloc)
            yield bloc
        return
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    attente = b""
    try:
        while not machine.eof:
            if not attente:
                attente = flux.read(min(_BLOC, reste))
                reste -= len(attente)
                if not attente:
                    break
            sorti = machine.decompress(attente, _BLOC)
            attente = machine.unconsumed_tail
            if sorti:
                yield sorti
        while not machine.eof and (sorti := machine.decompress(b"", _BLOC)):
            yield sorti
    except zlib.error as erreur:
        raise ClasseurRefuse(f"« {entree.nom} » est abîmé.", place=Place(partie=entree.nom)) from erreur
    if not machine.eof or machine.unused_data or reste:
        raise ClasseurRefuse(f"« {entree.nom} » est abîmé.", place=Place(partie=entree.nom))


def _refuser_signature(tete: bytes) -> None:
    if not tete:
        raise FichierVide("Le fichier ne contient rien.")
    if tete == _OLE:
        raise TypeDeClasseurRefuse(
            "Le classeur est protégé par un mot de passe, ou d'un ancien format (.xls). Enregistrez-le en .xlsx "
            "sans mot de passe.",
            place=Place(octet=0),
        )
    if not tete.startswith(_LOCAL):
        raise FormatNonReconnu("Le fichier annoncé comme classeur .xlsx n'en est pas un.", place=Place(octet=0))


def _fin_de_repertoire(flux: BinaryIO, taille: int) -> tuple[int, int, int]:
    """Find the end record: (offset of the central directory, its size, number of entries)."""
    flux.seek(max(0, taille - _TAILLE_FIN - 0xFFFF))
    queue = flux.read()
    ou = queue.rfind(_FIN)
    if ou < 0 or len(queue) - ou < _TAILLE_FIN:
        raise FichierTronque("Le classeur s'arrête avant sa table des matières : l'envoi est incomplet.")
    disque, disque_central, ici, nombre, octets, debut, commentaire = struct.unpack_from("<4H2LH", queue, ou + 4)
    position = taille - len(queue) + ou
    if disque or disque_central or ici != nombre or nombre == 0xFFFF or debut == 0xFFFFFFFF:
        raise ClasseurRefuse("L'archive du classeur est en plusieurs morceaux ou au format zip64.")
    if nombre > limites.ENTREES_CLASSEUR:
        raise ClasseurRefuse(
            f"L'archive du classeur contient {nombre} fichiers, la limite est {limites.ENTREES_CLASSEUR}.",
            limite="entrees",
        )
    if octets > _REPERTOIRE_MAX:
        raise ClasseurRefuse("La table des matières de l'archive est trop grande.", limite="entrees")
    # Bytes that no reader should see are how two readers are made to see two different workbooks.
    if position + _TAILLE_FIN + commentaire != taille:
        raise ClasseurRefuse("Des octets suivent la fin de l'archive du classeur.", place=Place(octet=position))
    flux.seek(debut + octets)
    if debut + octets != position and flux.read(4) != _FIN_ZIP64:
        raise ClasseurRefuse("La table des matières de l'archive n'est pas à sa place.", place=Place(octet=debut))
    return debut, octets, nombre


def _repertoire(flux: BinaryIO, debut: int, taille: int, nombre: int) -> list[Entree]:
    flux.seek(debut)
    octets = flux.read(taille)
    entrees: list[Entree] = []
    position = 0
    for _ in range(nombre):
        if octets[position : position + 4] != _CENTRAL or position + _TAILLE_CENTRAL > taille:
            _refuser_repertoire(debut + position)
        drapeaux, methode, _heure, _date, crc, comprime, gonfle, nom, extra, commentaire = struct.unpack_from(
            "<4H3L3H", octets, position + 8
        )
        entete = struct.unpack_from("<L", octets, position + 42)[0]
        brut = octets[position + _TAILLE_CENTRAL : position + _TAILLE_CENTRAL + nom]
        position += _TAILLE_CENTRAL + nom + extra + commentaire
        lu = brut.decode("utf-8", "replace")
        if drapeaux & _CHIFFRE:
            raise TypeDeClasseurRefuse("Le classeur est chiffré.", place=Place(partie=lu[:200]))
        if methode not in (_STOCKE, _DEGONFLE) or 0xFFFFFFFF in (comprime, gonfle, entete):
            raise ClasseurRefuse("L'archive du classeur est d'une forme inconnue.", place=Place(partie=lu[:200]))
        _refuser_nom(lu)
        entrees.append(Entree(lu, methode, crc, comprime, gonfle, entete, _debut_des_donnees(flux, entete, brut)))
    if position != taille:
        _refuser_repertoire(debut + position)
    _refuser_chevauchement(entrees, debut)
    return entrees


def _refuser_repertoire(octet: int) -> NoReturn:
    raise ClasseurRefuse("La table des matières de l'archive est abîmée.", place=Place(octet=octet))


def _debut_des_donnees(flux: BinaryIO, entete: int, nom: bytes) -> int:
    flux.seek(entete)
    local = flux.read(_TAILLE_LOCAL)
    if len(local) == _TAILLE_LOCAL and local.startswith(_LOCAL):
        longueur, extra = (int(taille) for taille in struct.unpack_from("<2H", local, 26))
        if flux.read(longueur) == nom:
            return entete + _TAILLE_LOCAL + longueur + extra
    raise ClasseurRefuse(
        "La table des matières de l'archive ne correspond pas à son contenu.", place=Place(octet=entete)
    )


def _refuser_nom(nom: str) -> None:
    if not nom or "\\" in nom or "\0" in nom or nom.startswith("/") or ":" in nom or ".." in nom.split("/"):
        raise ClasseurRefuse("Un fichier de l'archive porte un nom interdit.", place=Place(partie=nom[:200]))


def _refuser_chevauchement(entrees: list[Entree], debut_du_repertoire: int) -> None:
    ranges = sorted(entrees, key=lambda entree: entree.entete)
    for entree, suivante in zip(ranges, [*(e.entete for e in ranges[1:]), debut_du_repertoire], strict=True):
        if entree.fin > suivante:
            raise ClasseurRefuse(
                "Des fichiers de l'archive se chevauchent.", place=Place(partie=entree.nom, octet=entree.entete)
            )
    if len({entree.nom.lower() for entree in entrees}) != len(entrees):
        raise ClasseurRefuse("Deux fichiers de l'archive portent le même nom.")
