"""Rules of closed lists at work, and answers by yes or no."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from annuaire.correspondances.document.listes import Drapeau, Regle
from annuaire.correspondances.moteur import chemins
from annuaire.correspondances.moteur.cellules import (
    DECLARE,
    DEDUIT,
    DEFAUT,
    NON,
    Dire,
    cle,
    en_clair,
    moins_sure,
    morceaux,
    plier,
    terme,
)
from annuaire.correspondances.moteur.valeurs import SANS_CORRESPONDANCE, Evaluer, Lecteur, Ligne, Valeur

Appliquer = Callable[[Ligne, Dire], list[Any]]

#: Separators of codes in a cell when the document names none.
_SEPARATEURS: Final = ("|", ";", ",", "\n")


def compiler_regles(regles: Sequence[Regle], champ: str, lire: Lecteur) -> Evaluer:
    """Compile the rules of a field: their values in order, without repetition, and the origin of the least sure."""
    appliquees = [(_compiler(regle, champ, lire), _origine(regle)) for regle in regles if not regle.constante]
    toujours = [v for regle in regles if regle.toujours for v in regle.constante or ()]
    defauts = [v for regle in regles if not regle.toujours for v in regle.constante or ()]

    def evaluer(ligne: Ligne, dire: Dire) -> Valeur:
        valeurs: list[Any] = []
        origines: list[str] = []
        for appliquer, origine in appliquees:
            trouvees = appliquer(ligne, dire)
            if trouvees:
                valeurs += trouvees
                origines.append(origine)
        constantes = toujours + ([] if valeurs else defauts)
        if constantes:
            valeurs += constantes
            origines.append(DEFAUT)
        return _sans_repetition(valeurs) or None, moins_sure(*origines)

    return evaluer


def _sans_repetition(valeurs: list[Any]) -> list[Any]:
    vues: dict[str, Any] = {}
    for rang, valeur in enumerate(valeurs):
        vues.setdefault(valeur if isinstance(valeur, str) else f"\0{rang}", valeur)
    return list(vues.values())


def _origine(regle: Regle) -> str:
    return DEDUIT if regle.valeur else DECLARE


def _compiler(regle: Regle, champ: str, lire: Lecteur) -> Appliquer:
    if regle.table is not None:
        return _par_table(regle, champ, lire)
    if regle.valeur is not None:
        return _par_termes(regle, lire)
    colonnes, separateur = regle.lues, regle.separateur

    def telles_quelles(ligne: Ligne, _dire: Dire) -> list[Any]:
        return [m for colonne in colonnes for m in morceaux(lire(ligne, colonne), separateur)]

    return telles_quelles


def _par_table(regle: Regle, champ: str, lire: Lecteur) -> Appliquer:
    table = {cle(code): list(valeurs or ()) for code, valeurs in (regle.table or {}).items()}
    colonnes, separateur = regle.lues, regle.separateur

    def traduire(ligne: Ligne, dire: Dire) -> list[Any]:
        trouvees: list[Any] = []
        for colonne in colonnes:
            for code in _codes(lire(ligne, colonne), separateur, table):
                connues = table.get(cle(code), chemins.ABSENT)
                if connues is chemins.ABSENT:
                    dire(SANS_CORRESPONDANCE, champ, code)
                elif isinstance(connues, list):
                    trouvees += connues
        return trouvees

    return traduire


def _codes(valeur: Any, separateur: str | None, table: dict[str, list[str]]) -> list[Any]:
    """List the codes of a cell: the whole cell where the table has it, else its parts."""
    if separateur is None and isinstance(valeur, str) and cle(valeur) not in table:
        for candidat in _SEPARATEURS:
            if candidat in valeur:
                return morceaux(valeur, candidat)
    return morceaux(valeur, separateur)


def _par_termes(regle: Regle, lire: Lecteur) -> Appliquer:
    termes, sauf = [terme(t) for t in regle.termes], [terme(t) for t in regle.sauf]
    colonnes, valeurs = regle.lues, list(regle.valeur or ())

    def chercher(ligne: Ligne, _dire: Dire) -> list[Any]:
        cellules = [c for c in (lire(ligne, colonne) for colonne in colonnes) if c is not None]
        if not termes and not sauf:
            return valeurs if any(not _dit_non(c) for c in cellules) else []
        textes = [plier(c) for c in cellules if termes or not _dit_non(c)]
        if not any(t in texte for texte in textes for t in (termes or [" "])):
            return []
        return [] if any(t in texte for texte in textes for t in sauf) else valeurs

    return chercher


def _dit_non(valeur: Any) -> bool:
    return not isinstance(valeur, (list, tuple, dict)) and cle(valeur) in NON


def compiler_drapeau(drapeau: Drapeau, lire: Lecteur) -> Evaluer:
    """Compile an answer by yes or no; a cell in other words than the document's is left for the standard to read."""
    oui, non = ({cle(mot) for mot in mots} for mots in (drapeau.oui, drapeau.non))
    constante = None if drapeau.constante is None else "oui" if drapeau.constante else "non"

    def evaluer(ligne: Ligne, _dire: Dire) -> Valeur:
        if drapeau.colonne is None:
            return constante, DEFAUT
        valeur = lire(ligne, drapeau.colonne)
        lue = cle(valeur) if valeur is not None else ""
        if lue in oui:
            return "oui", DECLARE
        if lue in non:
            return "non", DECLARE
        return (valeur if isinstance(valeur, (bool, list, dict)) else en_clair(valeur) or None), DECLARE

    return evaluer
