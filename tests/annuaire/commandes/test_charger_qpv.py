"""`annuaire territoires charger-qpv` against a scripted API: what is sent, what is told."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from annuaire import cli
from annuaire.commandes.distant import Distant
from socle.web.client import MockTransport, Request, Response, creer_client_synchrone
from typer.testing import CliRunner, Result

BILAN = {
    "ajoutes": 2,
    "modifies": 0,
    "retires": 1,
    "inchanges": 5,
    "version": 3,
    "avertissements": ["QN05101X : lettre"],
}


@pytest.fixture
def recues() -> list[Request]:
    return []


def lancer(monkeypatch: pytest.MonkeyPatch, recues: list[Request], reponse: Response, *arguments: str) -> Result:
    def repondre(requete: Request) -> Response:
        requete.read()
        recues.append(requete)
        return reponse

    def relier(url: str, cle: str | None) -> Distant:
        client = creer_client_synchrone(url, transport=MockTransport(repondre))
        return Distant(client, pause=lambda _s: None)

    monkeypatch.setattr(cli, "_distant", relier)
    return CliRunner(env={"COLUMNS": "200"}).invoke(cli.app, ["territoires", "charger-qpv", *arguments])


@pytest.mark.parametrize(
    ("nom", "type_mime"), [("qpv.geojson", "application/geo+json"), ("qpv.geojson.gz", "application/gzip")]
)
def test_le_fichier_part_tel_quel_avec_son_origine_et_le_bilan_est_dit(
    monkeypatch: pytest.MonkeyPatch, recues: list[Request], tmp_path: Path, nom: str, type_mime: str
) -> None:
    fichier = tmp_path / nom
    fichier.write_bytes(gzip.compress(b"{}") if nom.endswith("gz") else b"{}")
    fin = lancer(
        monkeypatch, recues, Response(200, json=BILAN), str(fichier), "--licence", "LO 2.0", "--millesime", "2025"
    )
    assert fin.exit_code == 0, fin.output
    (envoi,) = recues
    assert (envoi.method, envoi.url.path) == ("PUT", "/annuaire/v1/territoires/qpv")
    assert dict(envoi.url.params) == {"source": "ANCT", "licence": "LO 2.0", "millesime": "2025"}
    assert envoi.headers["content-type"] == type_mime
    assert envoi.content == fichier.read_bytes()
    assert "2 ajoutés, 0 modifiés, 1 retirés, 5 inchangés" in fin.output
    assert "QN05101X : lettre" in fin.output


def test_un_refus_dit_la_place_de_chaque_faute(
    monkeypatch: pytest.MonkeyPatch, recues: list[Request], tmp_path: Path
) -> None:
    fichier = tmp_path / "qpv.geojson"
    fichier.write_bytes(b"{}")
    faute = {"pointer": "/features/3/properties", "code": "code-2015", "detail": "QP051001 est un code de 2015"}
    probleme = {"title": "Cette couche ne peut pas être lue", "detail": "Une faute.", "erreurs": [faute]}
    fin = lancer(monkeypatch, recues, Response(422, json=probleme), str(fichier))
    assert fin.exit_code == 1
    assert "/features/3/properties : QP051001 est un code de 2015" in fin.output
