"""Proposing a mapping by the API and on the command line: who may, what comes back, what is left behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from annuaire import cli
from annuaire.correspondances.document import lire_correspondance, lire_texte
from annuaire.synchronisation.lecteurs import CSV, JSON, ODS, Devine
from annuaire.synchronisation.proposer import a_retenir
from httpx import Response
from socle.acces.principal import ANONYME, Principal
from typer.testing import CliRunner

from tests.fabriques.annuaire import ADMIN, ECRIVAIN, ETRANGER, SANS_PORTEE, Annuaire
from tests.fabriques.opendocument import ods, tableau

LISTE = [
    ["Dénomination", "Voie", "CP", "Ville", "Tél.", "Fax"],
    ["Cyber-base fictive", "3 rue des Tilleuls", "38000", "Grenoble", "01 99 00 12 34", "01 99 00 99 99"],
    ["Médiathèque fictive", "1 place du Marché", "21000", "Dijon", "01 99 00 12 35", ""],
]
CSV_DE_LISTE = "\n".join(";".join(ligne) for ligne in LISTE).encode("cp1252")


async def demander(
    annuaire: Annuaire, source: str, contenu: bytes, *, type_mime: str = CSV, qui: Principal | None = ECRIVAIN
) -> Response:
    return await annuaire.client.post(
        f"/annuaire/v1/sources/{source}/correspondances:proposer",
        content=contenu,
        headers={**annuaire.entetes(qui, ecriture=True), "Content-Type": type_mime},
    )


@pytest.mark.anyio
@pytest.mark.parametrize(("qui", "statut"), [(None, 401), (ANONYME, 401), (SANS_PORTEE, 403), (ETRANGER, 403)])
async def test_proposer_demande_une_cle_de_cette_source(annuaire: Annuaire, qui: Principal | None, statut: int) -> None:
    source = await annuaire.creer_source()
    reponse = await demander(annuaire, source, CSV_DE_LISTE, qui=qui)
    assert (reponse.status_code, reponse.headers["content-type"]) == (statut, "application/problem+json")


@pytest.mark.anyio
async def test_une_source_inconnue_n_a_pas_de_proposition(annuaire: Annuaire) -> None:
    reponse = await demander(annuaire, "source-inconnue", CSV_DE_LISTE, qui=ADMIN)
    assert (reponse.status_code, reponse.json()["type"].rpartition("/")[2]) == (404, "source-inconnue")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("type_mime", "contenu"), [(CSV, CSV_DE_LISTE), (ODS, ods(tableau(LISTE)))], ids=["csv", "ods"]
)
async def test_la_proposition_se_relit_et_dit_ce_qu_elle_laisse(
    annuaire: Annuaire, type_mime: str, contenu: bytes
) -> None:
    source = await annuaire.creer_source()
    reponse = await demander(annuaire, source, contenu, type_mime=type_mime)
    assert reponse.status_code == 200, reponse.text
    lue = reponse.json()
    assert lue["document"]["champs"] == {
        "nom": "Dénomination", "commune": "Ville", "code_postal": "CP", "adresse": "Voie", "telephone": "Tél.",
    }  # fmt: skip
    assert lire_texte(lue["yaml"].encode()) == lire_correspondance(lue["document"])
    assert (lue["colonnes_non_lues"], lue["lignes"], lue["devine"]["ligne_entetes"]) == (["Fax"], 2, 1)
    assert set(lue["confiances"]) >= set(lue["document"]["champs"])


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("contenu", "type_mime", "statut", "code"),
    [
        (b"<!DOCTYPE html><html><body>Connexion</body></html>", CSV, 422, "html-au-lieu-de-donnees"),
        (b"", CSV, 422, "fichier-vide"),
        (b"nom;ville", CSV, 422, "fichier-vide"),
        (b"[[", JSON, 422, "json-invalide"),
        (b"x", "image/png", 415, "type-de-liste-refuse"),
    ],
)
async def test_un_fichier_illisible_est_refuse_et_ne_laisse_rien(
    annuaire: Annuaire, contenu: bytes, type_mime: str, statut: int, code: str
) -> None:
    source = await annuaire.creer_source()
    avant = set(annuaire.contexte.depots.iterdir())
    reponse = await demander(annuaire, source, contenu, type_mime=type_mime)
    assert (reponse.status_code, reponse.json()["type"].rpartition("/")[2]) == (statut, code)
    assert set(annuaire.contexte.depots.iterdir()) <= avant


@pytest.mark.anyio
async def test_proposer_ne_change_ni_la_source_ni_ses_synchronisations(annuaire: Annuaire) -> None:
    source = await annuaire.creer_source()
    avant = (await annuaire.get(f"/sources/{source}", qui=ADMIN)).json()
    await demander(annuaire, source, CSV_DE_LISTE)
    assert (await annuaire.get(f"/sources/{source}", qui=ADMIN)).json() == avant
    assert await annuaire.tous(f"/sources/{source}/synchronisations", qui=ADMIN) == []


@pytest.fixture
def fichier(tmp_path: Path) -> Path:
    """A list in no standard."""
    fichier = tmp_path / "lieux.csv"
    fichier.write_bytes(CSV_DE_LISTE)
    return fichier


def test_la_commande_n_ecrit_que_le_document(fichier: Path) -> None:
    sortie = CliRunner().invoke(cli.app, ["correspondance", "proposer", str(fichier)])
    assert sortie.exit_code == 0, sortie.output
    yaml = lire_texte(sortie.stdout.encode())
    sortie = CliRunner().invoke(cli.app, ["correspondance", "proposer", str(fichier), "--format", "json"])
    assert lire_correspondance(json.loads(sortie.stdout)) == yaml


@pytest.mark.parametrize("nom", ["page.csv", "liste.png"])
def test_la_commande_refuse_sur_la_sortie_d_erreur(tmp_path: Path, nom: str) -> None:
    fichier = tmp_path / nom
    fichier.write_bytes(b"<html><body>Connexion</body></html>")
    sortie = CliRunner().invoke(cli.app, ["correspondance", "proposer", str(fichier)])
    assert (sortie.exit_code, sortie.stdout) == (1, "")
    assert "Refusé" in sortie.stderr


@pytest.mark.parametrize(
    ("devine", "retenu"),
    [
        (Devine(format="csv", ligne_entetes=1), {}),
        (
            Devine(format="xlsx", ligne_entetes=3, feuille="B", feuilles=["A", "B"]),
            {"feuille": "B", "ligne_entetes": 3},
        ),
        (Devine(format="json", cle_json="data.lieux"), {"cle_json": "data.lieux"}),
    ],
)
def test_ce_qui_a_ete_devine_du_fichier_est_retenu(devine: Devine, retenu: dict[str, Any]) -> None:
    assert a_retenir(devine.en_dict()) == retenu
