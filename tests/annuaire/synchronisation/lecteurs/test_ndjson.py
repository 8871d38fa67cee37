from __future__ import annotations

import json
from pathlib import Path

import pytest
from annuaire.synchronisation.lecteurs import NDJSON, FichierRefuse, LigneBrute, limites, lire


def lu(dossier: Path, contenu: bytes) -> list[LigneBrute]:
    fichier = dossier / "liste.ndjson"
    fichier.write_bytes(contenu)
    return list(lire(fichier, NDJSON))


def test_chaque_ligne_donne_un_objet_et_son_numero(tmp_path: Path) -> None:
    lignes = lu(tmp_path, '{"id": 1, "nom": "é"}\r\n\n  {"id": 2}  \n'.encode())
    assert [(ligne.ligne, ligne.valeurs) for ligne in lignes] == [(1, {"id": 1, "nom": "é"}), (3, {"id": 2})]


def test_les_lignes_vides_sont_comptees(tmp_path: Path) -> None:
    fichier = tmp_path / "liste"
    fichier.write_bytes(b'\n{"id": 1}\n   \n')
    lecture = lire(fichier, NDJSON)
    assert len(list(lecture)) == 1
    assert lecture.devine.lignes_vides == 2


def test_la_faute_est_montree_a_sa_ligne(tmp_path: Path) -> None:
    with pytest.raises(FichierRefuse) as refus:
        lu(tmp_path, b'{"id": 1}\n{"id": 2}\n {"id": NaN}\n')
    assert (refus.value.code, refus.value.place.ligne, refus.value.place.colonne) == ("json-invalide", 3, 9)


def test_le_nombre_de_lignes_permis_passe_et_une_de_plus_est_refusee(tmp_path: Path) -> None:
    assert len(lu(tmp_path, b"{}\n" * limites.LIGNES)) == 50_000
    with pytest.raises(FichierRefuse) as refus:
        lu(tmp_path, b"{}\n" * (limites.LIGNES + 1))
    assert (refus.value.code, refus.value.place.ligne) == ("trop-de-lignes", 50_001)


def test_une_ligne_de_la_longueur_permise_passe_et_un_caractere_de_plus_est_refuse(tmp_path: Path) -> None:
    objet = json.dumps({f"c{rang}": "x" * 10_000 for rang in range(104)}).encode()
    bourre = objet + b" " * (limites.OCTETS_LIGNE - len(objet))
    assert len(lu(tmp_path, bourre)[0].valeurs) == 104
    with pytest.raises(FichierRefuse) as refus:
        lu(tmp_path, b"{}\n" + bourre + b" ")
    assert (refus.value.code, refus.value.place.ligne) == ("ligne-trop-longue", 2)


def test_un_octet_hors_de_l_utf_8_est_montre_a_sa_ligne(tmp_path: Path) -> None:
    with pytest.raises(FichierRefuse) as refus:
        lu(tmp_path, b'{"id": 1}\n{"nom": "caf\xe9"}\n')
    assert (refus.value.code, refus.value.place.ligne, refus.value.place.octet) == ("encodage-invalide", 2, 22)
