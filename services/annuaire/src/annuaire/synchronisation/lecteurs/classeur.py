"""The parts of a workbook (ECMA-376, SpreadsheetML), inspected before anything interprets them.

Every part is inflated and counted; the XML ones are walked, then written, uncompressed, in a workbook of our own
making: the reader of cells never sees the file received, so it cannot be made to see something else in it.
"""

from __future__ import annotations

import posixpath
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn
from xml.parsers import expat
from zipfile import ZIP_STORED, ZipFile

from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.archive import Archive, Entree
from annuaire.synchronisation.lecteurs.errors import ClasseurRefuse, Place, TypeDeClasseurRefuse

_REFERENCE: Final = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_CLASSEUR: Final = "xl/workbook.xml"
_LIENS: Final = "xl/_rels/workbook.xml.rels"
_TYPES: Final = "[content_types].xml"


@dataclass(slots=True)
class Feuille:
    """What the walk saw of a sheet: the box of its filled cells (rows and columns from 1), what they hold.

    `formules`, `sans_valeur` (formulas never computed) and `erreurs` (`#REF!`…) are cells: `ligne << 16 | colonne`.
    """

    haut: int = 0
    bas: int = 0
    gauche: int = 0
    droite: int = 0
    remplies: int = 0
    formules: array[int] = field(default_factory=lambda: array("Q"))
    sans_valeur: array[int] = field(default_factory=lambda: array("Q"))
    erreurs: array[int] = field(default_factory=lambda: array("Q"))


def assainir(chemin: Path, cible: Path) -> dict[str, Feuille]:
    """Inspect a workbook and write its sound copy at `cible`; return its sheets by name.

    Raises `ClasseurRefuse` (422), `TypeDeClasseurRefuse` (415: macros, encryption, another kind of workbook).
    """
    archive = Archive(chemin)
    _refuser_autre_classeur(archive)
    inspection = _Inspection()
    with ZipFile(cible, "w", ZIP_STORED) as copie:
        for entree in archive.entrees:
            blocs = archive.lire(entree)
            if not _est_xml(entree.nom):
                for _ in blocs:
                    pass
                continue
            with copie.open(entree.nom, "w") as sortie:
                for bloc in inspection.parcourir(entree.nom, blocs):
                    sortie.write(bloc)
    inspection.refuser_texte_repete()
    return inspection.feuilles_nommees()


def _est_xml(nom: str) -> bool:
    return nom.lower().endswith((".xml", ".rels"))


def _refuser_autre_classeur(archive: Archive) -> None:
    parties: dict[str, Entree] = {entree.nom.lower(): entree for entree in archive.entrees}
    if any(nom.endswith("vbaproject.bin") for nom in parties):
        _refuser_type("Le classeur contient des macros (.xlsm). Enregistrez-le en .xlsx.")
    if "xl/workbook.bin" in parties:
        _refuser_type("Le classeur est au format binaire (.xlsb). Enregistrez-le en .xlsx.")
    if "mimetype" in parties:
        _refuser_type("Le classeur est au format OpenDocument (.ods). Enregistrez-le en .xlsx ou en CSV.")
    if _CLASSEUR not in parties or _TYPES not in parties:
        raise ClasseurRefuse("L'archive n'est pas un classeur .xlsx.")
    types = b"".join(archive.lire(parties[_TYPES])) if parties[_TYPES].gonfle <= limites.MIO else b"macroenabled"
    if b"macroenabled" in types.lower():
        _refuser_type("Le classeur est d'un type à macros (.xlsm). Enregistrez-le en .xlsx.")


def _refuser_type(detail: str) -> NoReturn:
    raise TypeDeClasseurRefuse(detail)


class _Inspection:
    """The walk of all the XML parts of one workbook."""

    def __init__(self) -> None:
        self._elements = 0
        self._cellules = 0
        self._longueurs = array("L")
        self._appels = array("L", bytes(array("L").itemsize * (limites.CHAINES_CLASSEUR + 1)))
        self._feuilles: dict[str, Feuille] = {}
        self._noms: list[tuple[str, str]] = []
        self._cibles: dict[str, str] = {}

    def parcourir(self, nom: str, blocs: Iterator[bytes]) -> Iterator[bytes]:
        """Walk a part while it passes by. Raises `ClasseurRefuse`."""
        lecteur = expat.ParserCreate()
        lecteur.buffer_text = True
        lecteur.StartDoctypeDeclHandler = lambda *_: _refuser_dtd(nom)
        lecteur.EntityDeclHandler = lambda *_: _refuser_dtd(nom)
        lecteur.XmlDeclHandler = lambda _version, encodage, _seul: _refuser_encodage(nom, encodage)
        visite = _Visite(self, nom)
        lecteur.StartElementHandler = visite.ouvrir
        lecteur.CharacterDataHandler = visite.texte
        recus = 0
        try:
            for bloc in blocs:
                if not recus and bloc[:2] in (b"\xff\xfe", b"\xfe\xff"):
                    _refuser_encodage(nom, "utf-16")
                lecteur.Parse(bloc, False)
                recus += len(bloc)
                if recus - lecteur.CurrentByteIndex > limites.OCTETS_JETON_XML:
                    raise ClasseurRefuse(
                        f"« {nom} » contient une balise trop longue.", place=Place(partie=nom), limite="jeton"
                    )
                yield bloc
            lecteur.Parse(b"", True)
        except expat.ExpatError as erreur:
            raise ClasseurRefuse(
                f"« {nom} » n'est pas du XML valide (ligne {erreur.lineno}).",
                place=Place(partie=nom, ligne=erreur.lineno, colonne=erreur.offset + 1),
            ) from erreur
        visite.fermer()

    def compter_elements(self, nom: str, nombre: int) -> None:
        """Add to the elements of the workbook."""
        self._elements += nombre
        if self._elements > limites.ELEMENTS_XML:
            raise ClasseurRefuse("Le classeur a trop d'éléments XML.", place=Place(partie=nom), limite="elements")

    def compter_cellule(self, nom: str) -> None:
        """Add a cell to those of the workbook."""
        self._cellules += 1
        if self._cellules > limites.CELLULES_CLASSEUR:
            raise ClasseurRefuse(
                f"Le classeur a plus de {limites.CELLULES_CLASSEUR} cellules.",
                place=Place(partie=nom),
                limite="cellules",
            )

    def nouvelle_chaine(self, nom: str) -> None:
        """Start a shared string."""
        self._longueurs.append(0)
        if len(self._longueurs) > limites.CHAINES_CLASSEUR:
            raise ClasseurRefuse(
                f"Le classeur a plus de {limites.CHAINES_CLASSEUR} chaînes partagées.",
                place=Place(partie=nom),
                limite="chaines",
            )

    def allonger_chaine(self, caracteres: int) -> None:
        """Lengthen the last shared string."""
        if self._longueurs:
            self._longueurs[-1] += caracteres

    def appeler_chaine(self, nom: str, rang: str) -> None:
        """Note that a cell shows a shared string."""
        rang = rang.strip()
        if not (rang.isascii() and rang.isdecimal() and len(rang) < 8 and int(rang) < len(self._appels)):
            raise ClasseurRefuse("Une cellule désigne une chaîne qui n'existe pas.", place=Place(partie=nom))
        self._appels[int(rang)] += 1

    def feuille(self, nom: str) -> Feuille:
        """Return the sheet of a part, made on its first cell."""
        return self._feuilles.setdefault(nom.lower(), Feuille())

    def nommer(self, nom: str, lien: str) -> None:
        """Note a sheet of the workbook."""
        self._noms.append((nom, lien))

    def lier(self, lien: str, cible: str) -> None:
        """Note the part that a link of the workbook aims at."""
        self._cibles[lien] = posixpath.normpath(posixpath.join("/xl", cible)).lstrip("/").lower()

    def refuser_texte_repete(self) -> None:
        """Refuse a workbook whose cells, each with its text, would not fit: a string is stored once, shown often."""
        total = sum(
            longueur * appels for longueur, appels in zip(self._longueurs, self._appels, strict=False) if appels
        )
        if total > limites.CARACTERES_CLASSEUR:
            raise ClasseurRefuse(
                f"Le texte du classeur, cellule par cellule, dépasse {limites.CARACTERES_CLASSEUR} caractères.",
                limite="texte",
            )

    def feuilles_nommees(self) -> dict[str, Feuille]:
        """Return the sheets by name, in the order of the workbook; check the box of each."""
        nommees: dict[str, Feuille] = {}
        for nom, lien in self._noms:
            vue = self._feuilles.get(self._cibles.get(lien, ""), Feuille())
            refuser_etendue(nom, vue)
            nommees[nom] = vue
        if sum(vue.remplies for vue in nommees.values()) != sum(vue.remplies for vue in self._feuilles.values()):
            # A sheet that no name reaches here may be reached by another reader.
            for nom, vue in self._feuilles.items():
                refuser_etendue(nom, vue)
        return nommees


def refuser_etendue(nom: str, vue: Feuille) -> None:
    """Refuse a sheet too wide, too high, or whose few cells are so far apart that the box between them is huge."""
    etendue = (vue.bas - vue.haut + 1) * (vue.droite - vue.gauche + 1)
    for limite, valeur, permis, quoi in (
        ("lignes", vue.bas, limites.LIGNES + limites.LIGNES_AVANT_LISTE, "lignes"),
        ("colonnes", vue.droite, limites.COLONNES, "colonnes"),
        ("cellules", etendue, limites.CELLULES_CLASSEUR, "cellules, vides comprises"),
    ):
        if valeur > permis:
            raise ClasseurRefuse(
                f"La feuille « {nom[:100]} » s'étend sur {valeur} {quoi} (limite {permis}).",
                place=Place(feuille=nom[:100]),
                limite=limite,
            )


class _Visite:
    """The walk of one part. Called for every element: written for speed."""

    __slots__ = (
        "_a_formule",
        "_a_valeur",
        "_colonne",
        "_dans_cellule",
        "_elements",
        "_en_erreur",
        "_inspection",
        "_ligne",
        "_nom",
        "_partagee",
        "_rang",
        "_texte_de",
        "_vue",
    )

    def __init__(self, inspection: _Inspection, nom: str) -> None:
        self._inspection = inspection
        self._nom = nom
        self._vue: Feuille | None = None
        self._elements = 0
        self._ligne = self._colonne = 0
        self._dans_cellule = self._a_valeur = self._a_formule = self._en_erreur = self._partagee = False
        self._rang = ""
        self._texte_de = ""

    def ouvrir(self, nom: str, attributs: dict[str, str]) -> None:
        """Receive the start of an element."""
        self._elements += 1
        if self._elements >= 10_000:
            self._inspection.compter_elements(self._nom, self._elements)
            self._elements = 0
        local = nom.rpartition(":")[2]
        self._texte_de = ""
        if self._vue is not None:
            if local == "v":
                self._a_valeur = True
                if self._partagee:
                    self._texte_de = "v"
                return
            if local == "c":
                self._clore_cellule()
                self._ouvrir_cellule(attributs)
                return
            if local == "row":
                self._clore_cellule()
                self._ouvrir_ligne(attributs)
                return
            if local == "is":
                self._a_valeur = True
                return
            if local == "f":
                self._a_formule = True
                return
        if local == "sheetData":
            self._vue = self._inspection.feuille(self._nom)
        elif local == "t":
            self._texte_de = "t"
        elif local == "si":
            self._inspection.nouvelle_chaine(self._nom)
        elif local == "sheet":
            lien = next((v for cle, v in attributs.items() if cle.rpartition(":")[2] == "id" and ":" in cle), "")
            self._inspection.nommer(attributs.get("name", ""), lien)
        elif local == "Relationship" and self._nom.lower() == _LIENS:
            self._inspection.lier(attributs.get("Id", ""), attributs.get("Target", ""))

    def texte(self, texte: str) -> None:
        """Receive text, perhaps a piece of it."""
        if self._texte_de == "t":
            self._inspection.allonger_chaine(len(texte))
        elif self._texte_de == "v":
            self._rang += texte

    def fermer(self) -> None:
        """End the part."""
        self._clore_cellule()
        self._inspection.compter_elements(self._nom, self._elements)

    def _ouvrir_ligne(self, attributs: dict[str, str]) -> None:
        numero = attributs.get("r")
        if numero is None:
            self._ligne += 1
        elif numero.isascii() and numero.isdecimal() and len(numero) < 8:
            self._ligne = int(numero)
        else:
            self._refuser_reference(numero)
        self._colonne = 0

    def _ouvrir_cellule(self, attributs: dict[str, str]) -> None:
        self._inspection.compter_cellule(self._nom)
        reference = attributs.get("r")
        if reference is None:
            self._colonne += 1
        else:
            trouve = _REFERENCE.fullmatch(reference)
            if trouve is None:
                self._refuser_reference(reference)
            self._colonne = _rang_de_colonne(trouve.group(1))
            self._ligne = int(trouve.group(2))
        genre = attributs.get("t")
        self._partagee = genre == "s"
        self._en_erreur = genre == "e"
        self._a_valeur = self._a_formule = False
        self._dans_cellule = True
        self._rang = ""

    def _clore_cellule(self) -> None:
        vue = self._vue
        if not self._dans_cellule or vue is None:
            return
        self._dans_cellule = False
        ici = self._ligne << 16 | self._colonne
        if self._a_formule:
            (vue.formules if self._a_valeur else vue.sans_valeur).append(ici)
        if not self._a_valeur:
            return
        if self._partagee:
            self._inspection.appeler_chaine(self._nom, self._rang)
        if self._en_erreur:
            vue.erreurs.append(ici)
        if not vue.remplies:
            vue.haut = vue.bas = self._ligne
            vue.gauche = vue.droite = self._colonne
        vue.remplies += 1
        vue.haut = min(vue.haut, self._ligne)
        vue.bas = max(vue.bas, self._ligne)
        vue.gauche = min(vue.gauche, self._colonne)
        vue.droite = max(vue.droite, self._colonne)

    def _refuser_reference(self, reference: str) -> NoReturn:
        raise ClasseurRefuse(
            f"Une cellule a une référence impossible : « {reference[:20]} ».", place=Place(partie=self._nom)
        )


_RANGS: dict[str, int] = {}


def _rang_de_colonne(lettres: str) -> int:
    rang = _RANGS.get(lettres)
    if rang is None:
        rang = 0
        for lettre in lettres.upper():
            rang = rang * 26 + ord(lettre) - 64
        _RANGS[lettres] = rang
    return rang


def nom_de_cellule(ligne: int, colonne: int) -> str:
    """Return the name of a cell (`C12`), row and column from 1."""
    lettres = ""
    while colonne:
        colonne, reste = divmod(colonne - 1, 26)
        lettres = chr(65 + reste) + lettres
    return f"{lettres}{ligne}"


def _refuser_dtd(nom: str) -> Any:
    raise ClasseurRefuse(
        f"« {nom} » contient une DTD ou une entité XML : un classeur n'en a jamais.", place=Place(partie=nom)
    )


def _refuser_encodage(nom: str, encodage: str | None) -> None:
    if encodage is not None and encodage.lower() not in ("utf-8", "us-ascii"):
        raise ClasseurRefuse(f"« {nom} » n'est pas en UTF-8.", place=Place(partie=nom))
