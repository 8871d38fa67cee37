"""Expressions at work: the value of a field in a row, and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from annuaire.correspondances.document.expressions import Expression
from annuaire.correspondances.moteur import chemins
from annuaire.correspondances.moteur.cellules import (
    DECLARE,
    DEDUIT,
    DEFAUT,
    Dire,
    cle,
    en_clair,
    moins_sure,
    morceaux,
    rien,
)

Ligne = Mapping[str, Any]
Valeur = tuple[Any, str]
"""A value (`None` when there is none) and its origin."""
Evaluer = Callable[[Ligne, Dire], Valeur]
Lecteur = Callable[[Ligne, str], Any]
"""Reads a cell by its name; `None` when it is absent, or says nothing in this list."""

SANS_CORRESPONDANCE: Final = "valeur_sans_correspondance"
_VIDE: Final[Valeur] = (None, DECLARE)
_EXTRAITS: Final = {
    "code_postal": re.compile(r"(?<!\d)\d{2} ?\d{3}(?!\d)"),
    "telephone": re.compile(r"(?<!\d)(?:\+\d{2,3}|0)(?:[ .-]?\d{1,3}){3,6}(?!\d)"),
    "courriel": re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"),
    "url": re.compile(r"(?:https?://|www\.)[^\s<>\"']{3,500}", re.IGNORECASE),
}
_APRES_CODE_POSTAL: Final = re.compile(r"(?<!\d)\d{2} ?\d{3}(?!\d)[ ,-]{0,5}([^\d,;()|\n]{2,60})")
_JETON: Final = re.compile(r"AAAA|JJ|MM|AA|hh|mm|ss")
_CHIFFRES: Final = {"AAAA": r"(?P<AAAA>\d{4})", "AA": r"(?P<AA>\d{2})", "JJ": r"(?P<JJ>\d{1,2})"} | {
    "MM": r"(?P<MM>\d{1,2})", "hh": r"\d{1,2}", "mm": r"\d{2}", "ss": r"\d{2}",
}  # fmt: skip


def lecteur(vides: Sequence[str]) -> Lecteur:
    """Make the reading of cells of one list, whose words for « nothing » are `vides`."""
    mots = frozenset(cle(mot) for mot in vides)

    def lire(ligne: Ligne, nom: str) -> Any:
        valeur = chemins.lire(ligne, nom)
        if valeur is chemins.ABSENT or rien(valeur):
            return None
        if mots and isinstance(valeur, (str, int, float)) and cle(valeur) in mots:
            return None
        return valeur

    return lire


def compiler_valeur(expression: Expression, champ: str, lire: Lecteur) -> Evaluer:
    """Compile an expression: the result reads a row and never raises, whatever the row holds."""
    evaluer = _FABRIQUES[expression.source](expression, champ, lire)
    if expression.sinon is None:
        return evaluer
    repli = compiler_valeur(expression.sinon, champ, lire)

    def avec_repli(ligne: Ligne, dire: Dire) -> Valeur:
        valeur = evaluer(ligne, dire)
        return valeur if not rien(valeur[0]) else repli(ligne, dire)

    return avec_repli


def _colonne(expression: Expression, champ: str, lire: Lecteur) -> Evaluer:
    nom, separateur = expression.colonne or "", expression.separateur
    table = {cle(code): valeur for code, valeur in (expression.table or {}).items()}
    dater = _dater(expression.format) if expression.format else None

    def evaluer(ligne: Ligne, dire: Dire) -> Valeur:
        valeur = lire(ligne, nom)
        if valeur is None:
            return _VIDE
        if table:
            lues = [_traduire(m, table, champ, dire) for m in morceaux(valeur, separateur)]
            return _en_un([v for v in lues if v is not None]), DECLARE
        if dater is not None:
            return dater(valeur), DECLARE
        return (_en_un(morceaux(valeur, separateur)) if separateur else valeur), DECLARE

    return evaluer


def _traduire(morceau: Any, table: Mapping[str, str | None], champ: str, dire: Dire) -> Any:
    connue = table.get(cle(morceau), chemins.ABSENT)
    if connue is chemins.ABSENT:
        dire(SANS_CORRESPONDANCE, champ, morceau)
        return morceau
    return connue


def _en_un(valeurs: list[Any]) -> Any:
    return (valeurs[0] if len(valeurs) == 1 else valeurs) if valeurs else None


def _dater(format: str) -> Callable[[Any], Any]:
    """Make the reading of dates of one order; a cell of another form is left for the standard's own reading."""
    source, fin, vus = "", 0, set[str]()
    for jeton in _JETON.finditer(format):
        source += re.escape(format[fin : jeton.start()])
        # `mm` after an hour is minutes; two groups of one name would not compile
        source += _CHIFFRES[jeton[0]] if jeton[0] not in vus else r"\d{1,4}"
        vus.add(jeton[0])
        fin = jeton.end()
    motif = re.compile(source + re.escape(format[fin:]))

    def dater(valeur: Any) -> Any:
        trouve = motif.match(en_clair(valeur).strip()[:60])
        if trouve is None:
            return valeur
        lus = trouve.groupdict()
        annee = int(lus["AAAA"]) if lus.get("AAAA") else 2000 + int(lus["AA"])
        try:
            return date(annee, int(lus["MM"]), int(lus["JJ"])).isoformat()
        except ValueError:
            return valeur

    return dater


def _premier(expression: Expression, champ: str, lire: Lecteur) -> Evaluer:
    choix = [compiler_valeur(e, champ, lire) for e in expression.premier or ()]

    def evaluer(ligne: Ligne, dire: Dire) -> Valeur:
        for un in choix:
            valeur = un(ligne, dire)
            if not rien(valeur[0]):
                return valeur
        return _VIDE

    return evaluer


def _unir(expression: Expression, champ: str, lire: Lecteur) -> Evaluer:
    parts = [compiler_valeur(e, champ, lire) for e in expression.unir or ()]

    def evaluer(ligne: Ligne, dire: Dire) -> Valeur:
        lues = [v for v in (part(ligne, dire) for part in parts) if not rien(v[0])]
        valeurs = [m for valeur, _ in lues for m in morceaux(valeur, None)]
        return _en_un(valeurs), moins_sure(*(origine for _, origine in lues))

    return evaluer


def _joindre(expression: Expression, champ: str, lire: Lecteur) -> Evaluer:
    parts = [compiler_valeur(e, champ, lire) for e in expression.joindre or ()]
    separateur = expression.separateur or " "

    def evaluer(ligne: Ligne, dire: Dire) -> Valeur:
        lues = [v for v in (part(ligne, dire) for part in parts) if not rien(v[0])]
        # a constant between two columns is a word of the sentence: alone, it says nothing
        if all(origine == DEFAUT for _, origine in lues):
            return _VIDE
        textes = [en_clair(m).strip() for valeur, _ in lues for m in morceaux(valeur, None)]
        texte = separateur.join(t for t in textes if t)
        return texte or None, moins_sure(*(o for _, o in lues if o != DEFAUT))

    return evaluer


def _decouper(expression: Expression, champ: str, lire: Lecteur) -> Evaluer:
    entier = compiler_valeur(_donnee(expression.decouper), champ, lire)
    separateur, partie = expression.separateur or " ", expression.partie or 1
    rang = partie - 1 if partie > 0 else partie

    def evaluer(ligne: Ligne, dire: Dire) -> Valeur:
        valeur, origine = entier(ligne, dire)
        if isinstance(valeur, (list, tuple)):
            parts = [en_clair(v) for v in valeur]
        else:
            parts = en_clair(valeur).split(separateur)
        parts = [part.strip() for part in parts if part.strip()]
        return (parts[rang] if -len(parts) <= rang < len(parts) else None), origine

    return evaluer


def _extraire(expression: Expression, champ: str, lire: Lecteur) -> Evaluer:
    texte = compiler_valeur(_donnee(expression.de), champ, lire)
    quoi = expression.extraire or ""

    def evaluer(ligne: Ligne, dire: Dire) -> Valeur:
        lu, origine = texte(ligne, dire)
        clair = " | ".join(en_clair(m) for m in morceaux(lu, None))[:5_000]
        if quoi == "commune":
            apres = _APRES_CODE_POSTAL.search(clair)
            trouves = [apres[1].strip(" -–")] if apres else []
        else:
            trouves = [t.strip() for t in _EXTRAITS[quoi].findall(clair)]
        return _en_un(trouves[:1] if quoi in ("code_postal", "commune") else trouves[:10]), moins_sure(origine, DEDUIT)

    return evaluer


def _constante(expression: Expression, _champ: str, _lire: Lecteur) -> Evaluer:
    valeur = (expression.constante, DEFAUT)
    return lambda _ligne, _dire: valeur


def _donnee(expression: Expression | None) -> Expression:
    if expression is None:
        raise ValueError("une expression sans valeur")
    return expression


_FABRIQUES: Final[Mapping[str, Callable[[Expression, str, Lecteur], Evaluer]]] = {
    "colonne": _colonne,
    "premier": _premier,
    "joindre": _joindre,
    "unir": _unir,
    "decouper": _decouper,
    "extraire": _extraire,
    "constante": _constante,
}
