"""Reader of XLSX workbooks: sheet and header row are found, formulas give the value computed by their last editor."""

from __future__ import annotations

import itertools
import tempfile
from array import array
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from annuaire.standard.anomalies import Anomalie
from annuaire.synchronisation.lecteurs import limites
from annuaire.synchronisation.lecteurs.classeur import assainir
from annuaire.synchronisation.lecteurs.entetes import (
    LIGNES_EXAMINEES,
    est_vide,
    nommer_colonnes,
    noms_connus,
    reperer_entetes,
)
from annuaire.synchronisation.lecteurs.errors import ClasseurRefuse, FormatNonReconnu, Place
from annuaire.synchronisation.lecteurs.lignes import Devine, Lecture, LigneBrute, Reglages
from annuaire.synchronisation.lecteurs.visite import Feuille, nom_de_cellule

_ENTIER_EXACT = 2**53


def lire(chemin: Path, reglages: Reglages | None = None) -> Lecture:
    """Read a workbook. Dates are ISO 8601 text, whole numbers are ints, empty cells `None`.

    Raises `FichierRefuse`, at once or while iterating.
    """
    reglages = reglages or Reglages()
    # The sound copy is opened by name, then needs its name no more.
    with tempfile.TemporaryDirectory(prefix="classeur-") as dossier:
        copie = Path(dossier, "classeur.xlsx")
        vues = assainir(chemin, copie)
        classeur = _ouvrir(copie)
    devine = Devine(format="xlsx")
    devine.feuilles = [feuille.name for feuille in classeur.sheets_metadata]
    return Lecture(_lignes(classeur, vues, devine, reglages), devine)


def _ouvrir(chemin: Path) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(str(chemin))
    except MemoryError:
        raise
    except BaseException as erreur:
        raise _refus(erreur) from erreur


def _refus(erreur: BaseException) -> BaseException:
    """Turn an error of the cell reader into a refusal: its own errors, and the panics of its native code."""
    if isinstance(erreur, CalamineError | OSError | ValueError) or type(erreur).__name__ == "PanicException":
        return ClasseurRefuse("Le contenu du classeur est abîmé.")
    return erreur


def _charger(classeur: CalamineWorkbook, nom: str) -> CalamineSheet:
    try:
        return classeur.get_sheet_by_name(nom)
    except MemoryError:
        raise
    except BaseException as erreur:
        raise _refus(erreur) from erreur


def _choisir(classeur: CalamineWorkbook, vues: dict[str, Feuille], voulue: str | None) -> CalamineSheet:
    """Choose the sheet of the list: most column names of the standard (three at least), else most filled cells."""
    if voulue is not None:
        if voulue not in classeur.sheet_names:
            noms = ", ".join(f"« {nom} »" for nom in classeur.sheet_names[:20])
            raise FormatNonReconnu(
                f"Le classeur n'a pas de feuille « {voulue[:100]} » : {noms}.", place=Place(feuille=voulue[:100])
            )
        return _charger(classeur, voulue)
    candidates = [
        meta
        for meta in classeur.sheets_metadata
        if meta.typ == SheetTypeEnum.WorkSheet and vues.get(meta.name, Feuille()).remplies
    ]
    visibles = [meta for meta in candidates if meta.visible == SheetVisibleEnum.Visible] or candidates
    if not visibles:
        raise FormatNonReconnu("Aucune feuille du classeur ne contient de cellule remplie.")
    if len(visibles) == 1:
        return _charger(classeur, visibles[0].name)

    def note(feuille: CalamineSheet) -> tuple[int, int]:
        connus = max(
            (noms_connus(ligne) for ligne in itertools.islice(feuille.iter_rows(), LIGNES_EXAMINEES)), default=0
        )
        return (connus if connus >= 3 else 0, vues[feuille.name].remplies)

    return max((_charger(classeur, meta.name) for meta in visibles), key=note)


def _lignes(
    classeur: CalamineWorkbook, vues: dict[str, Feuille], devine: Devine, reglages: Reglages
) -> Iterator[LigneBrute]:
    feuille = _choisir(classeur, vues, reglages.feuille)
    nom = devine.feuille = feuille.name
    gauche = feuille.start[1] if feuille.start else 0
    pleines = (
        (numero, cellules)
        for numero, cellules in enumerate(feuille.iter_rows(), 1)
        if not all(est_vide(cellule) for cellule in cellules)
    )
    premieres = list(itertools.islice(pleines, LIGNES_EXAMINEES))
    if not premieres:
        raise FormatNonReconnu(f"La feuille « {nom} » ne contient rien.", place=Place(feuille=nom))
    rang = _rang_des_entetes(premieres, reglages.ligne_entetes, nom)
    devine.ligne_entetes, entetes = premieres[rang]
    devine.colonnes, devine.entetes_doubles = nommer_colonnes(
        [_valeur(cellule) for cellule in entetes], ligne=devine.ligne_entetes, feuille=nom
    )
    signalees = _signalees(vues.get(nom, Feuille()), gauche)
    precedente = devine.ligne_entetes
    for lues, (numero, cellules) in enumerate(itertools.chain(premieres[rang + 1 :], pleines), 1):
        if lues > limites.LIGNES:
            raise ClasseurRefuse(
                f"La feuille « {nom} » a plus de {limites.LIGNES} lignes.",
                place=Place(ligne=numero, feuille=nom),
                limite="lignes",
            )
        devine.lignes_vides += numero - precedente - 1
        precedente = numero
        yield _ligne(numero, nom, cellules, gauche, devine.colonnes, signalees.get(numero, ()))


def _rang_des_entetes(premieres: list[tuple[int, list[Any]]], voulue: int | None, feuille: str) -> int:
    if voulue is None:
        return reperer_entetes([cellules for _, cellules in premieres])
    for rang, (numero, _) in enumerate(premieres):
        if numero == voulue:
            return rang
    raise FormatNonReconnu(
        f"La ligne d'en-têtes {voulue} de la feuille « {feuille} » est vide ou trop loin.",
        place=Place(ligne=voulue, feuille=feuille),
    )


def _ligne(
    numero: int,
    feuille: str,
    cellules: list[Any],
    gauche: int,
    colonnes: list[str],
    signalees: tuple[tuple[int, str], ...],
) -> LigneBrute:
    valeurs: dict[str, Any] = {}
    anomalies: list[Anomalie] = []
    en_trop = longueur = 0
    for rang, cellule in enumerate(cellules):
        valeur = _valeur(cellule)
        if isinstance(valeur, str) and len(valeur) > limites.CARACTERES_CELLULE_CLASSEUR:
            ou = nom_de_cellule(numero, gauche + rang + 1)
            raise ClasseurRefuse(
                f"Feuille « {feuille} », cellule {ou} : {len(valeur)} caractères, "
                f"la limite est {limites.CARACTERES_CELLULE_CLASSEUR}.",
                place=Place(ligne=numero, colonne=gauche + rang + 1, feuille=feuille, cellule=ou),
                limite="cellule",
            )
        if isinstance(valeur, str):
            longueur += len(valeur)
        if rang < len(colonnes):
            valeurs[colonnes[rang]] = valeur
        elif valeur is not None:
            valeurs.setdefault(f"colonne {rang + 1}", valeur)
            en_trop += 1
    if longueur > limites.OCTETS_LIGNE:
        raise ClasseurRefuse(
            f"Feuille « {feuille} », ligne {numero} : {longueur} caractères, la limite est {limites.OCTETS_LIGNE}.",
            place=Place(ligne=numero, feuille=feuille),
            limite="ligne",
        )
    if en_trop:
        anomalies.append(
            Anomalie("colonnes_decalees", valeur=f"{len(colonnes) + en_trop} cellules pour {len(colonnes)} colonnes")
        )
    for rang, code in signalees:
        champ = colonnes[rang] if rang < len(colonnes) else None
        anomalies.append(Anomalie(code, champ=champ, valeur=nom_de_cellule(numero, gauche + rang + 1)))
    return LigneBrute(numero, feuille, valeurs, tuple(anomalies))


def _signalees(vue: Feuille, gauche: int) -> dict[int, tuple[tuple[int, str], ...]]:
    """Return by row the cells to speak of, as (column from 0 in the box, code): the first of each code in a row."""
    par_ligne: dict[int, dict[str, int]] = defaultdict(dict)
    cas: tuple[tuple[str, array[int]], ...] = (
        ("formule_calculee", vue.formules),
        ("formule_sans_valeur", vue.sans_valeur),
        ("erreur_tableur", vue.erreurs),
    )
    for code, cellules in cas:
        for cellule in cellules:
            par_ligne[cellule >> 16].setdefault(code, max(0, (cellule & 0xFFFF) - 1 - gauche))
    return {ligne: tuple((rang, code) for code, rang in codes.items()) for ligne, codes in par_ligne.items()}


def _valeur(cellule: Any) -> Any:
    if isinstance(cellule, str):
        return cellule or None
    if isinstance(cellule, float):
        return int(cellule) if cellule.is_integer() and abs(cellule) < _ENTIER_EXACT else cellule
    if isinstance(cellule, datetime):
        return cellule.isoformat(timespec="seconds")
    if isinstance(cellule, date | time):
        return cellule.isoformat()
    if isinstance(cellule, timedelta):
        minutes, secondes = divmod(round(cellule.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{secondes:02d}"
    return cellule
