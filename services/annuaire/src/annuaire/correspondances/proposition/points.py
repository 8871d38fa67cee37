"""Which columns tell where a place is: degrees in any order, metres of a projected system, one cell for both."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from annuaire.correspondances.proposition.echantillon import Colonne
from annuaire.standard.nettoyage.coordonnees import en_france
from annuaire.territoires.projections import SYSTEMES, vers_degres
from annuaire.territoires.rules import distance_m

_EXAMINES: Final = 120
_ACCORD: Final = 0.7
_SANS_ENTETE: Final = 0.9
_METRES_VOISINS: Final = 30_000
_DEUX_NOMBRES: Final = re.compile(r"-?\d{1,3}(?:[.,]\d+)?")
_PROJETES: Final = tuple(nom for nom in SYSTEMES if nom != "wgs84")
_GEOCODEUR: Final = "result"

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Situation:
    """How the point is read: what goes in the document, the columns taken, the confidence."""

    champs: dict[str, Any]
    coordonnees: dict[str, Any] | None
    colonnes: tuple[str, ...]
    note: float


def situer(colonnes: Sequence[Colonne], centres: Sequence[Point | None]) -> Situation | None:
    """Return the best reading of the point; `centres` is the middle of the commune of each row, if it is known."""
    nombres = [c for c in colonnes if c.part("nombre") >= 0.8 and c.remplies >= 2]
    trouvees = [*_couples_nommes(nombres, centres), *_cases(colonnes, centres)]
    if not trouvees:
        trouvees = _couples_devines(nombres, centres)
    return max(trouvees, key=lambda situation: situation.note, default=None)


def _couples_nommes(nombres: Sequence[Colonne], centres: Sequence[Point | None]) -> list[Situation]:
    trouvees = []
    for nord, est in (("latitude", "longitude"), ("y", "x")):
        for y in (c for c in nombres if c.entetes.get(nord, 0.0) >= 0.5):
            for x in (c for c in nombres if c.entetes.get(est, 0.0) >= 0.5 and c.nom != y.nom):
                entete = (y.entetes[nord] + x.entetes[est]) / 2
                if y.nom.startswith(_GEOCODEUR) != x.nom.startswith(_GEOCODEUR):
                    continue
                if situation := _lire_couple(x, y, centres, entete, seuil=_ACCORD):
                    trouvees.append(situation)
    return trouvees


def _couples_devines(nombres: Sequence[Colonne], centres: Sequence[Point | None]) -> list[Situation]:
    """Two columns of numbers side by side that always fall in France, near the commune of their row."""
    trouvees = []
    for x, y in itertools.pairwise(nombres):
        if x.part("code") > 0.5 or y.part("code") > 0.5 or min(len(x.valeurs), len(y.valeurs)) < 3:
            continue
        if situation := _lire_couple(x, y, centres, 0.3, seuil=_SANS_ENTETE):
            trouvees.append(situation)
    return trouvees


def _lire_couple(
    x: Colonne, y: Colonne, centres: Sequence[Point | None], entete: float, *, seuil: float
) -> Situation | None:
    """Try degrees in both orders, then metres in every system, and keep what falls nearest to the communes."""
    triplets = [
        (nx, ny, centre)
        for tx, ty, centre in zip(x.cellules, y.cellules, centres, strict=True)
        if (nx := nombre(tx)) is not None and (ny := nombre(ty)) is not None and (nx or ny)
    ][:_EXAMINES]
    if len(triplets) < 2:
        return None
    essais: list[tuple[float, str, bool]] = []
    for inverse in (False, True):
        for systeme in ("wgs84", *_PROJETES):
            part = _accord(systeme, triplets, inverse=inverse)
            if part >= seuil:
                essais.append((part, systeme, inverse))
        if essais and essais[0][1] == "wgs84":
            break
    if not essais:
        return None
    part, systeme, inverse = max(essais, key=lambda essai: essai[0])
    est, nord = (y, x) if inverse else (x, y)
    note = 0.5 + 0.25 * entete + 0.25 * part
    if systeme == "wgs84":
        return Situation({"latitude": nord.nom, "longitude": est.nom}, None, (x.nom, y.nom), note)
    return Situation({}, {"systeme": systeme, "x": est.nom, "y": nord.nom}, (x.nom, y.nom), note)


def _accord(systeme: str, triplets: Iterable[tuple[float, float, Point | None]], *, inverse: bool) -> float:
    """Share of the points that fall near the commune of their row, or in France when it is not known."""
    bons = total = 0
    for x, y, centre in triplets:
        total += 1
        est, nord = (y, x) if inverse else (x, y)
        degres = (nord, est) if systeme == "wgs84" else vers_degres(systeme, est, nord)
        if degres is None or abs(degres[0]) > 90 or abs(degres[1]) > 180:
            continue
        bons += distance_m(*degres, *centre) <= _METRES_VOISINS if centre else en_france(*degres)
    return bons / total


def _cases(colonnes: Sequence[Colonne], centres: Sequence[Point | None]) -> list[Situation]:
    """Columns whose cells hold both coordinates."""
    trouvees = []
    for colonne in colonnes:
        entete = colonne.entetes.get("point", 0.0)
        if colonne.part("point") < 0.7 or (entete < 0.5 and len(colonne.valeurs) < 3):
            continue
        couples = [
            (float(lus[0].replace(",", ".")), float(lus[1].replace(",", ".")), centre)
            for cellule, centre in zip(colonne.cellules, centres, strict=True)
            if cellule and len(lus := _DEUX_NOMBRES.findall(cellule)) == 2
        ][:_EXAMINES]
        wkt = any("(" in v and "point" in v.lower() for v in list(colonne.valeurs)[:5])
        for inverse, ordre in ((False, "longitude latitude"), (True, "latitude longitude")):
            if couples and (part := _accord("wgs84", couples, inverse=inverse)) >= _ACCORD:
                # a WKT text says its own order
                dit = {} if wkt or inverse else {"ordre": ordre}
                trouvees.append(
                    Situation({}, {"point": colonne.nom, **dit}, (colonne.nom,), 0.45 + 0.2 * entete + 0.25 * part)
                )
                break
    return trouvees


def nombre(texte: str | None) -> float | None:
    """Read a decimal number, with a point or a comma."""
    try:
        return float(texte.replace(",", ".")) if texte else None
    except ValueError:
        return None
