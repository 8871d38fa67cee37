"""What the child process does with each row of a list that a document explains: translate it, read it, group it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from socle.identifiants import jcs

from annuaire.correspondances.document import lire_correspondance
from annuaire.correspondances.moteur import compiler
from annuaire.correspondances.moteur.colonnes import Colonnes, dire_manquantes
from annuaire.correspondances.moteur.groupes import Groupe, Groupes
from annuaire.lieux.normalise import LieuNormalise
from annuaire.standard.anomalies import Anomalie
from annuaire.standard.lecture import lire
from annuaire.synchronisation.lecteurs.errors import FichierRefuse
from annuaire.synchronisation.lecteurs.lignes import LigneBrute
from annuaire.synchronisation.traitement import OPERATION, deriver, en_liste
from annuaire.territoires.referentiel import Referentiel

TRADUIT: Final = "annuaire.synchronisation.traduction:traduit"
_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_PROVISOIRE: Final = "d:"
#: Names, in a record, of the fields that a document names otherwise.
_NOMS: Final = {"telephone": "telephones"}


class ColonnesAbsentes(FichierRefuse):
    code, titre = "colonnes-absentes", "Il manque au fichier des colonnes que la correspondance demande"


def traduit(parametres: Mapping[str, Any]) -> Traduction:
    """Make the reading of one list by its document.

    `parametres` are those of `traitement.standard`, and `correspondance`, the document as JSON values.
    """
    return Traduction(parametres)


class Traduction:
    """A list being read. A row gives what `traitement.standard` gives, and `origines`.

    With `regrouper`, a row gives at once `{ligne, feuille, cle, anomalies, groupe: true}`, and `clore` gives each
    place in the order of first rows, with the number of its `lignes`.
    """

    def __init__(self, parametres: Mapping[str, Any]) -> None:
        document = lire_correspondance(parametres["correspondance"])
        self._moteur = compiler(document)
        self._colonnes = Colonnes.pour(document)
        self._groupes = Groupes(document.regrouper) if document.regrouper else None
        self._referentiel = Referentiel.charger()
        self._aujourd_hui = date.fromisoformat(parametres["aujourd_hui"])
        voulue = document.cle.deriver if document.cle else None
        self._cle_derivee = tuple(voulue or parametres.get("cle_derivee") or ())

    def __call__(self, ligne: LigneBrute) -> dict[str, Any]:
        """Treat one row."""
        self._colonnes.suivre(ligne.valeurs)
        traduite = self._moteur.traduire(ligne.valeurs)
        operation = str(ligne.valeurs.get(OPERATION) or "maj").strip().lower()
        sans_cle = not str(traduite.valeurs.get("id") or "").strip()
        provisoire = sans_cle and (bool(self._cle_derivee) or self._groupes is not None)
        if provisoire:
            traduite.valeurs["id"] = _PROVISOIRE
        lecture = lire(
            traduite.valeurs,
            entetes=self._moteur.entetes,
            referentiel=self._referentiel,
            aujourd_hui=self._aujourd_hui,
        )
        fiche = lecture.normalise
        cle = None if provisoire else lecture.cle
        if provisoire and fiche is not None and self._cle_derivee:
            cle = deriver(fiche, self._cle_derivee)
        groupe = Groupe(
            ligne=ligne.ligne,
            feuille=ligne.feuille,
            cle=cle,
            fiche=fiche or LieuNormalise(nom=""),
            origines=_utiles(traduite.origines, fiche),
            bruts=[_JSON.encode(ligne.valeurs)],
            divergences={},
            operation=operation,
        )
        anomalies = (*ligne.anomalies, *traduite.anomalies, *lecture.anomalies)
        if self._groupes is None or fiche is None:
            return _objet(groupe, fiche, anomalies)
        rejoint = self._groupes.ajouter(groupe)
        return {
            "ligne": ligne.ligne,
            "feuille": ligne.feuille,
            "cle": rejoint.cle,
            "anomalies": [en_liste(a) for a in anomalies],
            "groupe": True,
        }

    def clore(self) -> Iterator[dict[str, Any]]:
        """Give the places put together. Raises `ColonnesAbsentes`."""
        manquantes = self._colonnes.manquantes()
        if manquantes:
            vues = self._colonnes.vues()
            raise ColonnesAbsentes(
                dire_manquantes(manquantes, vues),
                colonnes_absentes=[{"place": place, "colonne": colonne} for place, colonne in manquantes],
                colonnes_lues=vues,
            )
        for groupe in self._groupes or ():
            if groupe.cle is None:
                yield _objet(groupe, None, (*groupe.anomalies(), Anomalie("cle_absente", "id")))
            else:
                yield _objet(groupe, groupe.fiche, groupe.anomalies())

    def bilan(self) -> dict[str, Any]:
        """Return what the list has that nobody reads: columns, each with its number of filled cells."""
        return {"colonnes_non_lues": self._colonnes.non_lues()}


def _utiles(origines: Mapping[str, str], fiche: LieuNormalise | None) -> dict[str, str]:
    """Keep the origins of the fields that hold something."""
    nommees = {_NOMS.get(champ, champ): origine for champ, origine in origines.items()}
    return {champ: o for champ, o in nommees.items() if fiche is not None and getattr(fiche, champ, None)}


def _objet(groupe: Groupe, fiche: LieuNormalise | None, anomalies: Iterable[Anomalie]) -> dict[str, Any]:
    canonique = fiche.canonique() if fiche else None
    return {
        "ligne": groupe.ligne,
        "feuille": groupe.feuille,
        "cle": groupe.cle,
        "operation": groupe.operation,
        "brut": groupe.brut().encode(),
        "normalise": canonique,
        "empreinte": _empreinte(canonique, groupe.origines) if canonique else None,
        "origines": groupe.origines or None,
        "anomalies": [en_liste(a) for a in anomalies],
        "lignes": groupe.lignes,
    }


def _empreinte(canonique: bytes, origines: Mapping[str, str]) -> str:
    """Fingerprint of a record and of what is not declared in it: a default that becomes a declaration is a change."""
    return hashlib.sha256(canonique + (jcs(dict(origines)) if origines else b"")).hexdigest()
