"""The command line of the keys, with the gateway stopped and running."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from gateway.cli import app
from gateway.keys import rules
from socle.donnees.db import Database
from typer.testing import CliRunner, Result

from tests.fabriques.passerelle import Echo, composer
from tests.fabriques.services import servir


@pytest.fixture(autouse=True)
def _ici(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILLAGE_DONNEES", str(tmp_path))
    for nom in ("MAILLAGE_CLE", "MAILLAGE_URL", "GATEWAY_BASE_URL"):
        monkeypatch.delenv(nom, raising=False)


def lancer(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_la_cle_est_seule_sur_la_derniere_ligne() -> None:
    resultat = lancer("cle", "creer", "--nom", "Hub", "--portees", "lecture,sync:write", "--source", "hub-a")
    assert resultat.exit_code == 0, resultat.output
    assert rules.lire(resultat.output.splitlines()[-1]) is not None


def test_une_cle_creee_se_liste_puis_se_revoque() -> None:
    ident = lancer("cle", "creer", "--nom", "Hub").output.splitlines()[-1].split("_")[2]
    assert ident in lancer("cle", "lister").output
    assert lancer("cle", "revoquer", ident).exit_code == 0
    assert "révoquée" in lancer("cle", "lister").output


def test_une_cle_publiable_se_cree_et_se_voit_dans_la_liste() -> None:
    texte = lancer("cle", "creer", "--publiable", "--nom", "Carte").output.splitlines()[-1]
    lue = rules.lire(texte)
    assert lue is not None
    assert lue.publiable
    (ligne,) = [ligne for ligne in lancer("cle", "lister").output.splitlines() if lue.id in ligne]
    assert "publiable" in ligne


@pytest.mark.parametrize(
    "arguments",
    [
        ("creer", "--nom", "Carte", "--publiable", "--portees", "lecture"),
        ("creer", "--nom", "Hub", "--jours", "367"),
        ("creer", "--nom", "Hub", "--portees", "tout"),
        ("creer", "--nom", " ", "--portees", "lecture"),
        ("revoquer", "inconnue"),
    ],
)
def test_un_refus_est_une_phrase_et_un_code(arguments: tuple[str, ...]) -> None:
    resultat = lancer("cle", *arguments)
    assert resultat.exit_code == 1
    assert "Traceback" not in resultat.output
    assert resultat.stderr.strip()


def test_migrer_refuse_clairement_quand_la_base_est_tenue(tmp_path: Path) -> None:
    assert lancer("migrer").exit_code == 0
    tenante = Database(f"sqlite:{tmp_path / 'gateway.db'}")
    tenante.prendre_propriete()
    try:
        resultat = lancer("migrer")
    finally:
        asyncio.run(tenante.fermer())
    assert resultat.exit_code == 1
    assert "déjà ouverte" in resultat.stderr


@pytest.mark.anyio
async def test_pendant_que_la_passerelle_tourne_on_passe_par_elle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with servir(composer(tmp_path, {"annuaire": Echo()})) as adresse:
        monkeypatch.setenv("MAILLAGE_URL", adresse)
        creee = await asyncio.to_thread(lancer, "cle", "creer", "--nom", "Hub")
        assert creee.exit_code == 0, creee.output
        ident = creee.output.splitlines()[-1].split("_")[2]
        assert ident in (await asyncio.to_thread(lancer, "cle", "lister")).output
        assert (await asyncio.to_thread(lancer, "cle", "revoquer", ident)).exit_code == 0
        refus = await asyncio.to_thread(lancer, "cle", "creer", "--nom", "Hub", "--portees", "tout")
        assert (refus.exit_code, "Portée inconnue" in refus.stderr) == (1, True)


@pytest.mark.anyio
async def test_sans_cle_la_passerelle_qui_tourne_est_nommee(tmp_path: Path) -> None:
    async with servir(composer(tmp_path, {"annuaire": Echo()}, MAILLAGE_DEMONSTRATION=False)):
        refus = await asyncio.to_thread(lancer, "cle", "lister")
    assert refus.exit_code == 1
    assert "MAILLAGE_CLE" in refus.stderr
