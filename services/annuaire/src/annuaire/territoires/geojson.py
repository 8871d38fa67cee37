"""Reading a layer of QPV from GeoJSON (RFC 7946), as ANCT publishes it, with limits and places of faults."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

import shapely
from socle.errors import Faute

from annuaire.territoires.errors import CoucheInvalide, CoucheTropGrande
from annuaire.territoires.qpv import CODE_QPV, LETTRES_CONNUES, Qpv, reparer
from annuaire.territoires.rules import dans_une_boite, lire_code_insee

# The full-resolution national file is about 12 MB; these leave room and stop the rest.
OCTETS_FICHIER: Final = 64 * 2**20
OCTETS_TEXTE: Final = 192 * 2**20
QUARTIERS: Final = 5_000
SOMMETS: Final = 4_000_000
FAUTES_DITES: Final = 20
LONGUEUR_NOM: Final = 255

_CODE_2015: Final = re.compile(r"QP[0-9A-Z]{6}")
_PROPRIETES: Final = {
    "code": ("codeqp", "codeqpv", "code"),
    "nom": ("libqp", "libqpv", "nomqp", "nomqpv", "nom", "libelle"),
    "communes": ("inseecom", "inseecoms", "codeinsee", "codesinsee", "communes", "depcom"),
}
# `urn:ogc:def:crs:OGC:1.3:CRS84` and the names that exporters give to the same thing.
_WGS84: Final = re.compile(r"crs84|epsg:{1,2}4326|wgs[ _-]?84", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CoucheLue:
    """What a file holds: quarters by code, and what a person should know though it stops nothing."""

    quartiers: tuple[Qpv, ...]
    avertissements: tuple[str, ...] = ()


@dataclass(slots=True)
class _Lecture:
    fautes: list[Faute] = field(default_factory=list)
    avertissements: list[str] = field(default_factory=list)
    sommets: int = 0

    def refuser(self, pointer: str, code: str, detail: str) -> None:
        self.fautes.append(Faute(pointer, code, detail))


def lire_geojson(chemin: Path) -> CoucheLue:
    """Read a layer of quarters from a GeoJSON file, gzipped or not: a FeatureCollection of polygons in WGS84.

    Names of properties are those of ANCT (`code_qp`, `lib_qp`, `insee_com`) or near variants. Raises `CoucheInvalide`
    with the place of the first twenty faults, `CoucheTropGrande` before parsing what is too large.
    """
    if chemin.stat().st_size > OCTETS_FICHIER:
        raise CoucheTropGrande(f"{chemin.name} dépasse {OCTETS_FICHIER // 2**20} Mio.")
    return lire_octets(chemin.read_bytes())


def lire_octets(octets: bytes) -> CoucheLue:
    """Read a layer from the bytes of a file; same limits and errors as `lire_geojson`."""
    if len(octets) > OCTETS_FICHIER:
        raise CoucheTropGrande(f"Le fichier dépasse {OCTETS_FICHIER // 2**20} Mio.")
    objets = _objets(_analyser(_decompresser(octets)))
    lecture = _Lecture()
    quartiers: dict[str, Qpv] = {}
    for i, objet in enumerate(objets):
        quartier = _lire_quartier(lecture, f"/features/{i}", objet)
        if quartier is None:
            continue
        if quartier.code in quartiers:
            lecture.refuser(f"/features/{i}", "code-en-double", f"{quartier.code} est déjà dans ce fichier")
        quartiers[quartier.code] = quartier
    if lecture.fautes:
        premiere = lecture.fautes[0]
        raise CoucheInvalide(
            f"{len(lecture.fautes)} fautes, la première en {premiere.pointer} : {premiere.detail}."
            if len(lecture.fautes) > 1
            else f"Une faute en {premiere.pointer} : {premiere.detail}.",
            erreurs=lecture.fautes[:FAUTES_DITES],
        )
    if not quartiers:
        raise CoucheInvalide("Le fichier ne contient aucun quartier.")
    return CoucheLue(tuple(quartiers[code] for code in sorted(quartiers)), tuple(lecture.avertissements))


def _decompresser(octets: bytes) -> bytes:
    if octets[:2] != b"\x1f\x8b":
        return octets
    flux = zlib.decompressobj(wbits=31)
    try:
        texte = flux.decompress(octets, OCTETS_TEXTE + 1)
    except zlib.error:
        raise CoucheInvalide("Le fichier compressé (gzip) est abîmé.") from None
    if len(texte) > OCTETS_TEXTE:
        raise CoucheTropGrande(f"Décompressé, le fichier dépasse {OCTETS_TEXTE // 2**20} Mio.")
    if not flux.eof:
        raise CoucheInvalide("Le fichier compressé (gzip) est incomplet.")
    return texte


def _analyser(octets: bytes) -> Any:
    def refuser(constante: str) -> NoReturn:
        raise ValueError(f"{constante} n'est pas du JSON")

    try:
        return json.loads(octets.decode("utf-8-sig"), parse_constant=refuser)
    except UnicodeDecodeError:
        raise CoucheInvalide("Le fichier n'est pas en UTF-8.") from None
    except RecursionError:
        raise CoucheInvalide("Le fichier n'est pas du GeoJSON : il est trop profond.") from None
    except ValueError as erreur:
        raise CoucheInvalide(f"Le fichier n'est pas du JSON : {erreur}") from None


def _objets(contenu: Any) -> list[Any]:
    if not isinstance(contenu, dict) or contenu.get("type") != "FeatureCollection":
        raise CoucheInvalide("Il faut un GeoJSON de type FeatureCollection.", erreurs=[
            Faute("/type", "type-inattendu", "FeatureCollection attendu")
        ])  # fmt: skip
    crs = contenu.get("crs")
    if crs is not None and not _WGS84.search(json.dumps(crs)):
        raise CoucheInvalide(
            "Les coordonnées sont projetées : convertissez la couche en WGS84 (EPSG:4326), longitude puis latitude.",
            erreurs=[Faute("/crs", "coordonnees-projetees", "seul le WGS84 est lu")],
        )
    objets = contenu.get("features")
    if not isinstance(objets, list):
        raise CoucheInvalide("Il manque la liste des objets.", erreurs=[Faute("/features", "absent", "liste attendue")])
    if len(objets) > QUARTIERS:
        raise CoucheTropGrande(f"{len(objets)} objets : au plus {QUARTIERS} quartiers dans une couche.")
    return objets


def _lire_quartier(lecture: _Lecture, pointer: str, objet: Any) -> Qpv | None:
    proprietes = objet.get("properties") if isinstance(objet, dict) else None
    if not isinstance(proprietes, dict):
        lecture.refuser(pointer, "objet-illisible", "Feature avec des propriétés attendu")
        return None
    valeurs = {re.sub(r"[^a-z]", "", str(nom).lower()): v for nom, v in proprietes.items()}
    code = _lire_code(lecture, f"{pointer}/properties", _premiere(valeurs, "code"))
    nom = _premiere(valeurs, "nom")
    if not isinstance(nom, str) or not nom.strip() or len(nom) > LONGUEUR_NOM:
        lecture.refuser(f"{pointer}/properties", "nom-absent", "nom du quartier (lib_qp) absent ou trop long")
        nom = None
    geometrie = _lire_geometrie(lecture, f"{pointer}/geometry", objet.get("geometry"))
    if code is None or nom is None or geometrie is None:
        return None
    communes = tuple(sorted(set(_codes_insee(_premiere(valeurs, "communes")))))
    return Qpv(code, " ".join(nom.split()), communes, geometrie)


def _premiere(valeurs: dict[str, Any], quoi: str) -> Any:
    return next((valeurs[nom] for nom in _PROPRIETES[quoi] if valeurs.get(nom) not in (None, "")), None)


def _lire_code(lecture: _Lecture, pointer: str, valeur: Any) -> str | None:
    code = valeur.strip().upper() if isinstance(valeur, str) else ""
    if CODE_QPV.fullmatch(code):
        if code[-1] not in LETTRES_CONNUES:
            lecture.avertissements.append(f"{code} : lettre finale {code[-1]} inconnue (M, I, N ou C attendues)")
        return code
    if _CODE_2015.fullmatch(code):
        detail = f"{code} est un code de 2015 : il faut la couche des quartiers 2024, dont les codes commencent par QN"
        lecture.refuser(pointer, "code-2015", detail)
    else:
        lu = str(valeur)[:40] if valeur is not None else "rien"
        lecture.refuser(pointer, "code-invalide", f"code de quartier attendu (QN00101M par exemple), lu : {lu}")
    return None


def _codes_insee(valeur: Any) -> Iterator[str]:
    textes = valeur if isinstance(valeur, list) else re.split(r"[\s,;|]+", str(valeur)) if valeur else []
    for texte in textes[:50]:
        if code := lire_code_insee(str(texte)):
            yield code


def _lire_geometrie(lecture: _Lecture, pointer: str, valeur: Any) -> shapely.Geometry | None:
    genre = valeur.get("type") if isinstance(valeur, dict) else None
    if genre not in ("Polygon", "MultiPolygon"):
        lecture.refuser(pointer, "geometrie-inattendue", "Polygon ou MultiPolygon attendu")
        return None
    try:
        geometrie = shapely.from_geojson(json.dumps({"type": genre, "coordinates": valeur.get("coordinates")}))
    except (shapely.errors.ShapelyError, RecursionError):
        geometrie = None
    if geometrie is None or geometrie.is_empty or geometrie.geom_type != genre:
        lecture.refuser(pointer, "geometrie-illisible", "coordonnées illisibles")
        return None
    lecture.sommets += int(shapely.get_num_coordinates(geometrie))
    if lecture.sommets > SOMMETS:
        raise CoucheTropGrande(f"La couche dépasse {SOMMETS} sommets.")
    ouest, sud, est, nord = geometrie.bounds
    if not (-180 <= ouest <= est <= 180 and -90 <= sud <= nord <= 90):
        lecture.refuser(pointer, "coordonnees-projetees", "coordonnées projetées : seul le WGS84 (EPSG:4326) est lu")
        return None
    longitude, latitude = (ouest + est) / 2, (sud + nord) / 2
    if not dans_une_boite(latitude, longitude):
        inversees = dans_une_boite(longitude, latitude)
        detail = "longitude et latitude sont inversées" if inversees else "contour hors de France"
        lecture.refuser(pointer, "coordonnees-inversees" if inversees else "hors-de-france", detail)
        return None
    reparee: shapely.Geometry = reparer([geometrie])[0]
    if reparee.is_empty:
        lecture.refuser(pointer, "contour-sans-surface", "contour sans surface")
        return None
    return reparee
