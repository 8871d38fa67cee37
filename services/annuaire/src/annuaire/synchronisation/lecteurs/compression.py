"""`Content-Encoding: gzip` undone by counting, to a file: a small body may hide a huge one (RFC 1952)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.errors import FichierIllisible, FichierTronque, FichierTropGrand, Place

_BLOC: Final = 64 * limites.KIO


class Degonfleur:
    """Undo gzip as the bytes come; several members on end are one content, as gzip tools read them.

    Memory is bounded by one block of 64 KiB, whatever comes in. Raises `FichierTropGrand` (413), `FichierIllisible`
    or `FichierTronque` (422).
    """

    def __init__(self) -> None:
        self.recus = 0
        self.sortis = 0
        self._membres = 1
        self._machine = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def nourrir(self, octets: bytes) -> Iterator[bytes]:
        """Give the content of these bytes, by blocks."""
        # What is not consumed is copied at each turn: pieces keep that linear.
        for debut in range(0, len(octets), _BLOC):
            yield from self._nourrir(octets[debut : debut + _BLOC])

    def _nourrir(self, octets: bytes) -> Iterator[bytes]:
        self.recus += len(octets)
        while octets:
            if self._machine.eof:
                self._changer_de_membre()
            try:
                sorti = self._machine.decompress(octets, _BLOC)
            except zlib.error as erreur:
                raise FichierIllisible(
                    "Le contenu annoncé comme compressé (gzip) ne l'est pas, ou il est abîmé.",
                    place=Place(octet=self.recus - len(octets)),
                ) from erreur
            octets = self._machine.unused_data if self._machine.eof else self._machine.unconsumed_tail
            yield from self._compter(sorti)

    def terminer(self) -> None:
        """Say that no more bytes come; raise `FichierTronque` when the content is not whole."""
        if not self._machine.eof:
            raise FichierTronque("Le contenu compressé s'arrête avant la fin.", place=Place(octet=self.recus))

    def _changer_de_membre(self) -> None:
        self._membres += 1
        if self._membres > limites.MEMBRES_GZIP:
            raise FichierIllisible(f"Le contenu gzip a plus de {limites.MEMBRES_GZIP} morceaux.")
        self._machine = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def _compter(self, sorti: bytes) -> Iterator[bytes]:
        if not sorti:
            return
        self.sortis += len(sorti)
        if self.sortis > limites.OCTETS_DEGONFLES:
            raise FichierTropGrand(
                f"Le contenu décompressé dépasse {limites.OCTETS_DEGONFLES // limites.MIO} Mio.", limite="octets"
            )
        if self.sortis > limites.RATIO_PLANCHER and self.sortis > limites.RATIO_DEGONFLE * self.recus:
            raise FichierTropGrand(f"Le contenu se décompresse plus de {limites.RATIO_DEGONFLE} fois.", limite="ratio")
        yield sorti


def decompresser(source: Path, cible: Path) -> int:
    """Undo the gzip of a file into another, without holding either in memory; return the bytes written.

    The target is removed when the source is refused. Raises as `Degonfleur`.
    """
    degonfleur = Degonfleur()
    try:
        with source.open("rb") as entree, cible.open("wb") as sortie:
            while bloc := entree.read(_BLOC):
                for sorti in degonfleur.nourrir(bloc):
                    sortie.write(sorti)
        degonfleur.terminer()
    except BaseException:
        cible.unlink(missing_ok=True)
        raise
    return degonfleur.sortis
