"""The walk of the XML parts of a workbook: where its filled cells are, what they hold, how much there is of it."""

from __future__ import annotations

import posixpath
import re
from array import array
from dataclasses import dataclass, field
from typing import Final, NoReturn

from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.errors import ClasseurRefuse, Place

_REFERENCE: Final = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_LIENS: Final = "xl/_rels/workbook.xml.rels"


@dataclass(slots=True)
class Feuille:
    """What the walk saw of a sheet: the box of its filled cells (rows and columns from 1), what they hold.

    `formules`, `sans_valeur` (formulas never computed) and `erreurs` (`#REF!`…) are cells: `ligne << 16 | colonne`.
    """

    haut: int = 10**8
    bas: int = 0
    gauche: int = 10**8
    droite: int = 0
    remplies: int = 0
    formules: array[int] = field(default_factory=lambda: array("Q"))
    sans_valeur: array[int] = field(default_factory=lambda: array("Q"))
    erreurs: array[int] = field(default_factory=lambda: array("Q"))


class Bilan:
    """What the XML parts of one workbook hold, added up against the limits."""

    def __init__(self) -> None:
        self._elements = 0
        self._cellules = 0
        self._longueurs = array("L")
        self._appels = array("L", bytes(array("L").itemsize * (limites.CHAINES_CLASSEUR + 1)))
        self._feuilles: dict[str, Feuille] = {}
        self._noms: list[tuple[str, str]] = []
        self._cibles: dict[str, str] = {}

    def compter(self, nom: str, *, elements: int, cellules: int) -> None:
        """Add to the elements and the cells of the workbook."""
        self._elements += elements
        self._cellules += cellules
        for limite, valeur, permis, quoi in (
            ("cellules", self._cellules, limites.CELLULES_CLASSEUR, "cellules"),
            ("elements", self._elements, limites.ELEMENTS_XML, "éléments XML"),
        ):
            if valeur > permis:
                raise ClasseurRefuse(f"Le classeur a plus de {permis} {quoi}.", place=Place(partie=nom), limite=limite)

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
        try:
            self._appels[int(rang[:12])] += 1
        except (ValueError, IndexError):
            raise ClasseurRefuse("Une cellule désigne une chaîne qui n'existe pas.", place=Place(partie=nom)) from None

    def feuille(self, nom: str) -> Feuille:
        """Return the sheet of a part, made on its first cell."""
        return self._feuilles.setdefault(nom.lower(), Feuille())

    def nommer(self, nom: str, lien: str) -> None:
        """Note a sheet of the workbook."""
        self._noms.append((nom, lien))
        if len(self._noms) > limites.FEUILLES_CLASSEUR or len(nom) > limites.CARACTERES_FEUILLE:
            raise ClasseurRefuse(
                f"Le classeur a plus de {limites.FEUILLES_CLASSEUR} feuilles, ou un nom de feuille est trop long.",
                limite="feuilles",
            )

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


# What the walk does with an element, by its local name.
_GENRES: Final = {
    "c": 1,
    "v": 2,
    "row": 3,
    "is": 4,
    "f": 5,
    "t": 6,
    "si": 7,
    "sheetData": 8,
    "sheet": 9,
    "Relationship": 10,
}
_LOT: Final = 10_000


class Visite:
    """The walk of one part. `ouvrir` is called for every element: it is written for speed, in one piece."""

    def __init__(self, bilan: Bilan, nom: str) -> None:
        self._bilan = bilan
        self._nom = nom
        self._vue: Feuille | None = None
        self._genres = dict(_GENRES)
        self._elements = self._cellules = 0
        self._ligne = self._colonne = 0
        self._dans_cellule = self._a_valeur = self._a_formule = False
        self._type: str | None = None
        self._rang = ""
        self._texte_de = 0

    def ouvrir(self, nom: str, attributs: dict[str, str]) -> None:
        """Receive the start of an element."""
        self._elements += 1
        if self._elements == _LOT:
            self._rendre_compte()
        genre = self._genres.get(nom, -1)
        if genre < 0:
            genre = self._genre(nom)
        self._texte_de = 0
        if genre == 0:
            return
        if self._vue is None:
            self._ouvrir_ailleurs(genre, attributs)
        elif genre == 1:
            if self._dans_cellule:
                self._clore_cellule(self._vue)
            self._cellules += 1
            self._situer(attributs.get("r"))
            self._type = attributs.get("t")
            self._a_valeur = self._a_formule = False
            self._dans_cellule = True
        elif genre == 2:
            self._a_valeur = True
            if self._type == "s":
                self._texte_de = 2
                self._rang = ""
        elif genre == 3:
            if self._dans_cellule:
                self._clore_cellule(self._vue)
            self._ouvrir_ligne(attributs.get("r"))
        elif genre == 4:
            self._a_valeur = True
        elif genre == 5:
            self._a_formule = True

    def texte(self, texte: str) -> None:
        """Receive text, perhaps a piece of it."""
        if self._texte_de == 2:
            self._rang += texte
        elif self._texte_de == 6:
            self._bilan.allonger_chaine(len(texte))

    def fermer(self) -> None:
        """End the part."""
        if self._dans_cellule and self._vue is not None:
            self._clore_cellule(self._vue)
        self._rendre_compte()

    def _genre(self, nom: str) -> int:
        genre = _GENRES.get(nom.rpartition(":")[2], 0)
        if len(self._genres) < 1000:
            self._genres[nom] = genre
        return genre

    def _rendre_compte(self) -> None:
        self._bilan.compter(self._nom, elements=self._elements, cellules=self._cellules)
        self._elements = self._cellules = 0

    def _ouvrir_ailleurs(self, genre: int, attributs: dict[str, str]) -> None:
        """Receive an element out of the cells of a sheet."""
        if genre == 6:
            self._texte_de = 6
        elif genre == 7:
            self._bilan.nouvelle_chaine(self._nom)
        elif genre == 8:
            self._vue = self._bilan.feuille(self._nom)
        elif genre == 9:
            lien = next((v for cle, v in attributs.items() if cle.endswith(":id")), "")
            self._bilan.nommer(attributs.get("name", ""), lien)
        elif genre == 10 and self._nom.lower() == _LIENS:
            self._bilan.lier(attributs.get("Id", ""), attributs.get("Target", ""))

    def _ouvrir_ligne(self, numero: str | None) -> None:
        if numero is None:
            self._ligne += 1
        elif numero.isascii() and numero.isdecimal() and len(numero) < 8:
            self._ligne = int(numero)
        else:
            self._refuser_reference(numero)
        self._colonne = 0

    def _situer(self, reference: str | None) -> None:
        if reference is None:
            self._colonne += 1
            return
        trouve = _REFERENCE.fullmatch(reference)
        if trouve is None:
            self._refuser_reference(reference)
        lettres, ligne = trouve.groups()
        self._colonne = _RANGS.get(lettres) or _rang_de_colonne(lettres)
        self._ligne = int(ligne)

    def _clore_cellule(self, vue: Feuille) -> None:
        self._dans_cellule = False
        ligne, colonne = self._ligne, self._colonne
        if self._a_formule:
            (vue.formules if self._a_valeur else vue.sans_valeur).append(ligne << 16 | colonne)
        if not self._a_valeur:
            return
        if self._type == "s":
            self._bilan.appeler_chaine(self._nom, self._rang)
        elif self._type == "e":
            vue.erreurs.append(ligne << 16 | colonne)
        vue.remplies += 1
        if ligne < vue.haut:
            vue.haut = ligne
        if ligne > vue.bas:
            vue.bas = ligne
        if colonne < vue.gauche:
            vue.gauche = colonne
        if colonne > vue.droite:
            vue.droite = colonne

    def _refuser_reference(self, reference: str) -> NoReturn:
        raise ClasseurRefuse(
            f"Une cellule a une référence impossible : « {reference[:20]} ».", place=Place(partie=self._nom)
        )


def refuser_etendue(nom: str, vue: Feuille) -> None:
    """Refuse a sheet too wide, too high, or whose few cells are so far apart that the box between them is huge."""
    if not vue.remplies:
        return
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
