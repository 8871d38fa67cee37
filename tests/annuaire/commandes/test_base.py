"""Commands that open the database: done, or a clear refusal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from annuaire import cli
from annuaire.migrations import DOSSIER
from socle.donnees import feed
from socle.donnees.db import Database
from socle.donnees.revision import a_jour
from typer.testing import CliRunner


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MAILLAGE_DONNEES", str(tmp_path))
    monkeypatch.delenv("ANNUAIRE_BASE_URL", raising=False)
    return f"sqlite:{tmp_path / 'annuaire.db'}"


def test_la_commande_met_la_base_a_jour(url: str) -> None:
    async def verifier() -> bool:
        base = Database(url)
        try:
            return await a_jour(base, DOSSIER)
        finally:
            await base.fermer()

    assert CliRunner().invoke(cli.app, ["migrer"]).exit_code == 0
    assert asyncio.run(verifier())


def test_la_commande_refuse_tant_qu_un_annuaire_tient_la_base(url: str) -> None:
    base = Database(url)
    base.prendre_propriete()
    resultat = CliRunner().invoke(cli.app, ["migrer"])
    assert resultat.exit_code == 1
    assert "déjà ouverte par un autre processus" in resultat.stderr


def test_une_restauration_declaree_ouvre_une_epoque_du_flux(url: str) -> None:
    async def numero() -> int:
        base = Database(url)
        try:
            async with base.read() as session:
                return await feed.dernier_numero(session)
        finally:
            await base.fermer()

    assert CliRunner().invoke(cli.app, ["migrer"]).exit_code == 0
    avant = asyncio.run(numero())
    premiere = CliRunner().invoke(cli.app, ["declarer-restauration"])
    assert (premiere.exit_code, "Époque 1 ouverte" in premiere.output) == (0, True)
    assert asyncio.run(numero()) == avant + feed.EPOQUE
    # an older backup, from before that declaration, must not take the same epoch again
    seconde = CliRunner().invoke(cli.app, ["declarer-restauration", "--au-moins", "7"])
    assert "Époque 8 ouverte" in seconde.output


def test_une_restauration_ne_se_declare_pas_sur_une_base_tenue(url: str) -> None:
    base = Database(url)
    base.prendre_propriete()
    resultat = CliRunner().invoke(cli.app, ["declarer-restauration"])
    assert resultat.exit_code == 1
    assert "déjà ouverte par un autre processus" in resultat.stderr
