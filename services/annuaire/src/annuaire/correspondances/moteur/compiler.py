"""From a document to a function of rows: compiled once a list, it never raises because of a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from annuaire.correspondances.document.modele import LISTES, Champs, Cle, Correspondance, Passage
from annuaire.correspondances.moteur.cellules import DECLARE, MORCEAUX, Dire, en_clair, rien
from annuaire.correspondances.moteur.listes import compiler_drapeau, compiler_regles
from annuaire.correspondances.moteur.points import Situer, compiler_coordonnees
from annuaire.correspondances.moteur.semaine import compiler_horaires
from annuaire.correspondances.moteur.valeurs import Evaluer, Lecteur, Ligne, compiler_valeur, lecteur
from annuaire.standard.anomalies import Anomalie
from annuaire.standard.colonnes import COLONNES, Entetes, reconnaitre_entetes
from annuaire.standard.nettoyage.nettoye import anomalie

#: Names, in a row of the standard, of the fields that it knows otherwise.
_COLONNES_A_NOUS: Final = {"accessibilite": "accessibilite_etat"}
_DRAPEAUX: Final = ("accessibilite", "publication_contact")
_A_PART: Final = frozenset({"horaires", "passages", *_DRAPEAUX, *LISTES})
ENTETES_PRODUITES: Final = (*COLONNES, "accessibilite_etat", "langues", "passages", "publication_contact")


@dataclass(frozen=True, slots=True)
class Traduite:
    """A row in the terms of the standard. `origines` names the fields that no cell declared (`deduit`, `defaut`)."""

    valeurs: dict[str, Any]
    origines: dict[str, str]
    anomalies: tuple[Anomalie, ...]


@dataclass(frozen=True, slots=True)
class Moteur:
    """A compiled document. `entetes` are those of every row that it gives."""

    document: Correspondance
    entetes: Entetes
    champs: tuple[tuple[str, str, Evaluer], ...]
    cle: Callable[[Ligne], Any]
    situer: Situer | None
    passages: Callable[[Ligne, Dire], list[Any]] | None

    def traduire(self, ligne: Mapping[str, Any]) -> Traduite:
        """Turn a raw row into a row of the standard; never raises."""
        anomalies: list[Anomalie] = []

        def dire(code: str, champ: str, valeur: Any) -> None:
            anomalies.append(anomalie(code, champ, valeur))

        valeurs: dict[str, Any] = {"id": self.cle(ligne)}
        origines: dict[str, str] = {}
        for champ, colonne, evaluer in self.champs:
            valeur, origine = evaluer(ligne, dire)
            if rien(valeur):
                continue
            valeurs[colonne] = valeur
            if origine != DECLARE:
                origines[champ] = origine
        if self.situer is not None:
            valeurs["latitude"], valeurs["longitude"] = self.situer(ligne, dire)
        if self.passages is not None:
            valeurs["passages"] = self.passages(ligne, dire)
        return Traduite(valeurs, origines, tuple(anomalies))


def compiler(document: Correspondance) -> Moteur:
    """Compile a document."""
    lire = lecteur(document.vides)
    passages = document.champs.passages
    return Moteur(
        document=document,
        entetes=reconnaitre_entetes(ENTETES_PRODUITES),
        champs=tuple(_champs(document.champs, lire)),
        cle=_cle(document.cle, lire),
        situer=compiler_coordonnees(document.coordonnees, lire) if document.coordonnees else None,
        passages=_passages(passages, lire) if passages else None,
    )


def _champs(champs: Champs, lire: Lecteur) -> list[tuple[str, str, Evaluer]]:
    compiles: list[tuple[str, str, Evaluer]] = []
    for champ in Champs.model_fields:
        valeur = getattr(champs, champ)
        if valeur is None or valeur == () or champ == "passages":
            continue
        if champ in LISTES:
            evaluer = compiler_regles(valeur, champ, lire)
        elif champ == "horaires":
            evaluer = compiler_horaires(valeur, champ, lire)
        elif champ in _DRAPEAUX:
            evaluer = compiler_drapeau(valeur, lire)
        else:
            evaluer = compiler_valeur(valeur, champ, lire)
        compiles.append((champ, _COLONNES_A_NOUS.get(champ, champ), evaluer))
    return compiles


def _cle(cle: Cle | None, lire: Lecteur) -> Callable[[Ligne], Any]:
    if cle is not None and cle.colonnes:
        colonnes = cle.colonnes

        def joindre(ligne: Ligne) -> Any:
            parts = [en_clair(lire(ligne, colonne)).strip() for colonne in colonnes]
            return "/".join(parts) if any(parts) else None

        return joindre
    if cle is not None and cle.colonne:
        colonne = cle.colonne
        return lambda ligne: lire(ligne, colonne)
    return lambda _ligne: None


def _passages(passages: tuple[Passage, ...], lire: Lecteur) -> Callable[[Ligne, Dire], list[Any]]:
    compiles = [(passage.pour_chaque, _passage(passage, lire)) for passage in passages]

    def arrets(ligne: Ligne, dire: Dire) -> list[Any]:
        trouves: list[Any] = []
        for pour_chaque, un in compiles:
            for element in _elements(lire(ligne, pour_chaque)) if pour_chaque else (ligne,):
                arret = un(element, dire)
                if arret:
                    trouves.append(arret)
        return trouves

    return arrets


def _elements(valeur: Any) -> list[Ligne]:
    liste = valeur if isinstance(valeur, (list, tuple)) else [valeur]
    return [element for element in liste[:MORCEAUX] if isinstance(element, Mapping)]


def _passage(passage: Passage, lire: Lecteur) -> Callable[[Ligne, Dire], dict[str, Any]]:
    champs: list[tuple[str, Evaluer]] = [
        (nom, compiler_valeur(expression, "passages", lire))
        for nom in ("adresse", "commune", "latitude", "longitude", "du", "au")
        if (expression := getattr(passage, nom)) is not None
    ]
    if passage.horaires is not None:
        champs.append(("horaires", compiler_horaires(passage.horaires, "passages", lire)))
    situer = compiler_coordonnees(passage.coordonnees, lire) if passage.coordonnees else None

    def un(ligne: Ligne, dire: Dire) -> dict[str, Any]:
        lus = {nom: v for nom, evaluer in champs if not rien(v := evaluer(ligne, dire)[0])}
        if situer is not None:
            latitude, longitude = situer(ligne, dire)
            if not (rien(latitude) and rien(longitude)):
                lus |= {"latitude": latitude, "longitude": longitude}
        # a period or hours alone say nothing of where
        return lus if lus.keys() & {"adresse", "commune", "latitude", "longitude"} else {}

    return un
