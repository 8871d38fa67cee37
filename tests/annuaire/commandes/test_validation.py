"""`annuaire correspondance valider`: a document checked and tried, without network."""

from __future__ import annotations

import json
from pathlib import Path

from annuaire.cli import app
from typer.testing import CliRunner

DOCUMENT = """
maillage: 1
cle: {deriver: [nom, code_insee]}
regrouper: {par: [nom, commune]}
champs:
  nom: Intitule
  commune: Ville
  services: {constante: Aide aux démarches administratives}
"""


def _lancer(*arguments: str) -> tuple[int, str, str]:
    resultat = CliRunner().invoke(app, ["correspondance", "valider", *arguments])
    return resultat.exit_code, resultat.stdout, resultat.stderr


def test_un_document_valide_le_dit(tmp_path: Path) -> None:
    document = tmp_path / "doc.yaml"
    document.write_text(DOCUMENT, encoding="utf-8")
    assert _lancer(str(document)) == (0, "doc.yaml est valide.\n", "")


def test_un_document_faux_dit_ses_fautes_a_leur_place(tmp_path: Path) -> None:
    document = tmp_path / "doc.yaml"
    document.write_text(DOCUMENT.replace("commune: Ville", "comune: Ville"), encoding="utf-8")
    code, _, erreur = _lancer(str(document))
    assert code == 1
    assert "champs.comune : ce champ n'existe pas ; vouliez-vous dire `commune` ?" in " ".join(erreur.split())


def test_un_fichier_se_lit_comme_il_entrera(tmp_path: Path) -> None:
    document, liste = tmp_path / "doc.yaml", tmp_path / "liste.csv"
    document.write_text(DOCUMENT, encoding="utf-8")
    liste.write_text("Intitule;Ville;Note\nEspace A;Grenoble;x\nESPACE A;Grenoble;\n;Lyon;y\n", encoding="utf-8")
    code, sortie, _ = _lancer(str(document), str(liste), "--format", "json")
    assert code == 0
    lu = json.loads(sortie)
    assert lu["lignes"] == {"lues": 3, "lieux": 1, "rejetees": 1, "regroupees": 1}
    assert lu["colonnes_non_lues"] == {"Note": 2}
    assert (lu["lieux"][0]["code_insee"], lu["lieux"][0]["origines"]) == ("38185", {"services": "defaut"})


def test_une_colonne_absente_est_dite(tmp_path: Path) -> None:
    document, liste = tmp_path / "doc.yaml", tmp_path / "liste.csv"
    document.write_text(DOCUMENT, encoding="utf-8")
    liste.write_text("Intitule;Commune\nEspace A;Grenoble\n", encoding="utf-8")
    code, _, erreur = _lancer(str(document), str(liste))
    assert code == 1
    assert "champs.commune : colonne absente (« Ville »)" in " ".join(erreur.split())
