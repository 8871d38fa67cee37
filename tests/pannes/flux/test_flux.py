"""Nothing is missed and nothing is out of order, however many write at once and wherever they stop."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.fabriques.ecrivains import Epreuve, Verdict


@pytest.fixture
def mener(url_base: str, tmp_path: Path) -> Mener:
    return Mener(url_base, tmp_path / "flux")


class Mener:
    """Runs a trial in its own processes, prints its figures and returns its verdict."""

    def __init__(self, url: str, dossier: Path) -> None:
        self._url, self._dossier = url, dossier

    def __call__(self, **reglages: float) -> Verdict:
        self._dossier.mkdir()
        epreuve = Epreuve(url=self._url, dossier=str(self._dossier), **reglages)
        commande = [sys.executable, "-m", "tests.fabriques.ecrivains", json.dumps(asdict(epreuve))]
        chemins = os.pathsep.join(chemin for chemin in sys.path if chemin)
        racine = Path(__file__).parents[3]
        fini = subprocess.run(
            commande, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": chemins}, cwd=racine
        )
        assert fini.returncode == 0, fini.stderr
        verdict = Verdict(**json.loads(fini.stdout))
        genre = self._url.split(":", 1)[0]
        suite = " (suite simple)" if epreuve.sequence else ""
        print(
            f"\nflux {genre}{suite} : {epreuve.ecrivains} écrivains, {verdict.transactions} transactions, "
            f"{verdict.changements} changements, {verdict.lus} lus par {epreuve.lecteurs} lecteurs, "
            f"{verdict.manquees} manqués, {verdict.desordres + verdict.reculs} en désordre, {verdict.secondes} s"
        )
        return verdict


def verifier(verdict: Verdict, transactions: int) -> None:
    assert verdict.echecs == []
    assert verdict.transactions == transactions
    assert (verdict.manquees, verdict.desordres, verdict.reculs) == (0, 0, 0)
    assert verdict.lus > 0


def test_seize_ecrivains_rien_de_manque_rien_en_desordre(mener: Mener) -> None:
    verifier(mener(transactions=128, lignes=60), 128)


def test_des_ecrivains_tues_avant_leur_commit_ne_laissent_pas_de_trou(mener: Mener) -> None:
    verdict = mener(transactions=48, ecrivains=8, lecteurs=2, tues=4, lignes=20)
    # those killed had done 3 of their 6 transactions
    verifier(verdict, 48 - 4 * 3)


def test_une_suite_simple_a_la_place_du_compteur_perd_des_changements(mener: Mener) -> None:
    verdict = mener(transactions=112, sequence=True)
    assert verdict.echecs == []
    assert verdict.manquees > 0
    assert verdict.desordres > 0


@pytest.mark.epreuve
def test_cinq_mille_transactions(mener: Mener) -> None:
    verifier(mener(transactions=5008, graine=1), 5008)


@pytest.mark.epreuve
def test_cinq_mille_transactions_avec_une_suite_simple(mener: Mener) -> None:
    verdict = mener(transactions=5008, graine=1, sequence=True)
    assert verdict.manquees > 0


@pytest.mark.epreuve
def test_un_million_de_changements(mener: Mener) -> None:
    verdict = mener(transactions=20_000, graine=2)
    verifier(verdict, 20_000)
    assert verdict.changements >= 1_000_000
