"""Reader of CSV (RFC 4180, and what spreadsheets make of it): `, ; tab |`, quoted line breaks, a title on top."""

from __future__ import annotations

import csv
import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from annuaire.standard.anomalies import LONGUEUR_VALEUR, Anomalie
from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.entetes import (
    LIGNES_EXAMINEES,
    est_vide,
    nommer_colonnes,
    refuser_trop_de_colonnes,
    reperer_entetes,
)
from annuaire.synchronisation.lecteurs.errors import (
    CelluleTropLongue,
    FichierTronque,
    FichierVide,
    FormatNonReconnu,
    GuillemetsIncoherents,
    LigneTropLongue,
    Place,
    TropDeLignes,
)
from annuaire.synchronisation.lecteurs.lignes import Devine, Lecture, LigneBrute, Reglages
from annuaire.synchronisation.lecteurs.texte import LignesPhysiques, refuser_autre_chose

DELIMITEURS: Final = (",", ";", "\t", "|")
_ECHANTILLON: Final = 256 * limites.KIO
_DIRECTIVE_SEP: Final = re.compile(r"sep=(.)\r?\n?", re.I)
_DEBUT_JSON: Final = re.compile(r"\s*(?:\[\s*[\[{\]]|\{\s*[\"}])")


class _Enregistrement:
    """One record: its first physical line, its cells, the faults of form."""

    __slots__ = ("anomalies", "cellules", "ligne")

    def __init__(self, ligne: int, cellules: list[str], anomalies: list[Anomalie]) -> None:
        self.ligne = ligne
        self.cellules = cellules
        self.anomalies = anomalies


class _Flux:
    """Physical lines for the csv module, keeping those of the record under way."""

    def __init__(self, lignes: LignesPhysiques) -> None:
        self._lignes = lignes
        self._caracteres = 0
        self._avance: list[tuple[int, str, bool]] = []
        self.prises: list[tuple[int, str, bool]] = []

    def __iter__(self) -> _Flux:
        return self

    def __next__(self) -> str:
        if self._avance:
            prise = self._avance.pop()
        else:
            texte = next(self._lignes)
            prise = (self._lignes.numero, texte, self._lignes.suspecte)
        self.prises.append(prise)
        self._caracteres += len(prise[1])
        if self._caracteres > limites.OCTETS_LIGNE:
            raise LigneTropLongue(
                f"Ligne {self.prises[0][0]} : l'enregistrement dépasse {limites.OCTETS_LIGNE} caractères.",
                place=Place(ligne=self.prises[0][0]),
            )
        return prise[1]

    def passer(self) -> None:
        """Forget the lines of the record under way: it is read."""
        self.prises.clear()
        self._caracteres = 0

    def regarder(self, caracteres: int) -> list[str]:
        """Return the next lines, up to this many characters, without consuming them."""
        vues: list[tuple[int, str, bool]] = []
        for texte in self._lignes:
            vues.append((self._lignes.numero, texte, self._lignes.suspecte))
            caracteres -= len(texte)
            if caracteres <= 0:
                break
        self._avance = vues[::-1]
        return [texte for _, texte, _ in vues]

    def rendre(self) -> None:
        """Put back the lines of the record under way."""
        self._avance.extend(reversed(self.prises))
        self.passer()


def lire(chemin: Path, reglages: Reglages | None = None) -> Lecture:
    """Read a CSV file; the rows come as they are read, the file is never whole in memory.

    Raises `FichierRefuse` (see `errors`), at once or while iterating.
    """
    refuser_autre_chose(chemin, attendu="CSV")
    devine = Devine(format="csv")
    return Lecture(_ouvrir(chemin, devine, reglages or Reglages()), devine)


def _ouvrir(chemin: Path, devine: Devine, reglages: Reglages) -> Iterator[LigneBrute]:
    with LignesPhysiques(chemin, encodage=reglages.encodage) as physiques:
        devine.encodage = physiques.encodage
        flux = _Flux(physiques)
        devine.delimiteur = _delimiteur(flux, reglages.delimiteur)
        yield from _lignes(_enregistrements(flux, devine.delimiteur), devine, reglages)


def _delimiteur(flux: _Flux, voulu: str | None) -> str:
    """Settle the delimiter: the owner's, that of a first line `sep=;` (then consumed), or the likeliest."""
    echantillon = flux.regarder(_ECHANTILLON)
    if not "".join(echantillon).strip():
        raise FichierVide("Le fichier ne contient rien.")
    if _DEBUT_JSON.match(echantillon[0]):
        raise FormatNonReconnu(
            "Le fichier annoncé comme CSV est du JSON : envoyez-le avec le type application/json.",
            place=Place(ligne=1),
        )
    directive = _DIRECTIVE_SEP.fullmatch(echantillon[0])
    if directive:
        next(flux)
        flux.passer()
        echantillon = echantillon[1:]
    delimiteur = voulu or (directive.group(1) if directive else deviner_delimiteur(echantillon))
    if len(delimiteur) != 1 or delimiteur in '"\r\n':
        raise FormatNonReconnu(f"Le délimiteur « {delimiteur[:10]} » n'est pas accepté.", place=Place(ligne=1))
    return delimiteur


def deviner_delimiteur(lignes: list[str]) -> str:
    """Choose the delimiter that cuts most rows into the same number of cells; a comma when none does."""

    def note(delimiteur: str) -> float:
        try:
            lecteur = csv.reader(lignes, delimiter=delimiteur)
            largeurs = [len(ligne) for ligne in itertools.islice(lecteur, 200) if ligne]
        except csv.Error:
            return 0.0
        if not largeurs:
            return 0.0
        effectifs = Counter(largeurs)
        return max((effectif / len(largeurs)) ** 2 * math.log2(largeur) for largeur, effectif in effectifs.items())

    return max(DELIMITEURS, key=note)


def _enregistrements(flux: _Flux, delimiteur: str) -> Iterator[_Enregistrement]:
    """Cut the physical lines into records, strictly; a record of one line wrongly quoted is read leniently."""
    strict = csv.reader(flux, delimiter=delimiteur, strict=True)
    while True:
        anomalies: list[Anomalie] = []
        try:
            cellules = next(strict)
        except StopIteration:
            return
        except csv.Error as erreur:
            debut = flux.prises[0][0] if flux.prises else 1
            _refuser_faute(erreur, flux, debut)
            flux.rendre()
            cellules = next(csv.reader(flux, delimiter=delimiteur))
            if len(flux.prises) > 1:
                _refuser_guillemets(debut)
            anomalies.append(Anomalie("guillemets_douteux", valeur=flux.prises[0][1].strip()[:LONGUEUR_VALEUR]))
            strict = csv.reader(flux, delimiter=delimiteur, strict=True)
        numero = flux.prises[0][0]
        if any(suspecte for _, _, suspecte in flux.prises):
            anomalies.append(Anomalie("ligne_reencodee"))
        if sum(len(texte) for _, texte, _ in flux.prises) > limites.CARACTERES_CELLULE_CSV:
            _refuser_cellule_longue(cellules, numero)
        flux.passer()
        yield _Enregistrement(numero, cellules, anomalies)


def _refuser_faute(erreur: csv.Error, flux: _Flux, debut: int) -> None:
    message = str(erreur)
    if "unexpected end of data" in message:
        raise FichierTronque(
            f"Un guillemet ouvert dans l'enregistrement de la ligne {debut} n'est jamais refermé : "
            "le fichier est sans doute coupé.",
            place=Place(ligne=debut),
        ) from erreur
    if "field larger" in message:
        suite = " Un guillemet n'y est sans doute jamais refermé." if len(flux.prises) > 1 else ""
        raise CelluleTropLongue(
            f"Ligne {debut} : une cellule dépasse {limites.CARACTERES_CELLULE_CSV} caractères.{suite}",
            place=Place(ligne=debut),
        ) from erreur


def _refuser_guillemets(debut: int) -> None:
    # Reading on would swallow the rows that follow, and a row swallowed is a place deleted.
    raise GuillemetsIncoherents(
        f"Ligne {debut} : un guillemet mal placé réunit plusieurs lignes du fichier.",
        place=Place(ligne=debut),
    )


def _refuser_cellule_longue(cellules: list[str], ligne: int) -> None:
    for colonne, cellule in enumerate(cellules, 1):
        if len(cellule) > limites.CARACTERES_CELLULE_CSV:
            raise CelluleTropLongue(
                f"Ligne {ligne}, colonne {colonne} : {len(cellule)} caractères, "
                f"la limite est {limites.CARACTERES_CELLULE_CSV}.",
                place=Place(ligne=ligne, colonne=colonne),
            )


def _lignes(enregistrements: Iterator[_Enregistrement], devine: Devine, reglages: Reglages) -> Iterator[LigneBrute]:
    pleins = (_borner(e) for e in enregistrements if not _compter_si_vide(e, devine))
    premiers = list(itertools.islice(pleins, LIGNES_EXAMINEES))
    if not premiers:
        raise FichierVide("Le fichier n'a que des cellules vides.")
    if reglages.ligne_entetes is None:
        rang = reperer_entetes([e.cellules for e in premiers])
    else:
        rang = next((i for i, e in enumerate(premiers) if e.ligne >= reglages.ligne_entetes), len(premiers))
        if rang == len(premiers):
            raise FormatNonReconnu(
                f"La ligne d'en-têtes {reglages.ligne_entetes} n'est pas parmi les premières lignes du fichier.",
                place=Place(ligne=reglages.ligne_entetes),
            )
    entetes = premiers[rang]
    devine.ligne_entetes = entetes.ligne
    devine.colonnes, devine.entetes_doubles = nommer_colonnes(entetes.cellules, ligne=entetes.ligne)
    for lues, enregistrement in enumerate(itertools.chain(premiers[rang + 1 :], pleins), 1):
        if lues > limites.LIGNES:
            raise TropDeLignes(
                f"Plus de {limites.LIGNES} lignes (la première de trop est la ligne {enregistrement.ligne}).",
                place=Place(ligne=enregistrement.ligne),
            )
        yield _ligne(enregistrement, devine.colonnes)


def _compter_si_vide(enregistrement: _Enregistrement, devine: Devine) -> bool:
    vide = all(est_vide(cellule) for cellule in enregistrement.cellules)
    devine.lignes_vides += vide
    return vide


def _borner(enregistrement: _Enregistrement) -> _Enregistrement:
    """Drop the empty cells beyond the last column permitted; refuse the full ones."""
    cellules = enregistrement.cellules
    if len(cellules) > limites.COLONNES:
        largeur = max(rang for rang, cellule in enumerate(cellules, 1) if not est_vide(cellule))
        refuser_trop_de_colonnes(largeur, ligne=enregistrement.ligne)
        del cellules[limites.COLONNES :]
    return enregistrement


def _ligne(enregistrement: _Enregistrement, colonnes: list[str]) -> LigneBrute:
    cellules, anomalies = enregistrement.cellules, enregistrement.anomalies
    valeurs = dict(zip(colonnes, cellules, strict=False))
    ecart = len(cellules) - len(colonnes)
    if ecart > 0:
        en_trop = {
            f"colonne {rang}": cellule
            for rang, cellule in enumerate(cellules[len(colonnes) :], len(colonnes) + 1)
            if not est_vide(cellule)
        }
        valeurs |= {nom: cellule for nom, cellule in en_trop.items() if nom not in valeurs}
        ecart = len(en_trop)
    if ecart:
        anomalies.append(
            Anomalie("colonnes_decalees", valeur=f"{len(cellules)} cellules pour {len(colonnes)} colonnes")
        )
    return LigneBrute(enregistrement.ligne, None, valeurs, tuple(anomalies))
