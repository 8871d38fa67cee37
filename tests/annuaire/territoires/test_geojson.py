"""Reading a layer of quarters: names of properties, limits, clear refusals with the place of the fault."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest
from annuaire.territoires import geojson
from annuaire.territoires.errors import CoucheInvalide, CoucheTropGrande
from annuaire.territoires.geojson import lire_geojson, lire_octets

REIMS = [[[4.03, 49.25], [4.04, 49.25], [4.04, 49.26], [4.03, 49.26], [4.03, 49.25]]]
LAMBERT = [[[774_000, 6_906_000], [775_000, 6_906_000], [775_000, 6_907_000], [774_000, 6_906_000]]]


def objet(
    code: Any = "QN05101M", nom: Any = "Quartier fictif", coordonnees: Any = REIMS, **proprietes: Any
) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code_qp": code, "lib_qp": nom, "insee_com": "51454", **proprietes},
        "geometry": {"type": "Polygon", "coordinates": coordonnees},
    }


def couche(*objets: Any, **membres: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(objets), **membres}).encode()


def refus(octets: bytes) -> CoucheInvalide:
    with pytest.raises(CoucheInvalide) as attrape:
        lire_octets(octets)
    return attrape.value


def test_les_noms_officiels_sont_lus() -> None:
    (quartier,) = lire_octets(couche(objet())).quartiers
    assert (quartier.code, quartier.nom, quartier.communes) == ("QN05101M", "Quartier fictif", ("51454",))


@pytest.mark.parametrize(
    "proprietes",
    [
        {"CODE_QP": "QN05101M", "LIB_QP": "Quartier fictif", "INSEE_COM": "51454"},
        {"code_qpv": "QN05101M", "nom_qpv": "Quartier fictif", "insee_com": ["51454"]},
        {"codeQpv": "qn05101m ", "nom_qp": " Quartier  fictif", "code_insee": 51454},
        {"code": "QN05101M", "libelle": "Quartier fictif", "depcom": "51454, 51454"},
    ],
)
def test_des_noms_voisins_sont_reconnus(proprietes: dict[str, Any]) -> None:
    lu = {**objet(), "properties": proprietes}
    (quartier,) = lire_octets(couche(lu)).quartiers
    assert (quartier.code, quartier.nom, quartier.communes) == ("QN05101M", "Quartier fictif", ("51454",))


def test_un_quartier_a_cheval_garde_toutes_ses_communes() -> None:
    (quartier,) = lire_octets(couche(objet(insee_com="59512,59378"))).quartiers
    assert quartier.communes == ("59378", "59512")


def test_un_fichier_compresse_ou_avec_marque_d_ordre_est_lu(tmp_path: Path) -> None:
    chemin = tmp_path / "qpv.geojson.gz"
    chemin.write_bytes(gzip.compress(b"\xef\xbb\xbf" + couche(objet())))
    assert len(lire_geojson(chemin).quartiers) == 1


def test_les_quartiers_sortent_par_code() -> None:
    lue = lire_octets(couche(objet("QN05102M"), objet("QN05101M")))
    assert [q.code for q in lue.quartiers] == ["QN05101M", "QN05102M"]


def test_une_lettre_inconnue_est_acceptee_avec_un_avertissement() -> None:
    lue = lire_octets(couche(objet("QN05101X")))
    assert lue.quartiers[0].code == "QN05101X"
    assert lue.avertissements == ("QN05101X : lettre finale X inconnue (M, I, N ou C attendues)",)
    assert lire_octets(couche(objet("QN02B01C"))).avertissements == ()


def test_un_code_de_2015_est_refuse_clairement() -> None:
    erreur = refus(couche(objet("QP051001")))
    assert erreur.erreurs[0].code == "code-2015"
    assert "QP051001 est un code de 2015" in erreur.detail


@pytest.mark.parametrize("code", ["", None, "QN5101M", "QN051010M", "XN05101M", 5101, "QN05101M ; DROP", ["QN05101M"]])
def test_un_code_mal_forme_est_refuse_a_sa_place(code: Any) -> None:
    erreur = refus(couche(objet(), objet(code)))
    assert [(f.pointer, f.code) for f in erreur.erreurs] == [("/features/1/properties", "code-invalide")]


def test_un_code_en_double_est_refuse() -> None:
    assert refus(couche(objet(), objet())).erreurs[0].code == "code-en-double"


@pytest.mark.parametrize("nom", [None, "", "   ", 12, "x" * 256])
def test_un_quartier_sans_nom_est_refuse(nom: Any) -> None:
    assert refus(couche(objet(nom=nom))).erreurs[0].code == "nom-absent"


def test_des_coordonnees_projetees_sont_refusees_clairement() -> None:
    assert refus(couche(objet(coordonnees=LAMBERT))).erreurs[0].code == "coordonnees-projetees"
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    erreur = refus(couche(objet(), crs=crs))
    assert (erreur.erreurs[0].pointer, erreur.erreurs[0].code) == ("/crs", "coordonnees-projetees")
    assert "WGS84" in erreur.detail


@pytest.mark.parametrize("nom", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"])
def test_le_wgs84_annonce_est_admis(nom: str) -> None:
    assert lire_octets(couche(objet(), crs={"type": "name", "properties": {"name": nom}})).quartiers


def test_longitude_et_latitude_inversees_se_voient() -> None:
    inversees = [[[y, x] for x, y in REIMS[0]]]
    assert refus(couche(objet(coordonnees=inversees))).erreurs[0].code == "coordonnees-inversees"


def test_un_contour_hors_de_france_est_refuse() -> None:
    berlin = [[[13.4, 52.5], [13.41, 52.5], [13.41, 52.51], [13.4, 52.5]]]
    assert refus(couche(objet(coordonnees=berlin))).erreurs[0].code == "hors-de-france"


@pytest.mark.parametrize(
    "geometrie",
    [
        None,
        {"type": "Point", "coordinates": [4.03, 49.25]},
        {"type": "LineString", "coordinates": REIMS[0]},
        "POLYGON((0 0, 1 1, 1 0, 0 0))",
    ],
)
def test_ce_qui_n_est_pas_un_polygone_est_refuse(geometrie: Any) -> None:
    erreur = refus(couche({**objet(), "geometry": geometrie}))
    assert (erreur.erreurs[0].pointer, erreur.erreurs[0].code) == ("/features/0/geometry", "geometrie-inattendue")


@pytest.mark.parametrize("coordonnees", [None, [], [[]], [[[4, 49]]], [[["a", "b"]]], [[[4.03], [4.04]]], 12, {"x": 1}])
def test_des_coordonnees_illisibles_sont_refusees_a_leur_place(coordonnees: Any) -> None:
    erreur = refus(couche(objet(coordonnees=coordonnees)))
    assert erreur.erreurs[0].pointer == "/features/0/geometry"
    assert erreur.erreurs[0].code == "geometrie-illisible"


def test_un_contour_sans_surface_est_refuse() -> None:
    plat = [[[4.03, 49.25], [4.04, 49.25], [4.03, 49.25], [4.03, 49.25]]]
    assert refus(couche(objet(coordonnees=plat))).erreurs[0].code == "contour-sans-surface"


def test_un_contour_qui_se_croise_est_repare_a_la_lecture() -> None:
    noeud = [[[4.03, 49.25], [4.04, 49.26], [4.04, 49.25], [4.03, 49.26], [4.03, 49.25]]]
    (quartier,) = lire_octets(couche(objet(coordonnees=noeud))).quartiers
    assert quartier.geometrie.is_valid
    assert quartier.geometrie.area > 0


def test_l_altitude_est_laissee_de_cote() -> None:
    (quartier,) = lire_octets(couche(objet(coordonnees=[[[x, y, 80.0] for x, y in REIMS[0]]]))).quartiers
    assert not quartier.geometrie.has_z


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x00\x01\x02",
        b"\xff\xfe{}",
        b"[1, 2",
        b"[]",
        b'{"type": "Feature"}',
        b'{"type": "FeatureCollection"}',
        b'{"type": "FeatureCollection", "features": {}}',
        b'{"type": "FeatureCollection", "features": []}',
        b'{"type": "FeatureCollection", "features": [null]}',
        b'{"type": "FeatureCollection", "features": [{"properties": []}]}',
        b'{"type": "FeatureCollection", "features": [NaN]}',
        b"<html>Connexion requise</html>",
        b"[" * 100_000,
        b"\x1f\x8b\x08\x00pas du gzip",
    ],
)
def test_un_fichier_qui_n_est_pas_une_couche_est_refuse_sans_autre_exception(octets: bytes) -> None:
    assert refus(octets).statut == 422


def test_un_fichier_compresse_coupe_est_refuse() -> None:
    assert "incomplet" in refus(gzip.compress(couche(objet()))[:-12]).detail


def test_seules_les_vingt_premieres_fautes_sont_dites() -> None:
    erreur = refus(couche(*[objet("?") for _ in range(30)]))
    assert len(erreur.erreurs) == 20
    assert erreur.detail.startswith("30 fautes")


@pytest.mark.parametrize(
    ("limite", "valeur", "preparer"),
    [
        ("OCTETS_FICHIER", 100, lambda octets: octets),
        ("OCTETS_TEXTE", 100, gzip.compress),
        ("QUARTIERS", 1, lambda octets: octets),
        ("SOMMETS", 9, lambda octets: octets),
    ],
)
def test_chaque_limite_refuse_ce_qui_la_depasse(
    monkeypatch: pytest.MonkeyPatch, limite: str, valeur: int, preparer: Callable[[bytes], bytes]
) -> None:
    octets = preparer(couche(objet(), objet("QN05102M")))
    assert len(lire_octets(octets).quartiers) == 2
    monkeypatch.setattr(geojson, limite, valeur)
    with pytest.raises(CoucheTropGrande) as attrape:
        lire_octets(octets)
    assert attrape.value.statut == 413


def test_un_fichier_trop_gros_n_est_pas_ouvert(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chemin = tmp_path / "qpv.geojson"
    chemin.write_bytes(couche(objet()))
    monkeypatch.setattr(geojson, "OCTETS_FICHIER", 10)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("le fichier a été lu"))
    with pytest.raises(CoucheTropGrande):
        lire_geojson(chemin)


def test_une_bombe_de_compression_s_arrete_a_la_limite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geojson, "OCTETS_TEXTE", 1_000_000)
    with pytest.raises(CoucheTropGrande):
        lire_octets(gzip.compress(b" " * 50_000_000))


def test_la_couche_fictive_couvre_la_metropole_et_l_outre_mer() -> None:
    with as_file(files("annuaire.territoires") / "demonstration" / "qpv-fictifs.geojson") as chemin:
        lue = lire_geojson(chemin)
    assert len(lue.quartiers) == 13
    assert all(q.code.endswith("X") and "fictif" in q.nom for q in lue.quartiers)
    assert {"971", "974"} < {q.code[2:5] for q in lue.quartiers}


@pytest.mark.donnees_reelles
def test_la_couche_nationale_est_lue_en_entier(jeux: Path) -> None:
    lue = lire_geojson(jeux / "geo" / "qpv" / "qpv-2024-polygones.geojson.gz")
    assert len(lue.quartiers) == 1_584
    assert lue.avertissements == ()
    assert all(q.geometrie.is_valid and q.communes for q in lue.quartiers)
