"""Judging an engine from the command line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from annuaire.cli import app
from typer.testing import CliRunner

from tests.fabriques.faux_meilisearch import FauxMeilisearch

FICHES = [
    {"id": 7, "nom": "Médiathèque des Tilleuls", "commune": "Bourg-fictif", "type": "Médiathèque", "services": []},
    {"id": "b", "nom": "Mairie", "commune": "Ville-Neuve", "type": "Mairie", "_geo": {"lat": 46.0, "lng": 2.0}},
    {"id": "c", "nom": "Médiathèque cachée", "commune": "Ville-Neuve", "visible": False},
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    chemin = tmp_path / "corpus.jsonl.gz"
    with gzip.open(chemin, "wt", encoding="utf-8") as flux:
        flux.writelines(json.dumps(fiche) + "\n" for fiche in FICHES)
    return chemin


def _evaluer(corpus: Path, requetes: Path) -> tuple[int, str]:
    resultat = CliRunner().invoke(app, ["recherche", "evaluer", "--corpus", str(corpus), "--requetes", str(requetes)])
    return resultat.exit_code, resultat.output


def test_l_evaluation_rend_les_identifiants_tels_qu_ils_sont_ecrits(corpus: Path, tmp_path: Path) -> None:
    requetes = tmp_path / "requetes.json"
    questions = [{"id": "q1", "q": "mediateque tilleul"}, {"id": "q2", "q": "mairie"}, {"id": "q3", "q": "zzz"}]
    requetes.write_text(json.dumps({"queries": questions}), "utf-8")
    code, sortie = _evaluer(corpus, requetes)
    assert code == 0
    assert json.loads(sortie) == {"q1": [7], "q2": ["b"], "q3": []}


def test_un_fichier_illisible_est_dit_avec_sa_ligne(corpus: Path, tmp_path: Path) -> None:
    requetes = tmp_path / "requetes.json"
    requetes.write_text("[]", "utf-8")
    assert _evaluer(corpus, requetes)[0] == 1
    requetes.write_text('{"queries": []}', "utf-8")
    abime = tmp_path / "abime.jsonl"
    abime.write_text('{"id": 1, "nom": "a"}\n{"nom": "sans id"}\n', "utf-8")
    code, sortie = _evaluer(abime, requetes)
    assert code == 1
    assert "ligne 2" in sortie


def test_un_meilisearch_se_juge_de_meme_et_rien_n_y_reste(corpus: Path, tmp_path: Path) -> None:
    requetes = tmp_path / "requetes.json"
    questions = [{"id": "q1", "q": "mediateque tilleuls"}, {"id": "q2", "q": "mairie"}, {"id": "q3", "q": "zzz"}]
    requetes.write_text(json.dumps({"queries": questions}), "utf-8")
    with FauxMeilisearch() as faux:
        options = ["--corpus", str(corpus), "--requetes", str(requetes), "--moteur", "meilisearch"]
        resultat = CliRunner().invoke(
            app, ["recherche", "evaluer", *options], env={"MEILI_URL": faux.url, "MEILI_MASTER_KEY": faux.maitresse}
        )
        assert resultat.exit_code == 0, resultat.output
        assert json.loads(resultat.output) == {"q1": [7], "q2": ["b"], "q3": []}
        assert not faux.instance.indices
        assert not faux.instance.cles
        mauvaise = CliRunner().invoke(
            app, ["recherche", "evaluer", *options], env={"MEILI_URL": faux.url, "MEILI_MASTER_KEY": "autre"}
        )
        assert mauvaise.exit_code == 1
    sans = CliRunner().invoke(app, ["recherche", "evaluer", *options], env={"MEILI_URL": "", "MEILI_MASTER_KEY": ""})
    assert sans.exit_code == 1
    assert "MEILI_URL" in sans.output
