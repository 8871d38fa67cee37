"""How an annotated workbook is laid out: what a problem colours, what a row says, what the legend explains. Pure."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from annuaire.correspondances.document import lire_correspondance
from annuaire.correspondances.document.references import references
from annuaire.standard.colonnes import COLONNES as DU_STANDARD
from annuaire.standard.colonnes import SEPARATEUR, reconnaitre_entetes
from annuaire.synchronisation.annotation.classeur import Cellule, Teinte
from annuaire.synchronisation.lecteurs.entetes import LEGENDE
from annuaire.synchronisation.schemas import LigneRapportLue
from annuaire.synchronisation.traitement import ID_MAILLAGE, PROBLEME

SANS_ID: Final = frozenset({"cle_ambigue", "doublon_interne"})
"""Of rows that bear one key, nobody knows which is the place."""
LARGEUR_LEGENDE: Final = (30.0, 100.0)
_AUTRES_PLACES: Final = {"cle": ("id",), "coordonnees": ("latitude", "longitude")}
_GRAVITES: Final = {"erreur": Teinte.ERREUR, "avertissement": Teinte.AVERTISSEMENT, "info": Teinte.INFO}
_ECART: Final = 100_000
"""Rows beyond which a list full of blank lines is written without them."""
_NOM_DE_FEUILLE: Final = 31
_INTERDITS: Final = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


@dataclass(slots=True)
class Rangs:
    """The number of each row of the sheet: that of the file wherever it may be, so that the report names the same."""

    entetes: int
    decalage: int
    _dernier: int = field(init=False)

    def __post_init__(self) -> None:
        self._dernier = self.entetes

    def suivant(self, ligne: int) -> int:
        """Return the number of the row that stands at this line of the file."""
        voulu = ligne + self.decalage
        self._dernier = max(self._dernier + 1, voulu if voulu <= _ECART else 0)
        return self._dernier


def ranger(devine: Mapping[str, Any] | None) -> Rangs:
    """Number the rows of a list: a list of objects has no headers of its own, a sheet keeps them in their place."""
    entetes = (devine or {}).get("ligne_entetes")
    return Rangs(entetes, 0) if entetes and entetes < _ECART else Rangs(1, 1)


def nommer_la_feuille(devine: Mapping[str, Any] | None) -> str:
    """Return the name of the sheet of the list: its own where it may be (31 characters, without `[]:*?/\\`)."""
    nom = str((devine or {}).get("feuille") or "").translate(_INTERDITS).strip("' ")[:_NOM_DE_FEUILLE]
    return nom if nom and nom.casefold() != LEGENDE.casefold() else "Liste"


def colonnes_des_champs(colonnes: Sequence[str], correspondance: Any) -> dict[str, list[int]]:
    """Return, for each name that a problem may give (column as written, or field), the rank of its columns."""
    rangs: dict[str, list[int]] = defaultdict(list)
    par_nom = {nom: rang for rang, nom in enumerate(colonnes)}
    for nom, rang in par_nom.items():
        rangs[nom].append(rang)
    if correspondance is None:
        # the list was read already: the names added only spare the refusal of a short one
        reconnues = reconnaitre_entetes((*colonnes, *DU_STANDARD)).reconnues
        dits = [(champ, colonne) for colonne, champ in reconnues.items()]
    else:
        lues = references(lire_correspondance(correspondance))
        dits = [(champ, colonne) for colonne, place in lues for champ in _champs(place)]
    for champ, colonne in dits:
        # a whole name wins over a path, as where rows are read
        rang_de = par_nom.get(colonne, par_nom.get(_racine(colonne)))
        if rang_de is not None and rang_de not in rangs[champ]:
            rangs[champ].append(rang_de)
    return rangs


def _champs(place: str) -> tuple[str, ...]:
    """Read the fields in the place of a document: `champs.services[2].colonnes[0]` is `services`, `cle` is `id`."""
    debut = _racine(place.removeprefix("champs."))
    return _AUTRES_PLACES.get(debut, (debut,))


def _racine(chemin: str) -> str:
    return chemin.partition(".")[0].partition("[")[0]


def annoter(
    valeurs: Mapping[str, Any],
    problemes: Iterable[LigneRapportLue],
    id_maillage: str | None,
    *,
    colonnes: Sequence[str],
    places: Mapping[str, Sequence[int]],
) -> list[Cellule]:
    """Lay a row out: its own cells, coloured by the worst of their problems, its id, and what is wrong with it."""
    teintes: dict[int, Teinte] = {}
    dites: dict[str, Teinte] = {}
    for probleme in problemes:
        teinte = _GRAVITES[probleme.severite]
        dites[probleme.message] = min(teinte, dites.get(probleme.message, teinte))
        for rang in places.get(probleme.champ or "", ()):
            teintes[rang] = min(teinte, teintes.get(rang, teinte))
    messages = sorted(dites, key=lambda message: dites[message])
    cellules = [(en_cellule(valeurs.get(nom)), teintes.get(rang, Teinte.AUCUNE)) for rang, nom in enumerate(colonnes)]
    pire = min(dites.values(), default=Teinte.AUCUNE)
    return [*cellules, (id_maillage, Teinte.AUCUNE), (" ".join(messages), pire)]


def en_cellule(valeur: Any) -> Any:
    """Write a value of a list as one cell: a list joined as the standard joins it, an object as JSON."""
    if isinstance(valeur, list) and all(isinstance(v, str) and SEPARATEUR not in v for v in valeur):
        return SEPARATEUR.join(valeur)
    if isinstance(valeur, list | dict):
        return json.dumps(valeur, ensure_ascii=False)
    return valeur


def largeurs(colonnes: Sequence[str]) -> list[float]:
    """Return the widths of the columns of the list, in characters."""
    return [*(float(min(max(len(nom) + 2, 12), 40)) for nom in colonnes), 38.0, 100.0]


def legende() -> list[tuple[Cellule, Cellule]]:
    """Return the rows of the sheet that explains the other."""
    aucune = Teinte.AUCUNE
    return [
        (("Couleur ou colonne", Teinte.TITRE), ("Ce qu'elle dit", Teinte.TITRE)),
        (("Rouge", Teinte.ERREUR), ("La ligne n'a pas pu être prise : corrigez cette case, puis renvoyez.", aucune)),
        (("Jaune", Teinte.AVERTISSEMENT), ("La ligne est prise, mais cette case est douteuse, ou vide.", aucune)),
        (("Bleu", Teinte.INFO), ("Pour information : la case a été lue ou corrigée comme il est dit.", aucune)),
        ((ID_MAILLAGE, Teinte.TITRE), ("L'identifiant du lieu dans Maillage : ne le changez pas. Il retrouve le lieu, "
                                       "même si la ligne change. Vide : la ligne n'a pas encore de lieu.", aucune)),
        ((PROBLEME, Teinte.TITRE), ("Ce qui ne va pas sur la ligne, le plus grave d'abord. Cette colonne n'est pas lue "
                                    "au retour.", aucune)),
        (("Autres colonnes", Teinte.TITRE), ("Les vôtres, dans votre ordre et avec vos valeurs. Ce fichier se renvoie "
                                             "tel quel, une fois corrigé.", aucune)),
    ]  # fmt: skip
