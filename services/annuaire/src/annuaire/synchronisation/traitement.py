"""What the child process does with each row: read it at the standard, and hand it over as canonical bytes.

Reading a whole list is the heavy half of a synchronisation; doing it here leaves the parent free to answer readers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from socle.identifiants import jcs

from annuaire.lieux.normalise import LieuNormalise
from annuaire.standard.anomalies import LONGUEUR_VALEUR, Anomalie
from annuaire.standard.colonnes import Entetes, reconnaitre_entetes
from annuaire.standard.errors import FichierHorsStandard
from annuaire.standard.lecture import lire
from annuaire.synchronisation.lecteurs.errors import FichierRefuse, Place
from annuaire.synchronisation.lecteurs.lignes import LigneBrute
from annuaire.synchronisation.traitements import Traitement
from annuaire.territoires.referentiel import Referentiel

STANDARD: Final = "annuaire.synchronisation.traitement:standard"
OPERATION: Final = "_op"
ID_MAILLAGE, PROBLEME = "id_maillage", "probleme"
"""Columns that an annotated file adds to a list: the public id of each row comes back, what was wrong is not read."""
_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class ListeHorsStandard(FichierRefuse):
    code, titre = "fichier-hors-standard", "Ce fichier ne suit pas le standard des lieux de médiation numérique"


def standard(parametres: Mapping[str, Any]) -> Traitement:
    """Make the reading of one list at the national standard.

    `parametres`: `aujourd_hui` (ISO date) bounds the dates; `cle_derivee` names the fields that make the key of a
    row without `id`. A row gives `{ligne, feuille, cle, operation, brut, normalise, empreinte, anomalies}`, where
    `brut` and `normalise` are JSON bytes; `normalise` and `empreinte` are `None` when the row is rejected.
    """
    referentiel = Referentiel.charger()
    aujourd_hui = date.fromisoformat(parametres["aujourd_hui"])
    cle_derivee: tuple[str, ...] = tuple(parametres.get("cle_derivee") or ())
    entetes: dict[tuple[str, ...], Entetes] = {}
    dites: set[str] = set()

    def traiter(ligne: LigneBrute) -> dict[str, Any]:
        valeurs = dict(ligne.valeurs)
        operation = str(valeurs.pop(OPERATION, None) or "maj").strip().lower()
        id_maillage = str(valeurs.pop(ID_MAILLAGE, None) or "").strip() or None
        valeurs.pop(PROBLEME, None)
        a_deriver = bool(cle_derivee or id_maillage) and not str(valeurs.get("id") or "").strip()
        if a_deriver:
            valeurs["id"] = "d:"
        colonnes = tuple(valeurs)
        nouvelles: list[Anomalie] = []
        if colonnes not in entetes:
            entetes[colonnes] = _reconnaitre(colonnes, ligne, exiger=not entetes)
            nouvelles = _hors_standard(entetes[colonnes], dites)
        lecture = lire(valeurs, entetes=entetes[colonnes], referentiel=referentiel, aujourd_hui=aujourd_hui)
        normalise, cle = lecture.normalise, lecture.cle
        if a_deriver:
            cle = deriver(normalise, cle_derivee) if normalise and cle_derivee else None
        canonique = normalise.canonique() if normalise else None
        return {
            "ligne": ligne.ligne,
            "feuille": ligne.feuille,
            "cle": cle,
            "operation": operation,
            "id_maillage": id_maillage,
            "brut": _JSON.encode(ligne.valeurs).encode(),
            "normalise": canonique,
            "empreinte": hashlib.sha256(canonique).hexdigest() if canonique else None,
            "anomalies": [en_liste(a) for a in (*nouvelles, *ligne.anomalies, *lecture.anomalies)],
        }

    return traiter


def _reconnaitre(colonnes: tuple[str, ...], ligne: LigneBrute, *, exiger: bool) -> Entetes:
    """Recognise columns; the first row of a list must look like the standard, a later one may be sparse (JSON)."""
    try:
        return reconnaitre_entetes(colonnes)
    except FichierHorsStandard as erreur:
        if not exiger:
            return reconnaitre_entetes((*colonnes, "id", "nom", "commune"))
        raise ListeHorsStandard(erreur.detail, place=Place(ligne=ligne.ligne, feuille=ligne.feuille)) from erreur


def _hors_standard(entetes: Entetes, dites: set[str]) -> list[Anomalie]:
    """Tell the columns that the standard does not have, each once, on the first row that bears it."""
    inconnues = [Anomalie("colonne_inconnue", valeur=c[:LONGUEUR_VALEUR]) for c in entetes.inconnues if c not in dites]
    anciennes = [
        Anomalie("colonne_abandonnee", valeur=c[:LONGUEUR_VALEUR]) for c in entetes.abandonnees if c not in dites
    ]
    dites.update(entetes.inconnues, entetes.abandonnees)
    return inconnues + anciennes


def deriver(normalise: LieuNormalise, champs: tuple[str, ...]) -> str:
    """Derive a key from fields of the record: `d:` and 32 hexadecimal digits of their SHA-256."""
    valeurs = normalise.en_dict()
    valeurs["telephone"] = normalise.telephones[0] if normalise.telephones else None
    texte = jcs([valeurs.get(champ) for champ in champs])
    return "d:" + hashlib.sha256(texte).hexdigest()[:32]


def en_liste(a: Anomalie) -> list[str | None]:
    """Write an anomaly for the pipe."""
    return [a.code, a.champ, a.valeur, a.suggestion, a.corrige]
