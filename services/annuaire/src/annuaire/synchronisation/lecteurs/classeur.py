"""The parts of a workbook (ECMA-376, SpreadsheetML), inspected before anything interprets them.

Every part is inflated and counted; the XML ones are walked, then written, uncompressed, in a workbook of our own
making: the reader of cells never sees the file received, so it cannot be made to see something else in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NoReturn
from xml.parsers.expat import XMLParserType
from zipfile import ZIP_STORED, ZipFile

from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.archive import Archive, Entree
from annuaire.synchronisation.lecteurs.errors import ClasseurRefuse, Place, TypeDeClasseurRefuse
from annuaire.synchronisation.lecteurs.visite import Bilan, Feuille, Visite
from annuaire.synchronisation.lecteurs.xml import parcourir

_CLASSEUR: Final = "xl/workbook.xml"
_TYPES: Final = "[content_types].xml"


def assainir(chemin: Path, cible: Path) -> dict[str, Feuille]:
    """Inspect a workbook and write its sound copy at `cible`; return its sheets by name.

    Raises `ClasseurRefuse` (422), `TypeDeClasseurRefuse` (415: macros, encryption, another kind of workbook).
    """
    archive = Archive(chemin)
    _refuser_autre_classeur(archive)
    bilan = Bilan()
    with ZipFile(cible, "w", ZIP_STORED) as copie:
        for entree in archive.entrees:
            blocs = archive.lire(entree)
            if not _est_xml(entree.nom):
                for _ in blocs:
                    pass
                continue
            with copie.open(entree.nom, "w") as sortie:
                for bloc in _parcourir(bilan, entree.nom, blocs):
                    sortie.write(bloc)
    bilan.refuser_texte_repete()
    return bilan.feuilles_nommees()


def _est_xml(nom: str) -> bool:
    return nom.lower().endswith((".xml", ".rels"))


def _refuser_autre_classeur(archive: Archive) -> None:
    parties: dict[str, Entree] = {entree.nom.lower(): entree for entree in archive.entrees}
    if any(nom.endswith("vbaproject.bin") for nom in parties):
        _refuser_type("Le classeur contient des macros (.xlsm). Enregistrez-le en .xlsx.")
    if "xl/workbook.bin" in parties:
        _refuser_type("Le classeur est au format binaire (.xlsb). Enregistrez-le en .xlsx.")
    if "mimetype" in parties:
        _refuser_type("Le classeur est au format OpenDocument (.ods) : envoyez-le avec le type de ce format.")
    if _CLASSEUR not in parties or _TYPES not in parties:
        raise ClasseurRefuse("L'archive n'est pas un classeur .xlsx.")
    types = b""
    for bloc in archive.lire(parties[_TYPES]):
        types += bloc
        if len(types) > limites.MIO:
            raise ClasseurRefuse("La liste des types du classeur est trop grande.", place=Place(partie=_TYPES))
    if b"macroenabled" in types.lower():
        _refuser_type("Le classeur est d'un type à macros (.xlsm). Enregistrez-le en .xlsx.")


def _refuser_type(detail: str) -> NoReturn:
    raise TypeDeClasseurRefuse(detail)


def _parcourir(bilan: Bilan, nom: str, blocs: Iterator[bytes]) -> Iterator[bytes]:
    """Walk a part while it passes by. Raises `ClasseurRefuse`."""
    visite = Visite(bilan, nom)

    def brancher(lecteur: XMLParserType) -> None:
        lecteur.StartElementHandler = visite.ouvrir
        lecteur.CharacterDataHandler = visite.texte

    yield from parcourir(nom, blocs, brancher)
    visite.fermer()
