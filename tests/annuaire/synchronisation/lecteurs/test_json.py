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


def test_une_entite_geojson_donne_ses_proprietes_et_sa_geometrie(lu: Lire) -> None:
    point = {"type": "Point", "coordinates": [4.8, 45.7]}
    entite = {"type": "Feature", "id": "a1", "geometry": point, "properties": {"nom": "Mairie"}}
    lignes, lecture = lu({"type": "FeatureCollection", "features": [entite]})
    assert valeurs(lignes) == [{"id": "a1", "geometry": point, "nom": "Mairie"}]
    assert lecture.devine.cle_json == "features"


def test_l_identifiant_des_proprietes_l_emporte_sur_celui_de_l_entite(lu: Lire) -> None:
    lignes, _ = lu([{"type": "Feature", "id": 7, "geometry": None, "properties": {"id": "cle"}}])
    assert valeurs(lignes) == [{"geometry": None, "id": "cle"}]


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
