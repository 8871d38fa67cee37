"""Reader of XLSX workbooks: sheet and header row are found, formulas give the value computed by their last editor."""

from __future__ import annotations

import itertools
import tempfile
from array import array
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from annuaire.synchronisation.lecteurs.classeur import assainir
from annuaire.synchronisation.lecteurs.entetes import LEGENDE, LIGNES_EXAMINEES, est_vide, noms_connus
from annuaire.synchronisation.lecteurs.errors import ClasseurRefuse, FormatNonReconnu, Place
from annuaire.synchronisation.lecteurs.lignes import Devine, Lecture, LigneBrute, Reglages
from annuaire.synchronisation.lecteurs.tableau import lire_feuille
from annuaire.synchronisation.lecteurs.visite import Feuille


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
    candidates = [meta for meta in candidates if meta.name != LEGENDE] or candidates
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
    devine.feuille = feuille.name
    gauche = feuille.start[1] if feuille.start else 0
    pleines = (
        (numero, cellules)
        for numero, cellules in enumerate(feuille.iter_rows(), 1)
        if not all(est_vide(cellule) for cellule in cellules)
    )
    return lire_feuille(
        pleines,
        devine,
        ligne_entetes=reglages.ligne_entetes,
        gauche=gauche,
        signalees=_signalees(vues.get(feuille.name, Feuille()), gauche),
    )


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
