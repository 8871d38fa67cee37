"""Reader of OpenDocument workbooks (.ods): sheet and header row are found, formulas give the value last computed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.archive import Archive, Entree
from annuaire.synchronisation.lecteurs.entetes import LEGENDE, noms_connus
from annuaire.synchronisation.lecteurs.errors import ClasseurRefuse, FormatNonReconnu, Place, TypeDeClasseurRefuse
from annuaire.synchronisation.lecteurs.lignes import Devine, Lecture, LigneBrute, Reglages
from annuaire.synchronisation.lecteurs.opendocument import CONTENU, FeuilleOds, inspecter, rangees
from annuaire.synchronisation.lecteurs.tableau import lire_feuille

_MANIFESTE: Final = "META-INF/manifest.xml"
_TYPES: Final = (
    b"application/vnd.oasis.opendocument.spreadsheet",
    b"application/vnd.oasis.opendocument.spreadsheet-template",
)


def lire(chemin: Path, reglages: Reglages | None = None) -> Lecture:
    """Read a workbook. Values as those of an XLSX workbook: whole numbers are ints, dates ISO 8601 text.

    Raises `FichierRefuse`, at once or while iterating.
    """
    reglages = reglages or Reglages()
    feuilles = _inspecter(chemin)
    devine = Devine(format="ods")
    devine.feuilles = [feuille.nom for feuille in feuilles]
    rang = _choisir(feuilles, reglages.feuille)
    devine.feuille = feuilles[rang].nom
    return Lecture(_lignes(chemin, rang, feuilles[rang].gauche, devine, reglages), devine)


def _inspecter(chemin: Path) -> list[FeuilleOds]:
    """Inflate and count every part of the archive, and walk the one that holds the sheets."""
    archive = Archive(chemin)
    parties = {entree.nom: entree for entree in archive.entrees}
    _refuser_autre_classeur(archive, parties)
    feuilles: list[FeuilleOds] = []
    for entree in archive.entrees:
        if entree.nom == CONTENU:
            feuilles = inspecter(archive.lire(entree))
        else:
            for _ in archive.lire(entree):
                pass
    return feuilles


def _refuser_autre_classeur(archive: Archive, parties: dict[str, Entree]) -> None:
    if "[Content_Types].xml" in parties:
        raise TypeDeClasseurRefuse("Le classeur est au format .xlsx : envoyez-le avec le type de ce format.")
    if CONTENU not in parties or "mimetype" not in parties:
        raise ClasseurRefuse("L'archive n'est pas un classeur .ods.")
    if _debut(archive, parties["mimetype"]) not in _TYPES:
        raise TypeDeClasseurRefuse("Le document OpenDocument n'est pas un classeur.")
    if _MANIFESTE in parties and b"encryption-data" in _debut(archive, parties[_MANIFESTE]):
        raise TypeDeClasseurRefuse("Le classeur est protégé par un mot de passe. Enregistrez-le sans mot de passe.")


def _debut(archive: Archive, entree: Entree) -> bytes:
    octets = b""
    for bloc in archive.lire(entree):
        octets += bloc
        if len(octets) > limites.MIO:
            raise ClasseurRefuse(f"« {entree.nom} » est trop grand.", place=Place(partie=entree.nom))
    return octets


def _choisir(feuilles: list[FeuilleOds], voulue: str | None) -> int:
    """Return the rank of the sheet of the list: most names of the standard (three at least), else most filled."""
    if voulue is not None:
        for rang, feuille in enumerate(feuilles):
            if feuille.nom == voulue:
                return rang
        noms = ", ".join(f"« {feuille.nom} »" for feuille in feuilles[:20])
        raise FormatNonReconnu(
            f"Le classeur n'a pas de feuille « {voulue[:100]} » : {noms}.", place=Place(feuille=voulue[:100])
        )
    candidates = [rang for rang, feuille in enumerate(feuilles) if feuille.remplies]
    candidates = [rang for rang in candidates if feuilles[rang].nom != LEGENDE] or candidates
    visibles = [rang for rang in candidates if feuilles[rang].visible] or candidates
    if not visibles:
        raise FormatNonReconnu("Aucune feuille du classeur ne contient de cellule remplie.")

    def note(rang: int) -> tuple[int, int]:
        connus = max(map(noms_connus, feuilles[rang].premieres), default=0)
        return (connus if connus >= 3 else 0, feuilles[rang].remplies)

    return max(visibles, key=note)


def _lignes(chemin: Path, rang: int, gauche: int, devine: Devine, reglages: Reglages) -> Iterator[LigneBrute]:
    archive = Archive(chemin)
    contenu = next(entree for entree in archive.entrees if entree.nom == CONTENU)
    signalees: dict[int, list[tuple[int, str]]] = {}

    def pleines() -> Iterator[tuple[int, list[Any]]]:
        for rangee in rangees(archive.lire(contenu), rang):
            if rangee.signalees:
                signalees[rangee.numero] = [(max(0, colonne - gauche), code) for colonne, code in rangee.signalees]
            yield rangee.numero, rangee.cellules[gauche:]

    return lire_feuille(pleines(), devine, ligne_entetes=reglages.ligne_entetes, gauche=gauche, signalees=signalees)
