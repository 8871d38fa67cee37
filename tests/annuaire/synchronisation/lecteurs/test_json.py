from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from annuaire.synchronisation.lecteurs import JSON, FichierRefuse, Lecture, LigneBrute, Reglages, limites, lire

from tests.fabriques.listes import objets

Lire = Callable[..., tuple[list[LigneBrute], Lecture]]


@pytest.fixture
def lu(tmp_path: Path) -> Lire:
    """Read this content as JSON: (rows, reading)."""

    def lire_tout(contenu: Any, **reglages: Any) -> tuple[list[LigneBrute], Lecture]:
        fichier = tmp_path / "liste.json"
        fichier.write_bytes(contenu if isinstance(contenu, bytes) else json.dumps(contenu).encode())
        lecture = lire(fichier, JSON, Reglages(**reglages))
        return list(lecture), lecture

    return lire_tout


def valeurs(lignes: list[LigneBrute]) -> list[dict[str, Any]]:
    return [ligne.valeurs for ligne in lignes]


def test_une_liste_donne_ses_objets_et_leur_rang(lu: Lire) -> None:
    lignes, lecture = lu(objets(3))
    assert ([ligne.ligne for ligne in lignes], valeurs(lignes)) == ([1, 2, 3], objets(3))
    assert lecture.devine.cle_json == ""


def test_les_valeurs_gardent_leur_type(lu: Lire) -> None:
    objet = {"a": 12, "b": 1.5, "c": True, "d": None, "e": ["x", {"y": []}], "f": "é", "g": -0.0, "h": 10**63}
    assert valeurs(lu([objet])[0]) == [objet]


@pytest.mark.parametrize("cle", ["data", "results", "records", "values", "features", "items", "lieux", "autre"])
def test_la_liste_est_trouvee_sous_sa_cle(lu: Lire, cle: str) -> None:
    lignes, lecture = lu({"total": 2, cle: objets(2), "suivant": None})
    assert (valeurs(lignes), lecture.devine.cle_json) == (objets(2), cle)


def test_une_cle_usuelle_l_emporte_sur_les_autres_listes(lu: Lire) -> None:
    lignes, lecture = lu({"result": {"fields": [{"id": "nom"}], "records": objets(2)}, "facets": [{"n": 1}]})
    assert (valeurs(lignes), lecture.devine.cle_json) == (objets(2), "result.records")


def test_la_cle_choisie_l_emporte(lu: Lire) -> None:
    lignes, _ = lu({"a": [{"x": 1}], "data": [{"y": 1}], "b": {"c": [{"z": 1}]}}, cle_json="b.c")
    assert valeurs(lignes) == [{"z": 1}]


def test_une_cle_choisie_absente_est_refusee(lu: Lire) -> None:
    with pytest.raises(FichierRefuse, match="lieux") as refus:
        lu({"data": objets(1)}, cle_json="lieux")
    assert refus.value.code == "format-non-reconnu"


def test_une_liste_vide_sous_une_cle_usuelle_se_lit(lu: Lire) -> None:
    lignes, lecture = lu({"results": [], "total": 0})
    assert (lignes, lecture.devine.cle_json) == ([], "results")


def test_une_liste_vide_se_lit(lu: Lire) -> None:
    assert lu(b" [ ] \n")[0] == []


def entite(geometrie: Any, **proprietes: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometrie, "properties": proprietes}


def test_une_entite_geojson_donne_ses_proprietes_et_sa_position(lu: Lire) -> None:
    mairie = {**entite({"type": "Point", "coordinates": [4.8, 45.7]}, nom="Mairie"), "id": "a1"}
    lignes, lecture = lu({"type": "FeatureCollection", "features": [mairie]})
    assert valeurs(lignes) == [{"id": "a1", "longitude": 4.8, "latitude": 45.7, "nom": "Mairie"}]
    assert lecture.devine.cle_json == "features"


def test_l_identifiant_et_la_position_des_proprietes_l_emportent(lu: Lire) -> None:
    vide = {**entite(None, id="cle"), "id": 7}
    situee = entite({"type": "Point", "coordinates": [4.8, 45.7]}, latitude="45,70", longitude="4,80")
    assert valeurs(lu([vide, situee])[0]) == [{"id": "cle"}, {"latitude": "45,70", "longitude": "4,80"}]


SURFACE = [[[0, 0], [4, 0], [4, 2], [0, 2], [0, 0]], [[1, 1], [2, 1], [2, 2], [1, 1]]]


@pytest.mark.parametrize(
    ("geometrie", "milieu"),
    [
        ({"type": "Polygon", "coordinates": SURFACE}, (2, 1)),
        (
            {"type": "MultiPolygon", "coordinates": [SURFACE, [[[10, 0], [11, 0], [11, 1], [10, 0]]]]},
            (2.5098039, 0.9607843),
        ),
        ({"type": "LineString", "coordinates": [[0, 0], [2, 4]]}, (1, 2)),
        ({"type": "MultiPoint", "coordinates": [[0, 0], [2, 4]]}, (1, 2)),
        ({"type": "GeometryCollection", "geometries": [{"type": "Polygon", "coordinates": SURFACE}]}, (2, 1)),
    ],
)
def test_une_geometrie_donne_son_milieu_et_reste_a_cote(lu: Lire, geometrie: Any, milieu: tuple[float, float]) -> None:
    attendu = {"geometry": geometrie, "longitude": milieu[0], "latitude": milieu[1], "nom": "Mairie"}
    assert valeurs(lu([entite(geometrie, nom="Mairie")])[0]) == [attendu]


def test_une_position_en_metres_donne_x_et_y(lu: Lire) -> None:
    lambert = entite({"type": "Point", "coordinates": [842_000.5, 6_519_000.25]}, nom="Mairie")
    assert valeurs(lu([lambert])[0]) == [{"x": 842_000.5, "y": 6_519_000.25, "nom": "Mairie"}]


@pytest.mark.parametrize(
    "geometrie", [{"type": "Point", "coordinates": [1]}, {"type": "Point"}, {"type": 3}, "rien", [0]]
)
def test_une_geometrie_sans_position_reste_telle_quelle(lu: Lire, geometrie: Any) -> None:
    assert valeurs(lu([entite(geometrie, nom="Mairie")])[0]) == [{"geometry": geometrie, "nom": "Mairie"}]


@pytest.mark.parametrize(
    "objet",
    [
        {"recordid": "r1", "datasetid": "lieux", "record_timestamp": "2026-01-01", "fields": {"nom": "Mairie"}},
        {"id": "r1", "createdTime": "2026-01-01", "fields": {"nom": "Mairie"}},
        {"type": "lieux", "id": "r1", "attributes": {"nom": "Mairie"}},
    ],
    ids=["opendatasoft", "airtable", "jsonapi"],
)
def test_une_fiche_est_sortie_de_son_enveloppe_avec_sa_cle(lu: Lire, objet: Any) -> None:
    assert valeurs(lu({"nhits": 1, "records": [objet]})[0]) == [{"id": "r1", "nom": "Mairie"}]


def test_un_objet_qui_dit_autre_chose_n_est_pas_une_enveloppe(lu: Lire) -> None:
    objet = {"nom": "Mairie", "fields": {"a": 1}}
    assert valeurs(lu([objet])[0]) == [objet]


def test_les_membres_d_un_export_yeswiki_sont_les_fiches(lu: Lire) -> None:
    fiches = {f"Lieu{rang}": {"bf_titre": f"Lieu {rang}", "bf_ville": "Lyon", "bf_tel": None} for rang in range(3)}
    fiches["Lieu1"]["id_fiche"] = "Lieu1"
    lignes, lecture = lu(fiches)
    assert lecture.devine.cle_json == "*"
    assert valeurs(lignes)[0] == {"id": "Lieu0", **fiches["Lieu0"]}
    assert valeurs(lignes)[1] == fiches["Lieu1"]


def test_une_cle_de_fiche_ecrite_deux_fois_est_refusee(lu: Lire) -> None:
    fiche = b'{"a": 1, "b": 2, "c": 3}'
    with pytest.raises(FichierRefuse) as refus:
        lu(b'{"x": ' + fiche + b', "y": ' + fiche + b', "x": ' + fiche + b"}")
    assert refus.value.code == "cle-json-dupliquee"


def test_une_liste_de_donnees_liees_est_trouvee(lu: Lire) -> None:
    lignes, lecture = lu({"@context": {"nom": "schema:name"}, "@graph": [{"nom": "Mairie"}], "tags": [{"a": 1}]})
    assert (valeurs(lignes), lecture.devine.cle_json) == ([{"nom": "Mairie"}], "@graph")


@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig", "utf-16"])
def test_les_encodages_du_json_sont_lus(lu: Lire, encodage: str) -> None:
    texte = json.dumps([{"nom": "Écully 😀"}], ensure_ascii=False)
    assert valeurs(lu(texte.encode(encodage))[0]) == [{"nom": "Écully 😀"}]


def test_un_utf_16_coupe_est_refuse(lu: Lire) -> None:
    with pytest.raises(FichierRefuse) as refus:
        lu(json.dumps(objets(2)).encode("utf-16")[:-1])
    assert refus.value.code == "encodage-invalide"


def test_une_paire_de_substituts_est_un_caractere(lu: Lire) -> None:
    assert valeurs(lu(b'[{"nom": "\\ud83d\\ude00"}]')[0]) == [{"nom": "😀"}]


def test_des_blancs_plus_longs_que_la_fenetre_de_lecture_sont_sautes(lu: Lire) -> None:
    blancs = b" " * (3 * limites.MIO + 17)
    lignes, _ = lu(b"[" + blancs + b'{"id":' + b"1}" + blancs + b"," + blancs + b'{"id": 2}' + blancs + b"]")
    assert valeurs(lignes) == [{"id": 1}, {"id": 2}]


def test_une_liste_plus_longue_que_la_fenetre_de_lecture_est_lue_en_entier(lu: Lire) -> None:
    liste = [{"id": rang, "nom": "é" * 700} for rang in range(9_000)]
    octets = json.dumps(liste, ensure_ascii=False, indent=1).encode()
    assert len(octets) > 10 * limites.MIO
    assert valeurs(lu(octets)[0]) == liste


def test_la_place_d_une_faute_lointaine_est_juste(lu: Lire) -> None:
    bons = b"".join(b'{"nom": "' + b"x" * 1000 + b'"},\n' for _ in range(5000))
    with pytest.raises(FichierRefuse) as refus:
        lu(b"[\n" + bons + b'{"nom": tru}]')
    assert (refus.value.code, refus.value.place.ligne, refus.value.place.colonne) == ("json-invalide", 5002, 9)


def test_une_cle_en_double_dans_l_enveloppe_est_refusee(lu: Lire) -> None:
    with pytest.raises(FichierRefuse) as refus:
        lu(b'{"data": [{"id": 1}], "data": [{"id": 2}]}')
    assert (refus.value.code, refus.value.place.colonne) == ("cle-json-dupliquee", 23)


@pytest.mark.parametrize(
    ("texte", "colonne"),
    [
        (b'[{"a": 1,}]', 10),
        (b'[{"a": [1,]}]', 11),
        (b'[{"a": 01}]', 9),
        (b'[{"a": +1}]', 8),
        (b"[{'a': 1}]", 3),
        (b"[{a: 1}]", 3),
        (b'[{"a" 1}]', 7),
        (b'[{"a": "\t"}]', 9),
        (b'[{"a": 1]', 9),
        (b'[{"a": [1}]', 10),
        (b'[{"a": 1} {"a": 2}]', 11),
        (b'[{"a": truc}]', 8),
        (b'[{"a": Infinity}]', 8),
    ],
)
def test_une_faute_de_syntaxe_est_montree_du_doigt(lu: Lire, texte: bytes, colonne: int) -> None:
    with pytest.raises(FichierRefuse) as refus:
        lu(texte)
    assert (refus.value.code, refus.value.place.ligne, refus.value.place.colonne) == ("json-invalide", 1, colonne)


def _niveaux(total: int) -> bytes:
    """A list of one object whose value is nested: `total` levels in all."""
    return b'[{"a":' + b"[" * (total - 2) + b"]" * (total - 2) + b"}]"


@pytest.mark.parametrize(
    ("permis", "interdit", "code"),
    [
        (_niveaux(32), _niveaux(33), "json-trop-profond"),
        ([{f"c{i}": 1 for i in range(500)}], [{f"c{i}": 1 for i in range(501)}], "json-trop-grand"),
        ([{"a": [1] * 10_000}], [{"a": [1] * 10_001}], "json-trop-grand"),
        ([{"a": "x" * 20_000}], [{"a": "x" * 20_001}], "json-trop-grand"),
        ([{"x" * 20_000: 1}], [{"x" * 20_001: 1}], "json-trop-grand"),
        (b'[{"a": ' + b"9" * 64 + b"}]", b'[{"a": ' + b"9" * 65 + b"}]", "json-trop-grand"),
        (b'[{"a": 0.' + b"9" * 63 + b"}]", b'[{"a": 0.' + b"9" * 64 + b"}]", "json-trop-grand"),
        ({**{f"c{i}": 1 for i in range(499)}, "data": []}, {**{f"c{i}": 1 for i in range(500)}, "data": []},
         "json-trop-grand"),
        ([{f"c{i}": "x" * 10_400 for i in range(100)}], [{f"c{i}": "x" * 10_500 for i in range(100)}],
         "ligne-trop-longue"),
    ],
    ids=["niveaux", "cles", "elements", "chaine", "cle", "entier", "reel", "enveloppe", "element"],
)  # fmt: skip
def test_une_limite_laisse_passer_ce_qui_la_touche_et_refuse_au_dela(
    lu: Lire, permis: Any, interdit: Any, code: str
) -> None:
    lu(permis)
    with pytest.raises(FichierRefuse) as refus:
        lu(interdit)
    assert refus.value.code == code


def test_le_nombre_d_elements_permis_passe(lu: Lire) -> None:
    assert len(lu(objets(limites.LIGNES))[0]) == 50_000


def test_trop_de_listes_parmi_lesquelles_choisir_est_refuse(lu: Lire) -> None:
    enveloppe = {f"g{i}": {f"l{j}": [{"x": 1}] for j in range(20)} for i in range(6)}
    with pytest.raises(FichierRefuse) as refus:
        lu(enveloppe)
    assert refus.value.code == "liste-json-ambigue"


def test_une_enveloppe_plus_longue_que_permis_est_refusee(lu: Lire) -> None:
    def enveloppe(membres: int) -> dict[str, Any]:
        return {f"g{i}": {f"c{j}": 1 for j in range(499)} for i in range(membres // 500)} | {"data": []}

    assert lu(enveloppe(9_999))[0] == []
    with pytest.raises(FichierRefuse) as refus:
        lu(enveloppe(10_000))
    assert (refus.value.code, refus.value.extra["limite"]) == ("json-trop-grand", "enveloppe")
