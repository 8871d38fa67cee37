"""Opening hours at work: columns of days become one text, that the cleaning of hours reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from annuaire.correspondances.document.semaine import JOURS, Horaires, Journee, Jours
from annuaire.correspondances.moteur.cellules import DECLARE, Dire, cle, en_clair, morceaux, plier, rien, terme
from annuaire.correspondances.moteur.valeurs import Evaluer, Lecteur, Ligne, Valeur, compiler_valeur
from annuaire.standard.nettoyage.horaires import nettoyer_horaires
from annuaire.standard.nettoyage.horaires_colonnes import assembler

_FERME: Final = frozenset({"ferme", "fermee", "non", "x", "-", "off", "0"})
_PAIRES, _IMPAIRES = "week 2-52/2", "week 1-53/2"


def compiler_horaires(horaires: Horaires, champ: str, lire: Lecteur) -> Evaluer:
    """Compile opening hours: a text for `nettoyer_horaires`, which is where hours are understood."""
    texte = compiler_valeur(horaires.prose_lue, champ, lire) if horaires.prose_lue else None
    repli = compiler_valeur(horaires.sinon, champ, lire) if horaires.sinon else None
    alternance = ((_PAIRES, horaires.semaines_paires), (_IMPAIRES, horaires.semaines_impaires))
    semaine = horaires.semaine
    paires = [terme(t) + " " for t in semaine.paires] if semaine else []
    impaires = [terme(t) + " " for t in semaine.impaires] if semaine else []

    def prefixe(ligne: Ligne) -> str | None:
        dite = plier(lire(ligne, semaine.colonne)) if semaine else ""
        une, autre = any(t in dite for t in paires), any(t in dite for t in impaires)
        return (_PAIRES if une else _IMPAIRES) if une != autre else None

    def evaluer(ligne: Ligne, dire: Dire) -> Valeur:
        valeur, origine = texte(ligne, dire) if texte else (None, DECLARE)
        if horaires.jours is not None:
            valeur = composer(horaires.jours, ligne, lire)
        semaines = prefixe(ligne)
        if valeur is not None and semaines is not None:
            valeur = _restreindre(valeur, semaines)
        composes = [(quand, composer(jours, ligne, lire)) for quand, jours in alternance if jours]
        regles = [_restreindre(compose, quand) for quand, compose in composes if compose]
        if regles:
            valeur = "; ".join([en_clair(valeur), *regles] if valeur is not None else regles)
        return repli(ligne, dire) if rien(valeur) and repli else (valeur, origine)

    return evaluer


def composer(jours: Jours, ligne: Ligne, lire: Lecteur) -> str | None:
    """Write the columns of the days as the text of a week, holidays after it."""
    semaine = assembler({rang: _cellules(getattr(jours, jour), ligne, lire) for rang, jour in enumerate(JOURS)})
    feries = _cellules(jours.feries, ligne, lire)
    if not feries:
        return semaine or None
    # holidays are read as a Monday is: a text of hours says nothing of which day it is for
    lus = nettoyer_horaires(assembler({0: feries})).horaires
    avant = nettoyer_horaires(semaine).horaires if semaine else None
    if semaine and avant is None:
        return semaine
    if lus is not None and lus.startswith("Mo"):
        regle = lus.replace("Mo", "PH", 1)
    elif all(cle(cellule) in _FERME for cellule in feries):
        regle = "PH off"
    else:
        return "\n".join([semaine, f"jours fériés : {' / '.join(feries)}"]).strip()
    return f"{avant}; {regle}" if avant else regle


def _cellules(plages: Sequence[str | Journee], ligne: Ligne, lire: Lecteur) -> list[str]:
    return [texte for plage in plages if (texte := _plage(plage, ligne, lire))]


def _plage(plage: str | Journee, ligne: Ligne, lire: Lecteur) -> str:
    if isinstance(plage, Journee):
        de, a = (" ".join(en_clair(lire(ligne, colonne)).split()) for colonne in (plage.de, plage.a))
        return f"{_heure(de)}-{_heure(a)}" if de and a else de or a
    valeur = lire(ligne, plage)
    if isinstance(valeur, Mapping):
        return ""
    return " / ".join(" ".join(en_clair(m).split()) for m in morceaux(valeur, None))


def _heure(texte: str) -> str:
    """Keep hours and minutes of a time: spreadsheets write `09:00:00`."""
    morceau = texte.split(":")
    return ":".join(morceau[:2]) if len(morceau) == 3 and all(m.isdecimal() for m in morceau) else texte


def _restreindre(valeur: Any, semaines: str) -> str:
    """Limit hours to some weeks; what can't be read stays the text that it is, with its weeks in words."""
    lus = nettoyer_horaires(valeur)
    if lus.horaires is None:
        mots = "semaines paires" if semaines == _PAIRES else "semaines impaires"
        return f"{mots} : {en_clair(valeur)}"
    if lus.horaires == "24/7":
        return f"{semaines} Mo-Su 00:00-24:00"
    return "; ".join(f"{semaines} {regle.strip()}" for regle in lus.horaires.split(";"))
