"""Faults put into clean lists at known lines: each is told at its line, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from annuaire.demonstration.__main__ import listes_du_standard
from annuaire.demonstration.generateur import engendrer
from annuaire.standard.colonnes import COLONNES, reconnaitre_entetes
from annuaire.standard.ecriture import ligne_standard
from annuaire.standard.lecture import lire
from annuaire.territoires.referentiel import Referentiel

from tests.annuaire.standard.mutations import juge
from tests.annuaire.standard.mutations.juge import Bilan, juger, rapporter
from tests.annuaire.standard.mutations.operateurs import OPERATEURS, Table
from tests.fabriques.maillage import RACINE

LIGNES = 60
FICHIERS = 500
FAUSSES_ADMISES = 0.005
GUIDE = RACINE / "docs" / "guides" / "defauts-injectes.md"
#: Lists of the standard that are rich enough to be damaged; their accepted rows are exported, then damaged.
REELLES = ("cnfs-v0.json", "hub-du-sud-v1-partiel.json", "hinaura-v0.json", "charente-v1-partiel.json")


def _table(rangees: list[dict[str, str]]) -> Table:
    """A table of one physical line a row."""
    une_ligne = [{c: " ".join(str(r.get(c, "") or "").split()) for c in COLONNES} for r in rangees]
    return Table(list(COLONNES), une_ligne)


@pytest.fixture(scope="module")
def demonstration() -> list[dict[str, str]]:
    """The fictional list, as rows of the standard."""
    lignes = engendrer(Referentiel.charger().communes(), listes_du_standard(), nombre=1500)
    return [{colonne: str(valeur) for colonne, valeur in ligne.items()} for ligne in lignes]


def _exporter(chemin: Path) -> list[dict[str, str]]:
    """The accepted rows of a real list, written back at the standard."""
    lignes: list[dict[str, Any]] = json.loads(chemin.read_text("utf-8"))
    entetes = reconnaitre_entetes(list(dict.fromkeys(c for ligne in lignes for c in ligne)))
    referentiel = Referentiel.charger()
    lues = (lire(r, entetes=entetes, referentiel=referentiel, aujourd_hui=date(2026, 11, 24)) for r in lignes)
    return [ligne_standard({"id": lu.cle, **lu.normalise.en_dict()}) for lu in lues if lu.normalise]


def _extraits(rangees: list[dict[str, str]], hasard: Random) -> Iterator[Table]:
    """Endless extracts of a list, each of `LIGNES` rows in their order."""
    while True:
        debut = hasard.randrange(max(1, len(rangees) - LIGNES))
        yield _table(rangees[debut : debut + LIGNES])


def _deja(table: Table, dossier: Path) -> frozenset[juge.Dit]:
    chemin = dossier / "saine.csv"
    chemin.write_text("\n".join((*table.ecrire(), "")), "utf-8")
    return frozenset(rapporter(chemin)[0])


def _eprouver(extraits: Iterator[Table], fichiers: int, dossier: Path, hasard: Random, bilan: Bilan) -> None:
    """Damage `fichiers` extracts, each operator in its turn; one that finds nothing to damage tries the next."""
    rang, voulus = 0, bilan.fichiers + fichiers
    while bilan.fichiers < voulus:
        saine = next(extraits)
        juger(saine, OPERATEURS[rang % len(OPERATEURS)], hasard, dossier, bilan, deja=_deja(saine, dossier))
        rang += 1


@pytest.mark.parametrize("operateur", OPERATEURS, ids=lambda o: o.nom)
def test_un_defaut_injecte_est_dit_a_sa_ligne(
    operateur: Any, demonstration: list[dict[str, str]], tmp_path: Path
) -> None:
    hasard = Random(operateur.nom)
    bilan = Bilan()
    for saine in _extraits(demonstration, hasard):
        juger(saine, operateur, hasard, tmp_path, bilan, deja=_deja(saine, tmp_path))
        if bilan.fichiers:
            break
    assert bilan.manquees == []
    assert bilan.dites == bilan.injectees > 0
    assert bilan.fausses <= FAUSSES_ADMISES * bilan.cases


def test_un_defaut_qu_on_ne_dit_plus_est_vu(
    demonstration: list[dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annuaire.territoires.resolution import _Lecture

    monkeypatch.setattr(_Lecture, "_verifier_point", lambda self, commune: None)
    operateur = next(o for o in OPERATEURS if o.nom == "point-d-ailleurs")
    bilan = Bilan()
    saine = _table(demonstration[:LIGNES])
    juger(saine, operateur, Random(1), tmp_path, bilan, deja=_deja(saine, tmp_path))
    assert bilan.dites < bilan.injectees
    assert len(bilan.manquees) == bilan.injectees - bilan.dites


def test_la_table_des_defauts_est_publiee() -> None:
    table = "\n".join(f"| `{o.nom}` | {o.quoi} |" for o in OPERATEURS)
    assert table in GUIDE.read_text("utf-8")


@pytest.mark.epreuve
@pytest.mark.donnees_reelles
def test_cinq_cents_listes_abimees_disent_chaque_defaut_a_sa_ligne(
    jeux: Path, demonstration: list[dict[str, str]], tmp_path: Path
) -> None:
    hasard = Random(2026)
    listes = {"démonstration": demonstration} | {nom: _exporter(jeux / "standard" / nom) for nom in REELLES}
    total = Bilan()
    for nom, rangees in listes.items():
        bilan = Bilan()
        _eprouver(_extraits(rangees, hasard), FICHIERS // len(listes), tmp_path, hasard, bilan)
        print(f"\n{nom} : {bilan}")
        for manquee in bilan.manquees[:20]:
            print("   manqué :", manquee)
        total.fichiers += bilan.fichiers
        total.injectees += bilan.injectees
        total.dites += bilan.dites
        total.cases += bilan.cases
        total.fausses += bilan.fausses
        total.manquees += bilan.manquees
    print(f"\nensemble : {total}")
    assert total.fichiers >= FICHIERS
    assert total.manquees == []
    assert total.fausses <= FAUSSES_ADMISES * total.cases
