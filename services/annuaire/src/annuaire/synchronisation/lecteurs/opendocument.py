"""The sheets of an OpenDocument workbook (OASIS ODF 1.3, part 3, §9), walked without ever being whole in memory."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers.expat import XMLParserType

from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.entetes import LIGNES_EXAMINEES
from annuaire.synchronisation.lecteurs.errors import ClasseurRefuse, Place
from annuaire.synchronisation.lecteurs.visite import nom_de_cellule
from annuaire.synchronisation.lecteurs.xml import parcourir

CONTENU: Final = "content.xml"
_ESPACE: Final = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE: Final = f"{_ESPACE}table:1.0 "
_TEXTE: Final = f"{_ESPACE}text:1.0 "
_BUREAU: Final = f"{_ESPACE}office:1.0 "
_STYLE: Final = f"{_ESPACE}style:1.0 "
_DESSIN: Final = f"{_ESPACE}drawing:1.0 "
_CALC: Final = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_DUREE: Final = re.compile(r"PT(\d{1,6})H(\d{1,2})M(\d{1,2})(?:[.,]\d{0,9})?S", re.ASCII)
_NOMBRES: Final = frozenset({"float", "percentage", "currency"})
_LOT: Final = 10_000


@dataclass(slots=True)
class FeuilleOds:
    """What the walk saw of a sheet: its first rows that hold something, how many cells do, whether it is shown.

    `gauche` is the number of columns that hold nothing before the first that does.
    """

    nom: str
    visible: bool = True
    remplies: int = 0
    gauche: int = limites.COLONNES
    premieres: list[list[Any]] = field(default_factory=list)


@dataclass(slots=True)
class RangeeOds:
    """A row that holds something: its number from 1, its cells, the cells to speak of (column from 0, code).

    `feuille` is the rank of its sheet, from 0.
    """

    feuille: int
    numero: int
    cellules: list[Any]
    signalees: list[tuple[int, str]]


def inspecter(blocs: Iterator[bytes]) -> list[FeuilleOds]:
    """Walk the whole content and return its sheets, in order. Raises `ClasseurRefuse`."""
    parcours = _Parcours(None)
    for _ in parcourir(CONTENU, blocs, parcours.brancher, espaces=True):
        for rangee in parcours.prendre():
            feuille = parcours.feuilles[rangee.feuille]
            pleines = [rang for rang, cellule in enumerate(rangee.cellules) if cellule is not None]
            feuille.remplies += len(pleines)
            feuille.gauche = min(feuille.gauche, pleines[0])
            if len(feuille.premieres) < LIGNES_EXAMINEES:
                feuille.premieres.append(rangee.cellules)
    parcours.rendre_compte()
    return parcours.feuilles


def rangees(blocs: Iterator[bytes], rang: int) -> Iterator[RangeeOds]:
    """Give the rows of the sheet of this rank, from 0, as they are read. Raises `ClasseurRefuse`."""
    parcours = _Parcours(rang)
    for _ in parcourir(CONTENU, blocs, parcours.brancher, espaces=True):
        yield from parcours.prendre()


class _Parcours:
    """The walk of `content.xml`: the rows of the sheets, or of one, wait in `prendre` until they are taken."""

    def __init__(self, rang: int | None) -> None:
        self.feuilles: list[FeuilleOds] = []
        self._rang = rang
        self._pretes: list[RangeeOds] = []
        self._styles_caches: set[str] = set()
        self._style = ""
        self._tables = self._ecarts = 0
        self._elements = self._cellules = self._caracteres = 0
        self._numero = self._colonne = 0
        self._fois = self._fois_ligne = 1
        self._rangee: list[Any] = []
        self._signalees: list[tuple[int, str]] = []
        self._attributs: dict[str, str] | None = None
        self._morceaux: list[str] = []
        self._longueur = 0
        self._paragraphes = 0
        self._dans_paragraphe = False

    def brancher(self, lecteur: XMLParserType) -> None:
        """Set the handlers of an XML reader."""
        lecteur.StartElementHandler = self.ouvrir
        lecteur.EndElementHandler = self.fermer
        lecteur.CharacterDataHandler = self.texte

    def prendre(self) -> list[RangeeOds]:
        """Take the rows read since the last time."""
        pretes, self._pretes = self._pretes, []
        return pretes

    def rendre_compte(self) -> None:
        """Check what has been counted against the limits."""
        for limite, valeur, permis, quoi in (
            ("elements", self._elements, limites.ELEMENTS_XML, "éléments XML"),
            ("cellules", self._cellules, limites.CELLULES_CLASSEUR, "cellules"),
            ("texte", self._caracteres, limites.CARACTERES_CLASSEUR, "caractères"),
        ):
            if valeur > permis:
                self._refuser(f"Le classeur a plus de {permis} {quoi}.", limite)

    def ouvrir(self, nom: str, attributs: dict[str, str]) -> None:
        """Receive the start of an element."""
        self._elements += 1
        if self._elements % _LOT == 0:
            self.rendre_compte()
        if self._ecarts:
            self._ecarts += 1
        elif self._attributs is not None:
            self._ouvrir_dans_cellule(nom, attributs)
        elif nom in (_CELLULE, _COUVERTE):
            if self._tables == 1:
                self._ouvrir_cellule(attributs)
        elif nom == _LIGNE:
            if self._tables == 1:
                self._rangee, self._signalees, self._colonne = [], [], 0
                self._fois_ligne = self._repetitions(attributs, "number-rows-repeated")
        elif nom == _FEUILLE:
            self._ouvrir_feuille(attributs)
        elif nom == f"{_STYLE}style":
            self._style = attributs.get(f"{_STYLE}name", "")
        elif nom == f"{_STYLE}table-properties" and attributs.get(f"{_TABLE}display") == "false":
            self._styles_caches.add(self._style)

    def texte(self, texte: str) -> None:
        """Receive text, perhaps a piece of it."""
        if self._dans_paragraphe and not self._ecarts:
            self._ajouter(texte)

    def fermer(self, nom: str) -> None:
        """Receive the end of an element."""
        if self._ecarts:
            self._ecarts -= 1
        elif self._attributs is not None:
            if nom == _PARAGRAPHE:
                self._dans_paragraphe = False
            elif nom in (_CELLULE, _COUVERTE):
                self._clore_cellule(self._attributs)
        elif nom == _LIGNE and self._tables == 1:
            self._clore_ligne()
        elif nom == _FEUILLE:
            self._tables -= 1

    def _ouvrir_feuille(self, attributs: dict[str, str]) -> None:
        self._tables += 1
        if self._tables > 1:
            return
        nom = attributs.get(f"{_TABLE}name", "")
        if len(self.feuilles) == limites.FEUILLES_CLASSEUR or len(nom) > limites.CARACTERES_FEUILLE:
            self._refuser(
                f"Le classeur a plus de {limites.FEUILLES_CLASSEUR} feuilles, ou un nom de feuille est trop long.",
                "feuilles",
            )
        visible = attributs.get(f"{_TABLE}style-name") not in self._styles_caches
        self.feuilles.append(FeuilleOds(nom, visible))
        self._numero = 0

    def _ouvrir_cellule(self, attributs: dict[str, str]) -> None:
        self._attributs = attributs
        self._fois = self._repetitions(attributs, "number-columns-repeated")
        self._morceaux, self._longueur, self._paragraphes = [], 0, 0
        self._dans_paragraphe = False

    def _ouvrir_dans_cellule(self, nom: str, attributs: dict[str, str]) -> None:
        """Receive what a cell shows; a comment, a drawing, a table inside it are not its value."""
        if nom == _PARAGRAPHE:
            if self._paragraphes:
                self._ajouter("\n")
            self._paragraphes += 1
            self._dans_paragraphe = True
        elif nom == f"{_TEXTE}s":
            self._ajouter(" " * min(self._entier(attributs.get(f"{_TEXTE}c", "1")), limites.CARACTERES_ENTETE))
        elif nom == f"{_TEXTE}tab":
            self._ajouter("\t")
        elif nom == f"{_TEXTE}line-break":
            self._ajouter("\n")
        elif nom == f"{_BUREAU}annotation" or nom.startswith((_DESSIN, _TABLE)):
            self._ecarts = 1

    def _ajouter(self, texte: str) -> None:
        self._longueur += len(texte)
        if self._longueur > limites.CARACTERES_CELLULE_CLASSEUR:
            ligne, colonne = self._numero + 1, self._colonne + 1
            ou = nom_de_cellule(ligne, colonne)
            raise ClasseurRefuse(
                f"Feuille « {self.feuilles[-1].nom} », cellule {ou} : plus de "
                f"{limites.CARACTERES_CELLULE_CLASSEUR} caractères.",
                place=Place(ligne=ligne, colonne=colonne, feuille=self.feuilles[-1].nom, cellule=ou),
                limite="cellule",
            )
        self._morceaux.append(texte)

    def _clore_cellule(self, attributs: dict[str, str]) -> None:
        self._attributs = None
        valeur, code = _valeur(attributs, "".join(self._morceaux))
        if code:
            self._signalees.append((self._colonne, code))
        if valeur is None:
            self._colonne += self._fois
            return
        if self._colonne + self._fois > limites.COLONNES:
            self._refuser_etendue(self._colonne + self._fois, limites.COLONNES, "colonnes")
        self._rangee.extend([None] * (self._colonne - len(self._rangee)))
        self._rangee.extend([valeur] * self._fois)
        self._colonne += self._fois
        self._cellules += self._fois * self._fois_ligne
        self._caracteres += self._longueur * self._fois * self._fois_ligne

    def _clore_ligne(self) -> None:
        debut = self._numero + 1
        self._numero += self._fois_ligne
        if not self._rangee:
            return
        if self._numero > limites.LIGNES + limites.LIGNES_AVANT_LISTE:
            self._refuser_etendue(self._numero, limites.LIGNES + limites.LIGNES_AVANT_LISTE, "lignes")
        self.rendre_compte()
        rang = len(self.feuilles) - 1
        if self._rang is None or self._rang == rang:
            vues: dict[str, int] = {}
            for colonne, code in self._signalees:
                vues.setdefault(code, colonne)
            signalees = [(colonne, code) for code, colonne in vues.items()]
            for numero in range(debut, self._numero + 1):
                self._pretes.append(RangeeOds(rang, numero, self._rangee, signalees))

    def _repetitions(self, attributs: dict[str, str], nom: str) -> int:
        texte = attributs.get(_TABLE + nom)
        return 1 if texte is None else max(1, self._entier(texte))

    def _entier(self, texte: str) -> int:
        """Read a count; a spreadsheet repeats the empty cells of its margins, never more than it has."""
        if not (texte.isascii() and texte.isdecimal() and len(texte) < 10) or int(texte) > limites.REPETITIONS_ODS:
            self._refuser(f"Une cellule est répétée un nombre impossible de fois : « {texte[:20]} ».", "repetitions")
        return int(texte)

    def _refuser_etendue(self, valeur: int, permis: int, quoi: str) -> None:
        nom = self.feuilles[-1].nom
        raise ClasseurRefuse(
            f"La feuille « {nom[:100]} » s'étend sur {valeur} {quoi} (limite {permis}).",
            place=Place(feuille=nom[:100]),
            limite=quoi,
        )

    def _refuser(self, detail: str, limite: str) -> None:
        raise ClasseurRefuse(detail, place=Place(partie=CONTENU), limite=limite)


_FEUILLE: Final = f"{_TABLE}table"
_LIGNE: Final = f"{_TABLE}table-row"
_CELLULE: Final = f"{_TABLE}table-cell"
_COUVERTE: Final = f"{_TABLE}covered-table-cell"
_PARAGRAPHE: Final = f"{_TEXTE}p"


def _valeur(attributs: dict[str, str], texte: str) -> tuple[Any, str | None]:
    """Return the value of a cell (dates as ISO 8601 text), and the code of what there is to say of it."""
    genre = attributs.get(f"{_BUREAU}value-type")
    formule = f"{_TABLE}formula" in attributs
    if attributs.get(_CALC) == "error":
        return None, "erreur_tableur"
    valeur: Any = texte or attributs.get(f"{_BUREAU}string-value") or None
    if genre in _NOMBRES:
        valeur = _nombre(attributs.get(f"{_BUREAU}value", ""), valeur)
    elif genre == "date":
        valeur = attributs.get(f"{_BUREAU}date-value") or valeur
    elif genre == "time":
        duree = _DUREE.fullmatch(attributs.get(f"{_BUREAU}time-value", ""))
        valeur = ":".join(partie.zfill(2) for partie in duree.groups()) if duree else valeur
    elif genre == "boolean":
        valeur = attributs.get(f"{_BUREAU}boolean-value") == "true"
    if isinstance(valeur, str):
        valeur = valeur[: limites.CARACTERES_CELLULE_CLASSEUR] if valeur.strip() else None
    if not formule:
        return valeur, None
    return valeur, "formule_sans_valeur" if valeur is None else "formule_calculee"


def _nombre(ecrit: str, texte: str | None) -> float | str | None:
    """Read the number of a cell; what is not one shows its text."""
    if len(ecrit) > limites.CHIFFRES_JSON:
        return texte
    try:
        nombre = float(ecrit)
    except ValueError:
        return texte
    return nombre if math.isfinite(nombre) else texte
