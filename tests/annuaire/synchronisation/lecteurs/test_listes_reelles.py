"""The real lists, read whole: rows, headers and guesses. Nothing of their content is kept here."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from annuaire.synchronisation.lecteurs import CSV, JSON, XLSX, lire

pytestmark = pytest.mark.donnees_reelles

ATTENDUES = [
    ("standard/exemple-valide-v1.csv", CSV, 1, 32),
    ("standard/cnfs-v0.json", JSON, 4930, None),
    ("standard/hinaura-v0.json", JSON, 687, None),
    ("standard/hub-du-sud-v0.json", JSON, 792, None),
    ("standard/hub-du-sud-v1-partiel.json", JSON, 646, None),
    ("standard/charente-v0.json", JSON, 188, None),
    ("standard/charente-v1-partiel.json", JSON, 188, None),
    ("standard/nouvelle-caledonie-v1-partiel.json", JSON, 90, None),
    ("brut/hinaura-yeswiki.json", JSON, 1171, None),
    ("brut/france-services-20221201.csv", CSV, 2683, 23),
    ("brut/bfc-ternum.csv", CSV, 697, 29),
    ("brut/haute-vienne.json", JSON, 561, None),
    ("brut/le-havre.json", JSON, 80, None),
    ("brut/nouvelle-caledonie.json", JSON, 92, None),
    ("geo/acteurs/france-services-20240801.csv", CSV, 2845, 24),
    ("geo/acteurs/france-services-2021.geojson", JSON, 908, None),
    ("geo/acteurs/conseillers-numeriques-structures-2022.json", JSON, 1450, None),
]


@pytest.mark.parametrize(("nom", "type_mime", "nombre", "colonnes"), ATTENDUES, ids=[a[0] for a in ATTENDUES])
def test_une_liste_reelle_est_lue_en_entier_sans_anomalie_de_forme(
    jeux: Path, nom: str, type_mime: str, nombre: int, colonnes: int | None
) -> None:
    lecture = lire(jeux / nom, type_mime)
    lignes = list(lecture)
    assert len(lignes) == nombre
    assert [anomalie.code for ligne in lignes for anomalie in ligne.anomalies] == []
    assert lecture.devine.encodage == "utf-8"
    if colonnes is not None:
        assert (len(lecture.devine.colonnes), lecture.devine.ligne_entetes) == (colonnes, 1)
        assert lecture.devine.lignes_vides == 0


@pytest.mark.parametrize("nom", ["brut/france-services-20221201.csv", "brut/bfc-ternum.csv"])
def test_une_liste_reelle_mise_en_classeur_sous_un_titre_dit_la_meme_chose(
    jeux: Path, tmp_path: Path, nom: str
) -> None:
    lecture = lire(jeux / nom, CSV)
    lignes = list(lecture)
    with xlsxwriter.Workbook(tmp_path / "liste.xlsx", {"strings_to_urls": False}) as livre:
        livre.add_worksheet("Lisez-moi").write(0, 0, "Comment remplir ce classeur")
        feuille = livre.add_worksheet("Lieux")
        feuille.write(0, 0, "Lieux au 1er décembre")
        for rang, valeurs in enumerate([lecture.devine.colonnes, *(ligne.valeurs.values() for ligne in lignes)], 3):
            for colonne, valeur in enumerate(valeurs):
                feuille.write_string(rang, colonne, valeur)
    relues = list(lire(tmp_path / "liste.xlsx", XLSX))
    assert [ligne.ligne for ligne in relues] == list(range(5, len(lignes) + 5))
    for relue, ligne in zip(relues, lignes, strict=True):
        assert {nom: valeur or "" for nom, valeur in relue.valeurs.items()} == ligne.valeurs
