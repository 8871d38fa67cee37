"""Cells that hold several values: closed lists (v1 and v0 words together) and free lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from annuaire.referentiels.repository import Referentiels
from annuaire.referentiels.rules import proche, reconnaitre

from ..anciens import traduire
from ..anomalies import Anomalie
from .nettoye import LONGUEUR_MEMORISEE, Nettoye, anomalie, memoriser
from .textes import LONGUEUR_CELLULE, LONGUEUR_COURTE, couper, en_texte, nettoyer_texte, sans_valeur

MAXIMUM_VALEURS: Final = 100

Repartition = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Famille:
    """How a column of closed values is read: the lists tried in order, then the table of v0 values."""

    listes: tuple[str, ...]
    ancienne: str | None = None


_LABELS: Final = Famille(("dispositif_programmes_nationaux", "formations_labels"), "labels_nationaux")

#: By column as recognised. The first list is the field of the column; a value of another list moves there.
FAMILLES: Final[dict[str, Famille]] = {
    "typologie": Famille(("typologie",), "typologie"),
    "itinerance": Famille(("itinerance",)),
    "services": Famille(("services",), "services"),
    "publics_specifiquement_adresses": Famille(
        ("publics_specifiquement_adresses", "prise_en_charge_specifique"), "publics_accueillis"
    ),
    "publics_accueillis": Famille(
        ("publics_specifiquement_adresses", "prise_en_charge_specifique"), "publics_accueillis"
    ),
    "prise_en_charge_specifique": Famille(
        ("prise_en_charge_specifique", "publics_specifiquement_adresses"), "publics_accueillis"
    ),
    "frais_a_charge": Famille(("frais_a_charge",), "conditions_acces"),
    "conditions_acces": Famille(("frais_a_charge",), "conditions_acces"),
    "dispositif_programmes_nationaux": _LABELS,
    "labels_nationaux": _LABELS,
    "formations_labels": Famille(("formations_labels", "dispositif_programmes_nationaux"), "labels_nationaux"),
    "modalites_acces": Famille(("modalites_acces",)),
    "modalites_accompagnement": Famille(("modalites_accompagnement",), "modalites_accompagnement"),
}

_SEPARATEURS: Final = re.compile(r"[|;\n\r]")
_SEPARATEURS_FAIBLES: Final = re.compile(r"(?:(?<!\s)\s++)?,\s*|(?<!\s)\s+/\s+|(?<!\s)\s+-\s+")


def nettoyer_fermee(brut: Any, colonne: str) -> Nettoye[Repartition]:
    """Read a cell of closed values, v1 or v0, whatever the separator, into (field, values) pairs.

    `colonne` is a key of `FAMILLES`. Order is kept and repetitions go. A value found in the list of another field of
    the family moves there (`valeur_deplacee`); a v0 value without an equal is told (`valeur_sans_equivalent`), so is
    one with a near equal only (`valeur_approchee`); anything else is `valeur_hors_liste`, with the nearest value.
    """
    if isinstance(brut, str) and len(brut) <= LONGUEUR_MEMORISEE:
        return _lire_cellule(brut, colonne)
    return _reunir(brut, colonne)


@lru_cache(maxsize=8192)
def _lire_cellule(brut: str, colonne: str) -> Nettoye[Repartition]:
    return _reunir(brut, colonne)


def _reunir(brut: Any, colonne: str) -> Nettoye[Repartition]:
    valeurs: dict[str, dict[str, None]] = {}
    anomalies: list[Anomalie] = []
    for element in elements(brut, colonne, anomalies):
        repartition, suite = _lire(element, colonne)
        anomalies.extend(suite)
        for champ, trouvees in repartition:
            valeurs.setdefault(champ, {}).update(dict.fromkeys(trouvees))
    return Nettoye(tuple((champ, tuple(v)) for champ, v in valeurs.items()), tuple(anomalies))


def elements(brut: Any, champ: str, anomalies: list[Anomalie]) -> list[str]:
    """List the texts of a cell: the cell itself, or each member of a JSON array; the rest is told."""
    if isinstance(brut, str):
        if len(brut) > LONGUEUR_CELLULE:
            anomalies.append(anomalie("texte_tronque", champ, brut))
        return [brut[:LONGUEUR_CELLULE]] if brut and not brut.isspace() else []
    if not isinstance(brut, (list, tuple)):
        brut = [brut]
    textes: list[str] = []
    if len(brut) > MAXIMUM_VALEURS:
        anomalies.append(anomalie("liste_trop_longue", champ, brut))
    for membre in brut[:MAXIMUM_VALEURS]:
        lu = en_texte(membre, champ)
        anomalies.extend(lu.anomalies)
        if lu.valeur and not lu.valeur.isspace():
            textes.append(lu.valeur)
    return textes


def _lire(cellule: str, colonne: str) -> tuple[Repartition, tuple[Anomalie, ...]]:
    propre = nettoyer_texte(cellule, colonne, lignes=True)
    if propre.valeur is None:
        return (), propre.anomalies
    repartition: list[tuple[str, tuple[str, ...]]] = []
    anomalies = list(propre.anomalies)
    entier = _une_valeur(propre.valeur, colonne)
    if entier is not None and not _SEPARATEURS.search(propre.valeur):
        return entier
    morceaux = [m.strip() for m in _SEPARATEURS.split(propre.valeur) if m.strip()]
    if len(morceaux) > MAXIMUM_VALEURS:
        anomalies.append(anomalie("liste_trop_longue", colonne, propre.valeur))
    for morceau in morceaux[:MAXIMUM_VALEURS]:
        lu = _une_valeur(morceau, colonne) or _decouper(morceau, colonne)
        repartition.extend(lu[0])
        anomalies.extend(lu[1])
    if not repartition and not anomalies:
        anomalies.append(anomalie("mention_sans_valeur", colonne, cellule))
    return tuple(repartition), tuple(anomalies)


Lu = tuple[Repartition, tuple[Anomalie, ...]]


@memoriser(8192)
def _une_valeur(texte: str, colonne: str) -> Lu | None:
    famille = FAMILLES[colonne]
    referentiels = Referentiels.charger()
    cible = famille.listes[0]
    for champ in famille.listes:
        valeur = reconnaitre(referentiels[champ], texte)
        if valeur is not None:
            deplacee = champ != cible and colonne == cible
            suite = (anomalie("valeur_deplacee", colonne, texte, corrige=f"{champ} : {valeur}"),) if deplacee else ()
            return ((champ, (valeur,)),), suite
    ancienne = traduire(famille.ancienne, texte) if famille.ancienne else None
    if ancienne is not None:
        if not ancienne.cibles:
            return (), (anomalie("valeur_sans_equivalent", colonne, texte),)
        if ancienne.approximation:
            corrige = ", ".join(v for _, valeurs in ancienne.cibles for v in valeurs)
            return ancienne.cibles, (anomalie("valeur_approchee", colonne, texte, corrige=corrige),)
        if all(champ == "autres_formations_labels" for champ, _ in ancienne.cibles):
            corrige = "autres_formations_labels"
            return ancienne.cibles, (anomalie("valeur_sans_equivalent", colonne, texte, corrige=corrige),)
        return ancienne.cibles, ()
    if sans_valeur(texte):
        return (), (anomalie("mention_sans_valeur", colonne, texte),)
    return None


def _decouper(morceau: str, colonne: str) -> Lu:
    """Try commas, slashes and dashes, only where each part is then a value."""
    parts = [p for p in _SEPARATEURS_FAIBLES.split(morceau) if p][:MAXIMUM_VALEURS]
    if len(parts) > 1:
        lus = [_une_valeur(part, colonne) for part in parts]
        if all(lu is not None for lu in lus):
            bons = [lu for lu in lus if lu is not None]
            return tuple(r for lu in bons for r in lu[0]), tuple(a for lu in bons for a in lu[1])
    referentiels = Referentiels.charger()
    suggestion = proche([referentiels[nom] for nom in FAMILLES[colonne].listes], morceau)
    return (), (anomalie("valeur_hors_liste", colonne, morceau, suggestion=suggestion),)


def nettoyer_libre(brut: Any, champ: str, *, separateur_v0: bool = False) -> Nettoye[tuple[str, ...]]:
    """Read a cell of free values joined with `|` (and `;` in a v0 column): cleaned, in order, without repetition."""

    def lire(texte: str) -> Nettoye[tuple[str, ...]]:
        propre = couper(nettoyer_texte(texte, champ), champ, LONGUEUR_COURTE)
        if propre.valeur is None:
            return Nettoye((), propre.anomalies)
        if "|" in propre.valeur:
            # An HTML entity hid a separator; what it separated has no entity left.
            parts = [lire(part) for part in propre.valeur.split("|")]
            suite = (a for part in parts for a in part.anomalies)
            return Nettoye(tuple(v for part in parts for v in part.valeur), (*propre.anomalies, *suite))
        return Nettoye((propre.valeur,), propre.anomalies)

    return nettoyer_plusieurs(brut, champ, lire, separateurs="|;\n" if separateur_v0 else "|")


def nettoyer_plusieurs(
    brut: Any, champ: str, lire: Callable[[str], Nettoye[tuple[str, ...]]], *, separateurs: str = "|"
) -> Nettoye[tuple[str, ...]]:
    """Cut a cell at its separators and read each part with `lire`; at most 100 values are kept."""
    valeurs: dict[str, None] = {}
    anomalies: list[Anomalie] = []
    textes = elements(brut, champ, anomalies)
    for texte in textes:
        for separateur in separateurs[1:]:
            texte = texte.replace(separateur, separateurs[0])
        morceaux = [m for m in texte.split(separateurs[0]) if m and not m.isspace()]
        if not morceaux:
            anomalies.append(anomalie("mention_sans_valeur", champ, texte))
        if len(morceaux) > MAXIMUM_VALEURS:
            anomalies.append(anomalie("liste_trop_longue", champ, texte))
        for morceau in morceaux[:MAXIMUM_VALEURS]:
            lu = lire(morceau)
            valeurs.update(dict.fromkeys(lu.valeur))
            anomalies.extend(lu.anomalies)
    return Nettoye(tuple(valeurs), tuple(anomalies))
