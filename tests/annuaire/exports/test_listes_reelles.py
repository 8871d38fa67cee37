"""Real lists: what a source exports and sends back changes nothing, and every point stays where it was."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import shapely
from annuaire.lieux.tables import Fiche
from annuaire.territoires.referentiel import Referentiel
from sqlalchemy import select
from sqlmodel import col

from tests.fabriques.annuaire import ADMIN, CSV, NDJSON, Annuaire, en_json, ouvrir
from tests.fabriques.formules import executerait, ouvrir_en_classeur, relire

pytestmark = [pytest.mark.anyio, pytest.mark.donnees_reelles]

LISTES = (
    "cnfs-v0.json", "hub-du-sud-v0.json", "hub-du-sud-v1-partiel.json", "charente-v0.json",
    "charente-v1-partiel.json", "hinaura-v0.json", "nouvelle-caledonie-v1-partiel.json", "exemple-valide-v1.csv",
)  # fmt: skip
SCHEMA = Path("standard", "schema-v1.0.2.json")
ECHANTILLON = 150
BASE = "Convention d'exemple, article 3"
#: Degrees around the middles of the communes of a département: those of Guyane are wide.
MARGE = 1.0
VIDE = {"crees": 0, "modifies": 0, "supprimes": 0}


@pytest.fixture
async def vierge(tmp_path: Path) -> AsyncIterator[Annuaire]:
    """An annuaire of its own."""
    async with ouvrir(tmp_path, f"sqlite:{tmp_path / 'annuaire.db'}") as annuaire:
        yield annuaire


def lire_liste(fichier: Path) -> list[dict[str, Any]]:
    if fichier.suffix == ".json":
        lignes: list[dict[str, Any]] = json.loads(fichier.read_text("utf-8"))
        return lignes
    with fichier.open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


async def charger(annuaire: Annuaire, lignes: list[dict[str, Any]], **source: Any) -> str:
    """Load a list as a source, confirming what a guard holds: lists with many bad rows are those that matter."""
    id = await annuaire.creer_source(cle_derivee=["nom", "adresse", "code_insee"], **source)
    run = await annuaire.finir((await annuaire.envoyer(id, en_json(lignes))).json()["id"])
    if run["etat"] == "retenue":
        confirmer = {g["regle"]: g["valeur"] for g in run["garde"] if g["declenchee"]}
        corps = {"confirmer": confirmer, "motif": "liste réelle"}
        await annuaire.post(f"/synchronisations/{run['id']}/application", corps=corps)
        run = await annuaire.finir(run["id"])
    assert run["etat"] == "appliquee", run
    return id


async def fiches(annuaire: Annuaire, source: str) -> dict[str, str]:
    """Return the fingerprint of each record in force, by key."""
    async with annuaire.base.read() as session:
        lues = await session.execute(
            select(col(Fiche.cle), col(Fiche.empreinte)).where(col(Fiche.source_id) == source, ~col(Fiche.retiree))
        )
        return {ligne.cle: ligne.empreinte for ligne in lues}


async def renvoyer(annuaire: Annuaire, source: str, octets: bytes, type_mime: str) -> dict[str, int]:
    run = await annuaire.synchroniser(source, octets, type_mime=type_mime)
    return {nom: run["plan"][nom] for nom in VIDE}


def champs_du_schema(schema: Path) -> dict[str, dict[str, Any]]:
    """Return the constraints of each column, in the order of the published schema."""
    return {champ["name"]: champ.get("constraints", {}) for champ in json.loads(schema.read_text("utf-8"))["fields"]}


async def refusees_par_le_schema(annuaire: Annuaire, source: str, schema: Path) -> list[tuple[str, str]]:
    """Return the cells of the strict export that the published schema refuses, empty ones aside."""
    octets = (await annuaire.get(f"/sources/{source}/lieux.csv", strict=1)).content
    champs = champs_du_schema(schema)
    motifs = {nom: re.compile(regles.get("pattern", "")) for nom, regles in champs.items()}
    entetes, *rangees = relire(octets, delimiteur=",")
    assert entetes == list(champs)
    return [
        (nom, cellule)
        for rangee in rangees
        for nom, cellule in zip(entetes, rangee, strict=True)
        if cellule and (not motifs[nom].search(cellule) or len(cellule) > champs[nom].get("maxLength", 20_000))
    ]


async def verifier(annuaire: Annuaire, lignes: list[dict[str, Any]], schema: Path) -> dict[str, int]:
    """Export, send back, compare; returns counts."""
    source = await charger(annuaire, lignes, base_contacts=BASE)
    avant, flux = await fiches(annuaire, source), len(await annuaire.flux())
    exports: dict[str, bytes] = {}
    for format in ("csv", "excel", "ndjson"):
        reponse = await annuaire.get("/exports/lieux", format=format, source=source)
        exports[format] = reponse.content
    moisson = (await annuaire.get(f"/sources/{source}/lieux.csv")).content
    assert moisson == exports["csv"]
    for format, octets in exports.items():
        if format != "ndjson":
            assert await renvoyer(annuaire, source, octets, CSV) == VIDE, format
    # the last line counts, and is not a place
    sans_fin = b"".join(exports["ndjson"].splitlines(keepends=True)[:-1])
    assert await renvoyer(annuaire, source, sans_fin, NDJSON) == VIDE
    assert await fiches(annuaire, source) == avant
    assert len(await annuaire.flux()) == flux
    for format in ("csv", "excel"):
        neuve = await annuaire.creer_source(base_contacts=BASE)
        run = await annuaire.synchroniser(neuve, exports[format], type_mime=CSV)
        assert run["lignes"]["rejetees"] == 0
        assert await fiches(annuaire, neuve) == avant
    cellules = relire(exports["excel"], delimiteur=";")
    executees = [cellule for ligne in cellules for cellule in ligne if executerait(cellule)]
    formules, _ = ouvrir_en_classeur(cellules)
    assert (executees, formules) == ([], 0)
    assert len(cellules) == len(relire(exports["csv"], delimiteur=",")) == len(avant) + 1
    assert await refusees_par_le_schema(annuaire, source, schema) == []
    points = await situer(annuaire, source)
    return {"lieux": len(avant), "cellules": sum(map(len, cellules)), "points": points}


async def situer(annuaire: Annuaire, source: str) -> int:
    """Check each point of the map and of the table, read by others, against the middle of its commune."""
    carte = (await annuaire.get("/exports/lieux", format="geojson", source=source)).json()
    octets = (await annuaire.get("/exports/lieux", format="csv", source=source)).content
    table = {ligne["id"]: ligne for ligne in csv.DictReader(io.StringIO(octets.decode(), newline=""))}
    referentiel = Referentiel.charger()
    verifies = 0
    ouest, sud, est, nord = carte.get("bbox", (0, 0, 0, 0))
    for trait in carte["features"]:
        ligne, fiche = table[trait["id"]], trait["properties"]
        if trait["geometry"] is None:
            assert (ligne["latitude"], ligne["longitude"]) == ("", "")
            continue
        point = shapely.from_geojson(json.dumps(trait["geometry"]))
        assert (point.x, point.y) == (float(ligne["longitude"]), float(ligne["latitude"]))
        assert ouest <= point.x <= est
        assert sud <= point.y <= nord
        assert en_france(point.x, point.y), trait["id"]
        verifies += 1
        commune = referentiel.commune(fiche["code_insee"]) if fiche["code_insee"] else None
        if commune is not None and commune.latitude is not None and commune.longitude is not None:
            ecart = abs(point.y - commune.latitude) + abs(point.x - commune.longitude)
            inverse = abs(point.x - commune.latitude) + abs(point.y - commune.longitude)
            assert ecart < inverse, trait["id"]
    return verifies


#: Collectivities whose communes have no point in the reference, from an atlas: west, south, east, north.
COLLECTIVITES = {
    "975": (-56.5, 46.7, -56.1, 47.2),
    "986": (-178.3, -14.4, -176.1, -13.1),
    "987": (-154.8, -27.7, -134.4, -7.8),
    "988": (163.5, -22.9, 168.2, -19.5),
}


@cache
def boites() -> list[tuple[float, float, float, float]]:
    """Return the box of each département of the reference, overseas included: west, south, east, north."""
    par_departement: dict[str, list[tuple[float, float]]] = {}
    for commune in Referentiel.charger().communes():
        if commune.latitude is not None and commune.longitude is not None:
            par_departement.setdefault(commune.departement, []).append((commune.longitude, commune.latitude))
    du_referentiel = [
        (min(x for x, _ in p) - MARGE, min(y for _, y in p) - MARGE, max(x for x, _ in p) + MARGE,
         max(y for _, y in p) + MARGE)
        for p in par_departement.values()
    ]  # fmt: skip
    return [*du_referentiel, *COLLECTIVITES.values()]


def en_france(x: float, y: float) -> bool:
    return any(ouest <= x <= est and sud <= y <= nord for ouest, sud, est, nord in boites())


@pytest.mark.parametrize("nom", LISTES)
async def test_un_echantillon_exporte_puis_renvoye_ne_change_rien(vierge: Annuaire, jeux: Path, nom: str) -> None:
    lignes = lire_liste(jeux / "standard" / nom)
    compte = await verifier(vierge, lignes[:: max(1, len(lignes) // ECHANTILLON)], jeux / SCHEMA)
    assert 0 < compte["lieux"] <= 2 * ECHANTILLON


@pytest.mark.epreuve
@pytest.mark.parametrize("nom", LISTES)
async def test_une_liste_entiere_exportee_puis_renvoyee_ne_change_rien(
    vierge: Annuaire, jeux: Path, nom: str, capsys: pytest.CaptureFixture[str]
) -> None:
    compte = await verifier(vierge, lire_liste(jeux / "standard" / nom), jeux / SCHEMA)
    with capsys.disabled():
        print(
            f"\n  {nom} : {compte['lieux']} lieux exportés et renvoyés (csv, excel, ndjson) : 0 créé, 0 modifié, "
            f"0 supprimé ; {compte['cellules']} cellules, 0 formule, 0 refusée par le schéma en strict ; "
            f"{compte['points']} points, 0 inversé"
        )
    assert compte["lieux"] > 0


async def test_sans_base_publique_ses_propres_fiches_reviennent_entieres(vierge: Annuaire, jeux: Path) -> None:
    lignes = lire_liste(jeux / "standard" / "hinaura-v0.json")[::5]
    source = await charger(vierge, lignes)
    avant = await fiches(vierge, source)
    for format in ("csv", "excel"):
        reponse = await vierge.get("/exports/lieux", qui=ADMIN, format=format, source=source, contacts="tous")
        assert await renvoyer(vierge, source, reponse.content, CSV) == VIDE
    assert await fiches(vierge, source) == avant
    publique = await vierge.get("/exports/lieux", format="csv", source=source)
    # what the public copy hides would be lost by sending it back: a guard holds it
    retenue = await vierge.synchroniser(source, publique.content, type_mime=CSV, etat="retenue")
    assert {g["regle"] for g in retenue["garde"] if g["declenchee"]} == {"effacement_masse"}
    assert retenue["plan"]["modifies"] > 0
