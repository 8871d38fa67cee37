"""The closed lists: which columns speak of them, and by which words."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

from annuaire.correspondances.proposition.echantillon import Colonne
from annuaire.correspondances.proposition.mots import lire_mots
from annuaire.referentiels.repository import Referentiels
from annuaire.referentiels.rules import reconnaitre, sans_accents
from annuaire.standard.anciens import traduire
from annuaire.standard.nettoyage.listes import FAMILLES

_SEPARATEURS: Final = re.compile(r'[|;\n\r,/]|"\s*,?\s*"?')
_LONGUEUR_ELEMENT: Final = 90
_ELEMENTS: Final = 400
_NOMMEE: Final = 0.5
_PART_D_UNE_VALEUR, _PART_SI_NOMMEE = 0.015, 0.005
_OUI: Final = 0.8
_EXACTES: Final = 0.7
_DEBUTS_OUI: Final = frozenset({"oui", "o", "yes", "y", "1", "x", "tru", "vra"})
_DEBUTS_NON: Final = frozenset({"non", "n", "no", "0", "fal", "fau"})
_NOMS_PROPRES: Final = frozenset({"dispositif_programmes_nationaux", "formations_labels", "autres_formations_labels"})
_LIBRES: Final = ("autres_formations_labels",)
# A word that only excludes another: what is « gratuit sous condition » is not « gratuit ».
_SAUF: Final = {"Gratuit": ["gratuit sous", "gratuité sous", "gratuit pour les adh", "non gratuit", "pas gratuit"]}


@dataclass(slots=True)
class ListesTrouvees:
    """Rules by field, the columns read, a confidence by field."""

    regles: dict[str, list[Any]] = field(default_factory=dict)
    colonnes: set[str] = field(default_factory=set)
    notes: dict[str, float] = field(default_factory=dict)

    def ajouter(self, champ: str, regle: Any, colonne: str, note: float) -> None:
        """Add a rule of a field."""
        self.regles.setdefault(champ, []).append(regle)
        self.colonnes.add(colonne)
        self.notes[champ] = max(note, self.notes.get(champ, 0.0))


def lire_listes(colonnes: Sequence[Colonne]) -> ListesTrouvees:
    """Find the rules of every closed list among columns that no other field has taken."""
    trouvees = ListesTrouvees()
    for colonne in colonnes:
        if not colonne.remplies or colonne.part("url") > 0.3 or colonne.part("courriel") > 0.3:
            continue
        if colonne.part("nombre") > 0.7 and colonne.part("oui_non") < _OUI:
            continue
        if colonne.part("oui_non") >= _OUI:
            _lire_oui_non(colonne, trouvees)
        else:
            _lire_valeurs(colonne, trouvees)
    return trouvees


def _lire_oui_non(colonne: Colonne, trouvees: ListesTrouvees) -> None:
    """A column answered by yes or no: its header is the value."""
    if max(colonne.entetes.get("itinerance", 0.0), 0.0) >= 0.6:
        oui, non = _reponses(colonne)
        if oui:
            table = {**dict.fromkeys(oui, "Itinérant"), **dict.fromkeys(non, "Fixe")}
            trouvees.ajouter("itinerance", {"colonne": colonne.nom, "table": table}, colonne.nom, 0.85)
        return
    texte = " " + " ".join(lire_mots(colonne.nom).tous) + " "
    trouves = [
        (max(len(t) for t in termes if _porte(texte, _en_mots(t))), champ, valeur)
        for champ, table in _termes().items()
        if champ not in ("itinerance",)
        for valeur, termes in table.items()
        if any(_porte(texte, _en_mots(t)) for t in termes)
    ]
    if not trouves or len(lire_mots(colonne.nom).utiles) > 8:
        return
    longueur = max(trouves)[0]
    # the longest word says most: one value, unless two lists share that word
    for _, champ, valeur in [t for t in trouves if t[0] == longueur][:1]:
        trouvees.ajouter(champ, {"colonne": colonne.nom, "valeur": valeur}, colonne.nom, 0.75)


def _reponses(colonne: Colonne) -> tuple[list[str], list[str]]:
    debuts = {valeur: sans_accents(valeur)[:3].strip(" ,") for valeur in colonne.valeurs}
    oui = [valeur for valeur, debut in debuts.items() if debut in _DEBUTS_OUI]
    return oui[:20], [valeur for valeur, debut in debuts.items() if debut in _DEBUTS_NON][:20]


def _lire_valeurs(colonne: Colonne, trouvees: ListesTrouvees) -> None:
    elements = _elements(colonne)
    total = elements.total()
    nommee_ailleurs = any(colonne.entetes.get(champ, 0.0) >= 0.95 for champ in _termes())
    for champ, table in _termes().items():
        entete = colonne.entetes.get(champ, 0.0)
        if entete < 0 or not total or (nommee_ailleurs and entete < _NOMMEE):
            continue
        if _deja_au_standard(champ, elements):
            if entete >= _NOMMEE or len(elements) >= 2:
                trouvees.ajouter(champ, colonne.nom, colonne.nom, 0.8 + 0.15 * max(entete, 0))
            continue
        vues = {valeur: presents for valeur, termes in table.items() if (presents := _presents(termes, elements))}
        part = _part([t for presents in vues.values() for t in presents], elements)
        if part < _part_demandee(champ, entete):
            continue
        if entete < _NOMMEE and (len(vues) < 2 or not _est_une_liste(colonne)):
            continue
        note = min(0.45 + 0.25 * max(entete, 0.4) + 0.25 * part, 0.95)
        for valeur, presents in vues.items():
            if _part(presents, elements) >= (_PART_SI_NOMMEE if entete >= 0.9 else _PART_D_UNE_VALEUR):
                trouvees.ajouter(champ, _regle(colonne.nom, valeur, presents), colonne.nom, note)
    for champ in _LIBRES:
        if colonne.entetes.get(champ, 0.0) >= 0.85 and colonne.nom not in trouvees.colonnes:
            trouvees.ajouter(champ, colonne.nom, colonne.nom, 0.85)


def _presents(termes: Sequence[str], elements: Counter[str]) -> list[str]:
    return [terme for terme in termes if any(_porte(element, sans_accents(terme)) for element in elements)]


def _part(termes: Sequence[str], elements: Counter[str]) -> float:
    """Share of the elements that hold one of the terms."""
    plies = [sans_accents(terme) for terme in termes]
    return sum(n for element, n in elements.items() if any(_porte(element, t) for t in plies)) / elements.total()


def _part_demandee(champ: str, entete: float) -> float:
    """Share of the elements that have to be known: labels are proper names, one is enough to know the others."""
    if entete < _NOMMEE:
        return 0.75
    return 0.3 if entete < 0.9 and champ not in _NOMS_PROPRES else 0.02


def _regle(colonne: str, valeur: str, termes: list[str]) -> dict[str, Any]:
    regle: dict[str, Any] = {"colonne": colonne, "termes": termes, "valeur": valeur}
    if sauf := [s for s in _SAUF.get(valeur, ()) if s]:
        regle["sauf"] = sauf
    return regle


def _est_une_liste(colonne: Colonne) -> bool:
    """Tell a column of choices from one of prose: few different cells, or short ones."""
    return colonne.longueur <= 60 or colonne.variete <= 0.3


def _deja_au_standard(champ: str, elements: Counter[str]) -> bool:
    """Tell whether most of the cells are already values of the list, of the standard v1 or v0."""
    famille = FAMILLES.get(champ)
    if famille is None:
        return False
    liste = Referentiels.charger()[famille.listes[0]]
    connus = sum(
        n
        for e, n in elements.items()
        if reconnaitre(liste, e) is not None or (famille.ancienne and traduire(famille.ancienne, e) is not None)
    )
    return connus >= _EXACTES * elements.total()


def _elements(colonne: Colonne) -> Counter[str]:
    elements: Counter[str] = Counter()
    for cellule, fois in list(colonne.valeurs.items())[:_ELEMENTS]:
        entiere = sans_accents(cellule).strip()
        for element in [e.strip(' "*-•') for e in _SEPARATEURS.split(entiere)] if len(entiere) > 3 else [entiere]:
            if element and not element.isdigit():
                elements[element[:_LONGUEUR_ELEMENT]] += fois
    return elements


def _porte(texte: str, terme: str) -> bool:
    """Tell whether a folded text holds a folded term at the beginning of a word."""
    debut = texte.find(terme)
    while debut >= 0:
        if debut == 0 or not texte[debut - 1].isalnum():
            return True
        debut = texte.find(terme, debut + 1)
    return False


def _en_mots(terme: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", sans_accents(terme)))


@cache
def _termes() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    donnees = json.loads(files(__package__).joinpath("termes.json").read_text("utf-8"))
    return {
        champ: {valeur: tuple(termes) for valeur, termes in table.items()} for champ, table in donnees["listes"].items()
    }
