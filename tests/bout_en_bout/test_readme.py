"""The tour of the README, run block by block against a launched Maillage."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fabriques.maillage import RACINE, Maillage

BLOC = re.compile(r"^```(sh|json|text)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Pas:
    """A command of the tour and the answer that the README shows for it, if it shows one."""

    commande: str
    langue: str | None
    montre: str


def visite() -> list[Pas]:
    section = (RACINE / "README.md").read_text("utf-8").split("## Five-minute tour")[1].split("\n## ")[0]
    blocs = BLOC.findall(section)
    pas: list[Pas] = []
    for rang, (langue, texte) in enumerate(blocs):
        if langue == "sh":
            suite = blocs[rang + 1] if rang + 1 < len(blocs) and blocs[rang + 1][0] != "sh" else (None, "")
            pas.append(Pas(texte.strip(), *suite))
    return pas


@pytest.fixture(scope="module")
def clone(maillage: Maillage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the README takes for granted: a clone with its `.venv` and its `var`."""
    dossier = tmp_path_factory.mktemp("clone")
    (dossier / ".venv").symlink_to(Path(sys.prefix))
    (dossier / "var").symlink_to(maillage.donnees)
    shutil.copytree(RACINE / "docs" / "exemples", dossier / "docs" / "exemples")
    return dossier


def executer(commande: str, maillage: Maillage, clone: Path) -> str:
    environnement = {"PATH": "/usr/bin:/bin", "MAILLAGE_URL": maillage.adresse, "COLUMNS": "200", "LANG": "C.UTF-8"}
    fin = subprocess.run(
        ["/bin/sh", "-ec", commande.replace("http://127.0.0.1:8000", maillage.adresse)],
        cwd=clone,
        env=environnement,
        capture_output=True,
        text=True,
        check=False,
    )
    assert fin.returncode == 0, fin.stderr
    return fin.stdout


def contient(reel: Any, montre: Any, place: str = "$") -> None:
    """Assert that an answer holds what is shown: objects may have more members, lists more elements."""
    if isinstance(montre, dict):
        for cle, valeur in montre.items():
            assert cle in reel, f"{place}.{cle}"
            contient(reel[cle], valeur, f"{place}.{cle}")
    elif isinstance(montre, list):
        assert len(reel) >= len(montre), place
        for rang, valeur in enumerate(montre):
            contient(reel[rang], valeur, f"{place}[{rang}]")
    else:
        assert reel == montre, place


def sans_espaces(texte: str) -> str:
    return " ".join(texte.split())


@pytest.mark.skipif(shutil.which("curl") is None, reason="la visite se fait avec curl")
def test_la_visite_du_readme_donne_les_reponses_montrees(maillage: Maillage, clone: Path) -> None:
    for pas in visite():
        sortie = executer(pas.commande, maillage, clone)
        if pas.langue == "json":
            contient(json.loads(sortie), json.loads(pas.montre), pas.commande)
        else:
            assert sortie.strip(), pas.commande
            for ligne in pas.montre.strip().splitlines():
                assert sans_espaces(ligne) in sans_espaces(sortie), pas.commande


def test_la_visite_montre_au_moins_dix_commandes() -> None:
    assert len(visite()) >= 10


def test_chaque_lien_du_readme_mene_a_un_fichier() -> None:
    for document in (RACINE / "README.md", RACINE / "CONTRIBUTING.md", *(RACINE / "docs").rglob("*.md")):
        for lien in re.findall(r"\]\(([^)#]+)", document.read_text("utf-8")):
            if not lien.startswith("http"):
                assert (document.parent / lien).exists(), f"{document.name} : {lien}"
