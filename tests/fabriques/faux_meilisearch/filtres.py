"""The filters of the server, parsed and applied (`crates/filter-parser`, `milli/src/search/facet/filter.rs`, v1.50)."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import shapely

RAYON_TERRE_M = 6_371_000.0
PROFONDEUR_MAX = 200
_RESERVES = {"AND", "OR", "IN", "NOT", "TO", "EXISTS", "IS", "NULL", "EMPTY", "CONTAINS", "STARTS", "WITH",
             "_geoRadius", "_geoBoundingBox", "_geoPolygon"}  # fmt: skip
_JETON = re.compile(
    r"""\s*(?:(?P<cite>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<op>>=|<=|!=|[=<>()\[\],])|(?P<mot>[\w\-.]+))""", re.S
)

Document = Mapping[str, Any]
Predicat = Callable[[Document], bool]


class FiltreInvalide(ValueError):
    """A filter that the server refuses with `invalid_search_filter`."""


def filtrable(attribut: str, regles: list[Any]) -> dict[str, Any] | None:
    """Return what the first rule that names an attribute allows, if any (`filterable_attributes_rules.rs`)."""
    for regle in regles:
        if isinstance(regle, str):
            if regle == attribut:
                return {"facetSearch": True, "equality": True, "comparison": True}
            continue
        if attribut in regle["attributePatterns"]:
            traits = regle.get("features", {})
            filtre = traits.get("filter", {})
            return {
                "facetSearch": traits.get("facetSearch", False),
                "equality": filtre.get("equality", True),
                "comparison": filtre.get("comparison", False),
            }
    return None


def normaliser(valeur: str) -> str:
    """Return a value as facets are compared: trimmed, decomposed, lower case (`normalize_facet`)."""
    return unicodedata.normalize("NFKD", valeur.strip()).lower()


def lire(filtre: Any, regles: list[Any]) -> Predicat:
    """Parse the `filter` of a body: a text, or a list whose items add up, lists inside being alternatives."""
    if filtre is None:
        return lambda _document: True
    if isinstance(filtre, str):
        return _Lecteur(filtre, regles).tout()
    if not isinstance(filtre, list):
        raise FiltreInvalide("Invalid syntax for the filter parameter: `expected String, Array`")
    lus: list[Predicat] = []
    for element in filtre:
        if isinstance(element, list):
            choix = [_Lecteur(texte, regles).tout() for texte in element if isinstance(texte, str)]
            if len(choix) != len(element):
                raise FiltreInvalide("Invalid syntax for the filter parameter: `expected String`")
            lus.append(lambda d, choix=choix: any(p(d) for p in choix))
        elif isinstance(element, str):
            lus.append(_Lecteur(element, regles).tout())
        else:
            raise FiltreInvalide("Invalid syntax for the filter parameter: `expected String, Array`")
    return lambda d: all(p(d) for p in lus)


class _Lecteur:
    def __init__(self, texte: str, regles: list[Any]) -> None:
        self._regles = regles
        self._jetons: list[tuple[str, str]] = []
        place = 0
        while texte[place:].strip():
            trouve = _JETON.match(texte, place)
            if trouve is None:
                raise FiltreInvalide(f"Found unexpected characters at the end of the filter: `{texte[place:]}`")
            genre = trouve.lastgroup or ""
            self._jetons.append((genre, trouve[genre]))
            place = trouve.end()
        self._rang = 0

    def tout(self) -> Predicat:
        if not self._jetons:
            return lambda _document: True
        lu = self._ou(0)
        if self._rang != len(self._jetons):
            raise FiltreInvalide("Found unexpected characters at the end of the filter")
        return lu

    def _ou(self, profondeur: int) -> Predicat:
        if profondeur > PROFONDEUR_MAX:
            raise FiltreInvalide("The filter exceeded the maximum depth limit.")
        choix = [self._et(profondeur + 1)]
        while self._mot("OR"):
            choix.append(self._et(profondeur + 1))
        return choix[0] if len(choix) == 1 else lambda d: any(p(d) for p in choix)

    def _et(self, profondeur: int) -> Predicat:
        suite = [self._non(profondeur + 1)]
        while self._mot("AND"):
            suite.append(self._non(profondeur + 1))
        return suite[0] if len(suite) == 1 else lambda d: all(p(d) for p in suite)

    def _non(self, profondeur: int) -> Predicat:
        if self._mot("NOT"):
            nie = self._non(profondeur + 1)
            return lambda d: not nie(d)
        if self._op("("):
            dedans = self._ou(profondeur + 1)
            self._attendre(")")
            return dedans
        return self._condition()

    def _condition(self) -> Predicat:
        genre, texte = self._suivant()
        if genre == "mot" and texte in ("_geoRadius", "_geoBoundingBox", "_geoPolygon"):
            return self._geo(texte)
        attribut = self._valeur_de(genre, texte)
        if self._mot("IN"):
            self._attendre("[")
            voulues = []
            while not self._op("]"):
                voulues.append(normaliser(self._valeur_de(*self._suivant())))
                if not self._op(","):
                    self._attendre("]")
                    break
            self._permettre(attribut, "equality")
            return lambda d, voulues=frozenset(voulues): bool(voulues & _valeurs(d, attribut))
        _, op = self._suivant()
        valeur = self._valeur_de(*self._suivant())
        if op in ("=", "!="):
            self._permettre(attribut, "equality")
            voulue = normaliser(valeur)
            return lambda d: (voulue in _valeurs(d, attribut)) == (op == "=")
        if op not in (">", ">=", "<", "<="):
            raise FiltreInvalide(f"Was expecting an operation `=`, `!=`, … at `{op}`")
        self._permettre(attribut, "comparison")
        borne = self._nombre(valeur)
        compare: Callable[[float], bool] = {
            ">": lambda x: x > borne, ">=": lambda x: x >= borne, "<": lambda x: x < borne, "<=": lambda x: x <= borne
        }[op]  # fmt: skip
        return lambda d: any(compare(float(v)) for v in _liste(d, attribut) if isinstance(v, int | float))

    def _geo(self, nom: str) -> Predicat:
        self._attendre("(")
        arguments: list[Any] = []
        while True:
            if self._op("["):
                couple = [self._nombre(self._suivant()[1])]
                self._attendre(",")
                couple.append(self._nombre(self._suivant()[1]))
                self._attendre("]")
                arguments.append(couple)
            else:
                arguments.append(self._nombre(self._suivant()[1]))
            if not self._op(","):
                break
        self._attendre(")")
        attribut = "_geojson" if nom == "_geoPolygon" else "_geo"
        if filtrable(attribut, self._regles) is None:
            nomme = attribut if nom == "_geoPolygon" else "_geo/_geojson"
            raise FiltreInvalide(f"Attribute `{nomme}` is not filterable.")
        for couple in arguments if nom != "_geoRadius" else [arguments[:2]]:
            if not isinstance(couple, list) or len(couple) != 2 or abs(couple[0]) > 90 or abs(couple[1]) > 180:
                raise FiltreInvalide(f"Bad latitude or longitude in `{nom}`.")
        if nom == "_geoRadius":
            if len(arguments) != 3:
                raise FiltreInvalide("The `_geoRadius` filter expects three arguments")
            lat, lng, rayon = arguments
            return lambda d: (p := _point(d)) is not None and distance(p, (lat, lng)) <= rayon
        if nom == "_geoBoundingBox":
            if len(arguments) != 2 or arguments[0][0] < arguments[1][0]:
                raise FiltreInvalide("The top latitude is below the bottom one.")
            (nord, est), (sud, ouest) = arguments
            return lambda d: (p := _point(d)) is not None and sud <= p[0] <= nord and ouest <= p[1] <= est
        if len(arguments) < 3:
            raise FiltreInvalide("The `_geoPolygon` filter expects at least three points")
        contour = shapely.Polygon([(lng, lat) for lat, lng in arguments])
        return lambda d: bool(d.get("_geojson") and contour.covers(shapely.Point(*d["_geojson"]["coordinates"])))

    def _permettre(self, attribut: str, trait: str) -> None:
        traits = filtrable(attribut, self._regles)
        if traits is None:
            raise FiltreInvalide(f"Attribute `{attribut}` is not filterable.")
        if not traits[trait]:
            raise FiltreInvalide(f"Filter operator is not allowed for the attribute `{attribut}`.")

    def _suivant(self) -> tuple[str, str]:
        if self._rang >= len(self._jetons):
            raise FiltreInvalide("Was expecting a value but instead got nothing.")
        self._rang += 1
        return self._jetons[self._rang - 1]

    def _mot(self, voulu: str) -> bool:
        return self._si(("mot", voulu))

    def _op(self, voulu: str) -> bool:
        return self._si(("op", voulu))

    def _si(self, jeton: tuple[str, str]) -> bool:
        tient = self._rang < len(self._jetons) and self._jetons[self._rang] == jeton
        self._rang += tient
        return tient

    def _attendre(self, op: str) -> None:
        if not self._op(op):
            raise FiltreInvalide(f"Expression is missing `{op}`")

    @staticmethod
    def _nombre(texte: str) -> float:
        try:
            lu = float(texte)
        except ValueError as erreur:
            raise FiltreInvalide(f"invalid float literal `{texte}`") from erreur
        if not math.isfinite(lu):
            raise FiltreInvalide(f"Non finite floats are not supported: `{texte}`")
        return lu

    @staticmethod
    def _valeur_de(genre: str, texte: str) -> str:
        if genre == "cite":
            guillemet = texte[0]
            return _desechapper(texte[1:-1].replace("\\" + guillemet, guillemet))
        if genre == "mot" and texte not in _RESERVES:
            return texte
        raise FiltreInvalide(f"Was expecting a value but instead got `{texte}`, which is a reserved keyword.")


_ECHAPPEMENTS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'",
                 '"': '"'}  # fmt: skip


def _desechapper(texte: str) -> str:
    """What the crate `unescaper` does of a value once its quotes are off."""
    lu, place = [], 0
    while place < len(texte):
        c = texte[place]
        place += 1
        if c != "\\":
            lu.append(c)
            continue
        if place >= len(texte) or texte[place] not in _ECHAPPEMENTS:
            raise FiltreInvalide("Malformed value.")
        lu.append(_ECHAPPEMENTS[texte[place]])
        place += 1
    return "".join(lu)


def distance(un: tuple[float, float], autre: tuple[float, float]) -> float:
    """Metres between two points, as the server counts them (haversine)."""
    (a, b), (c, d) = ((math.radians(x), math.radians(y)) for x, y in (un, autre))
    x = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * RAYON_TERRE_M * math.asin(math.sqrt(min(1.0, x)))


def _point(document: Document) -> tuple[float, float] | None:
    geo = document.get("_geo")
    return None if geo is None else (float(geo["lat"]), float(geo["lng"]))


def _liste(document: Document, attribut: str) -> list[Any]:
    valeur = document.get(attribut)
    return valeur if isinstance(valeur, list) else [] if valeur is None else [valeur]


def _valeurs(document: Document, attribut: str) -> set[str]:
    return {normaliser(_ecrire(v)) for v in _liste(document, attribut)}


def _ecrire(valeur: Any) -> str:
    return str(valeur).lower() if isinstance(valeur, bool) else str(valeur)
