"""Opening hours: a column of text, or a column by day or half-day. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from annuaire.correspondances.proposition.echantillon import Colonne
from annuaire.correspondances.proposition.mots import lire_mots

_JOURS: Final = {
    mot: jour
    for jour, mots in {
        "lu": "lundi lundis lun lu monday mon mo",
        "ma": "mardi mardis mar ma tuesday tue tu",
        "me": "mercredi mercredis mer me wednesday wed we",
        "je": "jeudi jeudis jeu je thursday thu th",
        "ve": "vendredi vendredis ven ve friday fri fr",
        "sa": "samedi samedis sam sa saturday sat",
        "di": "dimanche dimanches dim di sunday sun su",
    }.items()
    for mot in mots.split()
}
_APRES_MIDI: Final = frozenset({"apres", "aprem", "pm", "ap", "soir", "afternoon", "apresmidi", "am2", "2"})
_MOMENTS: Final = frozenset({"matin", "matinee", "am", "midi", "morning", "1", "m", *_APRES_MIDI})
_OUVERTURE: Final = frozenset({"debut", "ouverture", "open", "opens", "start", "de", "from", "deb"})
_FERMETURE: Final = frozenset({"fin", "fermeture", "close", "closes", "end", "a", "to"})
_PAIRES, _IMPAIRES = frozenset({"paire", "paires", "pair"}), frozenset({"impaire", "impaires", "impair"})
_JOURS_MINIMUM: Final = 3

Trouves = tuple[dict[str, Any] | str, tuple[str, ...], float]


def lire_semaine(colonnes: Sequence[Colonne]) -> Trouves | None:
    """Find how the hours are told: (what goes in the document, the columns taken, the confidence)."""
    par_jour = _par_jour(colonnes)
    texte = max((c for c in colonnes if _note_du_texte(c)), key=_note_du_texte, default=None)
    if par_jour is not None:
        document, prises, note = par_jour
        if texte is not None and texte.nom not in prises and _note_du_texte(texte) > 0.6:
            return {**document, "sinon": texte.nom}, (*prises, texte.nom), note
        return par_jour
    return (texte.nom, (texte.nom,), _note_du_texte(texte)) if texte is not None else None


def _note_du_texte(colonne: Colonne) -> float:
    entete = colonne.entetes.get("horaires", 0.0)
    part = colonne.part("heure")
    if entete >= 0.5 and part >= 0.25:
        return 0.55 + 0.25 * entete + 0.2 * part
    if entete >= 0.85 and colonne.part("lettres") >= 0.5 and colonne.part("oui_non") < 0.5 and colonne.remplies:
        return 0.6
    return (
        0.6
        if entete >= 0
        and colonne.part("heure_ecrite") >= 0.8
        and colonne.part("lettres") >= 0.8
        and colonne.longueur >= 12
        else 0.0
    )


def _par_jour(colonnes: Sequence[Colonne]) -> tuple[dict[str, Any], tuple[str, ...], float] | None:
    """Gather the columns of days by what their headers say besides the day: the largest family is the week."""
    familles: dict[tuple[str, ...], list[tuple[str, frozenset[str], Colonne]]] = defaultdict(list)
    for colonne in colonnes:
        mots = lire_mots(colonne.nom).tous
        jours = [mot for mot in mots if mot in _JOURS]
        longs = [mot for mot in jours if len(mot) > 3] or jours
        if not longs or len({_JOURS[mot] for mot in longs}) != 1 or (len(mots) > 6 and len(longs[0]) < 4):
            continue
        reste = frozenset(mots) - set(longs)
        famille = tuple(sorted(reste - _MOMENTS - _OUVERTURE - _FERMETURE - _PAIRES - _IMPAIRES))
        familles[famille].append((_JOURS[longs[0]], reste, colonne))
    semaines = [f for f in familles.values() if len({jour for jour, *_ in f}) >= _JOURS_MINIMUM and _a_des_heures(f)]
    if not semaines:
        return None
    semaine = max(semaines, key=len)
    prises = tuple(colonne.nom for *_, colonne in semaine)
    paires = [c for c in semaine if c[1] & _PAIRES]
    impaires = [c for c in semaine if c[1] & _IMPAIRES]
    if paires or impaires:
        parties = {"semaines_paires": _jours(paires), "semaines_impaires": _jours(impaires)}
        return {nom: jours for nom, jours in parties.items() if jours}, prises, 0.9
    return {"jours": _jours(semaine)}, prises, 0.95


def _a_des_heures(famille: Sequence[tuple[str, frozenset[str], Colonne]]) -> bool:
    remplies = sum(colonne.remplies for *_, colonne in famille)
    heures = sum(colonne.part("heure_ecrite") * colonne.remplies for *_, colonne in famille)
    return remplies > 0 and heures / remplies >= 0.3


def _jours(famille: Sequence[tuple[str, frozenset[str], Colonne]]) -> dict[str, Any]:
    jours: dict[str, list[Any]] = {}
    for jour, reste, colonne in sorted(famille, key=lambda c: bool(c[1] & _APRES_MIDI)):
        jours.setdefault(jour, []).append((reste, colonne.nom))
    return {jour: _plages(jours[jour]) for jour in ("lu", "ma", "me", "je", "ve", "sa", "di") if jour in jours}


def _plages(colonnes: list[tuple[frozenset[str], str]]) -> Any:
    """Pair the columns that open with those that close; the others hold a whole span."""
    ouvrent = [(reste - _OUVERTURE, nom) for reste, nom in colonnes if reste & _OUVERTURE and not reste & _FERMETURE]
    ferment = {reste - _FERMETURE: nom for reste, nom in colonnes if reste & _FERMETURE and not reste & _OUVERTURE}
    couples = [{"de": nom, "a": ferment[cle]} for cle, nom in ouvrent if cle in ferment]
    pris = {nom for couple in couples for nom in couple.values()}
    plages: list[Any] = couples + [nom for _, nom in colonnes if nom not in pris]
    return plages[0] if len(plages) == 1 and isinstance(plages[0], str) else plages
