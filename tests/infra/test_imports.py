"""The import contracts hold, and each is seen breaking on a copy of the code with one bad import."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RACINE = Path(__file__).parents[2]
SOURCES = (
    "socle/src",
    "services/annuaire/src",
    "services/coordination/src",
    "services/financement/src",
    "gateway/src",
)

MAUVAIS_IMPORTS = {
    "services": ("coordination/__init__.py", "import financement"),
    "socle": ("socle/errors.py", "import annuaire"),
    "contrats": ("socle/contrats/__init__.py", "import sqlalchemy"),
    "etages": ("annuaire/territoires/rules.py", "import annuaire.lieux"),
    "regles": ("annuaire/structures/rules.py", "import os"),
    "httpx": ("gateway/__init__.py", "import httpx"),
    "aiohttp": ("annuaire/lieux/__init__.py", "import aiohttp"),
    "pilotes": ("annuaire/lieux/__init__.py", "import asyncpg"),
    "redis": ("gateway/__init__.py", "import redis"),
    "meilisearch": ("annuaire/recherche/aiguillage.py", "import meilisearch"),
}
"""By contract: the file that a careless hand would change, and what it would write there."""


def contrats() -> dict[str, str]:
    config = configparser.ConfigParser()
    config.read(RACINE / ".importlinter")
    prefixe = "importlinter:contract:"
    return {s.removeprefix(prefixe): config[s]["name"] for s in config.sections() if s.startswith(prefixe)}


def verdicts(racine: Path) -> dict[str, str]:
    """Run the linter on the packages found under `racine`; give KEPT or BROKEN by contract name."""
    commande = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    fin = subprocess.run(
        [sys.executable, "-c", commande],
        cwd=racine,
        env={"PYTHONPATH": ":".join(str(racine / dossier) for dossier in SOURCES), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return dict(re.findall(r"^(.+?) (KEPT|BROKEN)", fin.stdout, re.MULTILINE))


@pytest.fixture
def copie(tmp_path: Path) -> Path:
    for dossier in SOURCES:
        shutil.copytree(RACINE / dossier, tmp_path / dossier, ignore=shutil.ignore_patterns("__pycache__", "*.xz"))
    shutil.copy(RACINE / ".importlinter", tmp_path)
    return tmp_path


def test_chaque_contrat_a_son_mauvais_import() -> None:
    assert contrats().keys() == MAUVAIS_IMPORTS.keys()


def test_le_code_respecte_tous_les_contrats(copie: Path) -> None:
    assert verdicts(copie) == dict.fromkeys(contrats().values(), "KEPT")


def test_chaque_contrat_voit_son_mauvais_import(copie: Path) -> None:
    for fichier, ligne in MAUVAIS_IMPORTS.values():
        (cible,) = copie.glob(f"**/src/{fichier}")
        cible.write_text(cible.read_text("utf-8") + f"\n{ligne}\n", encoding="utf-8")
    assert verdicts(copie) == dict.fromkeys(contrats().values(), "BROKEN")
