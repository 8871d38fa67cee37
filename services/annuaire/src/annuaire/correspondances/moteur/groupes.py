"""Several rows, one place: rows already cleaned are put together by what they have in common."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, get_args

from socle.identifiants import jcs

from annuaire.correspondances.document.modele import ChampUni, Regroupement
from annuaire.correspondances.moteur.cellules import DECLARE, moins_sure
from annuaire.lieux.normalise import LieuNormalise
from annuaire.referentiels.rules import cle_de_lecture
from annuaire.standard.anomalies import Anomalie
from annuaire.standard.nettoyage.listes import MAXIMUM_VALEURS
from annuaire.standard.nettoyage.nettoye import anomalie

REGROUPEES, DIVERGENTES = "lignes_regroupees", "valeurs_divergentes"
CARACTERES_CITES: Final = 500_000
#: Normalised names of the fields that a document names otherwise.
_NOMS: Final = {"telephone": "telephones"}


@dataclass(slots=True)
class Groupe:
    """Rows of one place. `fiche` is what they say together, `bruts` the raw rows as JSON, in their order."""

    ligne: int
    feuille: str | None
    cle: str | None
    fiche: LieuNormalise
    origines: dict[str, str]
    bruts: list[str]
    divergences: dict[str, tuple[Any, Any]]
    operation: str
    caracteres: int = 0

    @property
    def lignes(self) -> int:
        """Number of rows."""
        return len(self.bruts)

    def anomalies(self) -> list[Anomalie]:
        """Tell what was put together, and what the rows do not agree on."""
        if self.lignes == 1:
            return []
        dites = [Anomalie(REGROUPEES, valeur=str(self.lignes))]
        dites += [
            anomalie(DIVERGENTES, champ, ecartee, corrige=str(gardee)[:200])
            for champ, (gardee, ecartee) in self.divergences.items()
        ]
        return dites

    def brut(self) -> str:
        """Write the raw rows: the row itself when it is alone, else the list of them."""
        return self.bruts[0] if self.lignes == 1 else "[" + ",".join(self.bruts) + "]"


class Groupes:
    """The groups of a list, in the order of their first rows."""

    def __init__(self, regroupement: Regroupement) -> None:
        self._par = tuple(_NOMS.get(champ, champ) for champ in regroupement.par)
        unis = get_args(ChampUni) if regroupement.unir is None else regroupement.unir
        self._unis = frozenset(_NOMS.get(champ, champ) for champ in unis)
        self._groupes: dict[bytes, Groupe] = {}

    def ajouter(self, groupe: Groupe) -> Groupe:
        """Add one row, read alone; return the group that it joins."""
        commun = self._commun(groupe)
        if commun is None:
            # nothing to compare: the row stays alone
            commun = b"%d" % groupe.ligne
        connu = self._groupes.setdefault(commun, groupe)
        if connu is not groupe:
            self._unir(connu, groupe)
        return connu

    def __iter__(self) -> Iterator[Groupe]:
        return iter(self._groupes.values())

    def _commun(self, groupe: Groupe) -> bytes | None:
        """Return what the rows of a place share; `None` when a row says none of it."""
        lus: list[Any] = []
        for champ in self._par:
            valeur = groupe.cle if champ == "cle" else getattr(groupe.fiche, champ)
            valeurs = valeur if isinstance(valeur, tuple) else (valeur,)
            lus.append([cle_de_lecture(str(v)) for v in valeurs if v is not None])
        return hashlib.sha256(jcs(lus)).digest() if any(lus) else None

    def _unir(self, groupe: Groupe, autre: Groupe) -> None:
        avant, apres = groupe.fiche, autre.fiche
        change: dict[str, Any] = {}
        for champ in LieuNormalise.__dataclass_fields__:
            un, deux = getattr(avant, champ), getattr(apres, champ)
            if un == deux or deux is None or deux == ():
                continue
            if champ in self._unis:
                unies = tuple(dict.fromkeys((*un, *deux)))
                change[champ] = unies[:MAXIMUM_VALEURS]
                if len(unies) > MAXIMUM_VALEURS:
                    groupe.divergences.setdefault(champ, (len(un), unies[MAXIMUM_VALEURS]))
            elif un is None or un == ():
                change[champ] = deux
            else:
                groupe.divergences.setdefault(champ, (un, deux))
        if change:
            groupe.fiche = _tenir_le_point(replace(avant, **change), avant, apres)
        for champ in set(change) & (autre.origines.keys() | groupe.origines.keys()):
            dits = ((groupe, getattr(avant, champ)), (autre, getattr(apres, champ)))
            groupe.origines[champ] = moins_sure(*(g.origines.get(champ, DECLARE) for g, valeur in dits if valeur))
        if groupe.cle is None:
            groupe.cle = autre.cle
        groupe.caracteres += len(autre.bruts[0])
        # what would make a record too long to be kept is still in the file received
        groupe.bruts.append(autre.bruts[0] if groupe.caracteres <= CARACTERES_CITES else "null")


def _tenir_le_point(unie: LieuNormalise, avant: LieuNormalise, apres: LieuNormalise) -> LieuNormalise:
    """Keep the two halves of a point together: never the latitude of one row with the longitude of another."""
    source = avant if avant.latitude is not None else apres
    return replace(unie, latitude=source.latitude, longitude=source.longitude)
