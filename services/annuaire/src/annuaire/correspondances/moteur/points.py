"""Coordinates at work: two cells or one, in degrees or in metres, become a latitude and a longitude."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from annuaire.correspondances.document.modele import Coordonnees
from annuaire.correspondances.moteur.cellules import Dire, en_clair
from annuaire.correspondances.moteur.valeurs import Lecteur, Ligne, compiler_valeur
from annuaire.territoires.projections import vers_degres

DECIMALES: Final = 6
Couple = tuple[Any, Any]
Situer = Callable[[Ligne, Dire], Couple]

_WKT: Final = re.compile(
    r"(?:SRID=\d{1,6};)?\s{0,3}POINT\s{0,3}Z?\s{0,3}\(\s{0,3}([\d.+-]{1,30})\s{1,3}([\d.+-]{1,30})[\s)]", re.IGNORECASE
)
_NOMBRE: Final = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,15})?")
_DEUX: Final = re.compile(r"([+-]?\d{1,9}(?:\.\d{1,15})?)\s{0,3}[,;/ ]\s{0,3}([+-]?\d{1,9}(?:\.\d{1,15})?)")
_DEUX_A_VIRGULE: Final = re.compile(r"([+-]?\d{1,9},\d{1,15})\s{0,3}[;/ ]\s{0,3}([+-]?\d{1,9},\d{1,15})")
_LATITUDES: Final = ("latitude", "lat", "y")
_LONGITUDES: Final = ("longitude", "lon", "lng", "long", "x")


def compiler_coordonnees(coordonnees: Coordonnees, lire: Lecteur) -> Situer:
    """Compile a point: the result gives (latitude, longitude) as cells for the cleaning of coordinates."""
    x = compiler_valeur(coordonnees.x, "longitude", lire) if coordonnees.x else None
    y = compiler_valeur(coordonnees.y, "latitude", lire) if coordonnees.y else None
    inverse = coordonnees.ordre == "longitude latitude"
    projete = coordonnees.systeme != "wgs84"

    def situer(ligne: Ligne, dire: Dire) -> Couple:
        if coordonnees.point is not None:
            latitude, longitude = lire_point(lire(ligne, coordonnees.point), inverse=inverse)
        elif x is not None and y is not None:
            latitude, longitude = y(ligne, dire)[0], x(ligne, dire)[0]
        else:
            return None, None
        return _deprojeter(coordonnees.systeme, latitude, longitude) if projete else (latitude, longitude)

    return situer


def lire_point(valeur: Any, *, inverse: bool) -> Couple:
    """Split a cell that holds a point; what can't be split comes back whole, for the cleaning to tell.

    `inverse` says that two bare numbers are longitude then latitude. WKT and GeoJSON always are.
    """
    if isinstance(valeur, Mapping):
        if isinstance(valeur.get("coordinates"), (list, tuple)):
            return lire_point(valeur["coordinates"], inverse=True)
        noms = {str(nom).lower(): v for nom, v in list(valeur.items())[:50]}
        return _parmi(noms, _LATITUDES), _parmi(noms, _LONGITUDES)
    if isinstance(valeur, (list, tuple)):
        if len(valeur) < 2:
            return (valeur[0] if valeur else None), None
        return (valeur[1], valeur[0]) if inverse else (valeur[0], valeur[1])
    texte = en_clair(valeur).strip()[:300]
    wkt = _WKT.match(texte)
    if wkt:
        return wkt[2], wkt[1]
    deux = _DEUX_A_VIRGULE.fullmatch(texte) or _DEUX.fullmatch(texte.strip("()[] "))
    if deux is None:
        return valeur, None
    return (deux[2], deux[1]) if inverse else (deux[1], deux[2])


def _parmi(noms: Mapping[str, Any], possibles: tuple[str, ...]) -> Any:
    return next((noms[nom] for nom in possibles if noms.get(nom) is not None), None)


def _deprojeter(systeme: str, nord: Any, est: Any) -> Couple:
    """Convert metres; what is no number, or already degrees, is left as it is written."""
    x, y = _nombre(est), _nombre(nord)
    if x is None or y is None or (abs(x) <= 180 and abs(y) <= 90):
        return nord, est
    point = vers_degres(systeme, x, y)
    return (round(point[0], DECIMALES), round(point[1], DECIMALES)) if point else (nord, est)


def _nombre(valeur: Any) -> float | None:
    texte = "".join(en_clair(valeur).replace("\u202f", " ").split())
    return float(texte.replace(",", ".")) if _NOMBRE.fullmatch(texte) else None
